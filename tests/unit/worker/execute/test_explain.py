"""Every way a program can fail ends in one sentence that names the cause."""

from __future__ import annotations

import pytest

from podium.rules.errors import ProgramError
from podium.rules.limits import size
from podium.rules.runs import Program
from podium.sandbox.interface import Ending, Limits, Outcome
from podium.worker.execute import ProgramRun, Role
from podium.worker.execute.explain import failure_of

LIMITS = Limits(wall_s=12.5, memory_bytes=512 << 20, output_bytes=3 << 30, output_entries=77, log_bytes=1 << 20)


def failure(ending: Ending, exit_code: int | None = None, stderr: str = "") -> ProgramError | None:
    run = ProgramRun(Role.PROGRAM, ("./score", "x"), Outcome(ending, exit_code, 1.0), "", stderr)
    return failure_of(run, program=Program.SCORING, limits=LIMITS, runtime="science")


def test_an_exit_with_zero_is_no_failure() -> None:
    assert failure(Ending.EXITED, 0, "Warning: something") is None


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending.TIME_LIMIT, "time limit of 12.5 seconds"),
        (Ending.MEMORY_LIMIT, "512 MiB of memory"),
        (Ending.OUTPUT_LIMIT, "more than 3 GiB or more than 77 files"),
        (Ending.LOG_LIMIT, "1 MiB"),
        (Ending.CANCELLED, "cancelled"),
        (Ending.NOT_FOUND, "no program './score' in the runtime 'science'"),
    ],
)
def test_every_other_ending_names_its_limit(ending: Ending, words: str) -> None:
    failed = failure(ending)
    assert failed is not None
    assert failed.code == ending
    assert failed.message.startswith("The scoring program ")
    assert words in failed.message


@pytest.mark.parametrize(
    ("stderr", "code", "words"),
    [
        ("ModuleNotFoundError: No module named 'torch.nn'", "module-missing", "'torch.nn'"),
        ("/opt/python: No module named tool", "module-missing", "'tool'"),
        ("SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?", "python-2", "Python 2"),
        ("AttributeError: module 'numpy' has no attribute 'float'.", "exit-code", "numpy.float"),
        ("numpy.exceptions.X\nMemoryError: cannot allocate", "memory-limit", "memory"),
        ("Traceback\n  line\nValueError: bad shape\n\n", "exit-code", "exit code 3: ValueError: bad shape"),
        ("", "exit-code", "exit code 3."),
    ],
)
def test_what_the_program_said_last_becomes_the_cause(stderr: str, code: str, words: str) -> None:
    failed = failure(Ending.EXITED, 3, stderr)
    assert failed is not None
    assert failed.code == code
    assert words in failed.message
    assert failed.exit_code == 3
    assert failed.log_tail == stderr


def test_a_module_that_is_only_mentioned_earlier_is_not_the_cause() -> None:
    failed = failure(Ending.EXITED, 1, "No module named 'x', going on without\nKeyError: 'y'\n")
    assert failed is not None
    assert failed.code == "exit-code"
    assert "KeyError: 'y'" in failed.message


def test_a_signal_is_called_by_its_name() -> None:
    failed = failure(Ending.EXITED, 139)  # 128 + 11, SIGSEGV
    assert failed is not None
    assert "SIGSEGV" in failed.message


def test_control_characters_of_a_log_stay_out_of_the_sentence() -> None:
    failed = failure(Ending.EXITED, 1, "\x1b[31mError\x07")
    assert failed is not None
    assert "\x1b" not in failed.message
    assert "\x07" not in failed.message


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(0, "0 bytes"), (1536, "1.5 KiB"), (1 << 20, "1 MiB"), (4 << 30, "4 GiB")]
)
def test_sizes_are_written_in_binary_units(size_bytes: int, text: str) -> None:
    assert size(size_bytes) == text
