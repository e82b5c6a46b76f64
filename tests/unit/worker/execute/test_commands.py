"""Where the command of a program is found and what its variables mean (contract, section 2.5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.rules.errors import ProgramError
from podium.rules.runs import Program
from podium.worker.execute import Role, Step
from podium.worker.execute.commands import argv_of, find_command, require_command, shell_words

EVERY_VARIABLE = "x $input $output $program $ingestion_program $hidden $shared $submission_program $tmp $predictions"


@pytest.mark.parametrize(
    ("role", "step", "during_scoring", "expected"),
    [
        (
            Role.PROGRAM,
            Step.PREDICTION,
            False,
            (
                "/app/input /app/output /app/program /app/program /app/input/ref /app/shared /app/ingested_program "
                "/app/output /app/output"
            ),
        ),
        (
            Role.INGESTION,
            Step.PREDICTION,
            False,
            (
                "/app/input_data /app/output /app/program /app/program /app/input/ref /app/shared "
                "/app/ingested_program /app/output /app/output"
            ),
        ),
        (
            Role.PROGRAM,
            Step.SCORING,
            False,
            (
                "/app/input /app/output /app/program /app/program /app/input/ref /app/shared /app/ingested_program "
                "/app/output /app/input/res"
            ),
        ),
        (
            Role.INGESTION,
            Step.SCORING,
            True,
            (
                "/app/input_data /app/output /app/ingestion_program /app/program /app/input/ref /app/shared "
                "/app/ingested_program /app/output /app/input/res"
            ),
        ),
        (
            Role.PROGRAM,
            Step.PREDICTION,
            True,
            (
                "/app/input /app/output /app/program /app/program /app/input/ref /app/shared /app/ingested_program "
                "/app/output /app/output"
            ),
        ),
    ],
)
def test_variables_become_the_paths_of_the_contract(
    role: Role, step: Step, during_scoring: bool, expected: str
) -> None:
    argv = argv_of(EVERY_VARIABLE, role=role, step=step, ingestion_only_during_scoring=during_scoring)
    assert argv == ("x", *expected.split())


def test_variables_are_replaced_inside_words() -> None:
    argv = argv_of("python $program/score.py --in=$input/res", role=Role.PROGRAM, step=Step.SCORING)
    assert argv == ("python", "/app/program/score.py", "--in=/app/input/res")


def test_quotes_keep_words_together_and_nothing_else_of_a_shell_is_known() -> None:
    argv = argv_of("sh -c 'echo a; echo b' && rm * $HOME", role=Role.PROGRAM, step=Step.SCORING)
    assert argv == ("sh", "-c", "echo a; echo b", "&&", "rm", "*", "$HOME")
    assert shell_words(argv) == ("&&",)


@pytest.mark.parametrize("command", ["python 'score.py", " ", '"'])
def test_a_command_that_has_no_words_is_a_clear_error(command: str) -> None:
    with pytest.raises(ProgramError) as refused:
        argv_of(command, role=Role.PROGRAM, step=Step.SCORING)
    assert refused.value.code == "no-command"


def test_metadata_yaml_comes_before_metadata(tmp_path: Path) -> None:
    (tmp_path / "metadata").write_text("command: old")
    assert find_command(tmp_path).command == "old"
    (tmp_path / "metadata.yaml").write_text("command: new")
    found = find_command(tmp_path)
    assert (found.file, found.command) == ("metadata.yaml", "new")


def test_a_folder_without_metadata_has_neither_file_nor_command(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    found = find_command(tmp_path)
    assert (found.file, found.command) == (None, None)


def test_a_program_without_a_command_is_told_what_its_metadata_lacks(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text("description: nothing to see")
    with pytest.raises(ProgramError, match=r"The scoring program cannot run: its metadata\.yaml has no command") as e:
        require_command(tmp_path, Program.SCORING)
    assert e.value.code == "no-command"


def test_a_metadata_file_one_folder_too_deep_is_pointed_at(tmp_path: Path) -> None:
    (tmp_path / "scoring").mkdir()
    (tmp_path / "scoring" / "metadata").write_text("command: x")
    with pytest.raises(ProgramError, match="'scoring'") as refused:
        require_command(tmp_path, Program.SCORING)
    assert refused.value.code == "no-command"
