"""What a well-behaved program finds in the sandbox, and what is told of it."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.requirements_on_machine import require
from tests.sandboxed import MEBIBYTE, SMALL, Bench, HereBench

from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.bubblewrap.spawner import spawner
from podium.sandbox.interface import Command, Ending, Mount, Outcome
from podium.sandbox.interpreter import interpreter, interpreter_root

pytestmark = pytest.mark.sandbox


def test_exit_code_and_both_streams_arrive(bench: Bench) -> None:
    seen = bench.run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.EXITED, 7)
    assert (seen.stdout, seen.stderr) == (b"out\n", b"err\n")


def test_a_signal_is_told_as_128_and_its_number(bench: Bench) -> None:
    seen = bench.run("import os; os.kill(os.getpid(), 11)")
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.EXITED, 139)


@pytest.mark.parametrize("word", ["no-such-program", "/usr/bin/no-such", "/etc/passwd", "", "with\0zero"])
def test_a_first_word_that_is_no_program_is_not_found(bench: Bench, word: str) -> None:
    seen = bench.run("", argv=[word, "argument"])
    assert seen.outcome.ending is Ending.NOT_FOUND
    assert seen.outcome.exit_code is None


def test_an_exit_code_of_127_is_an_exit_code(bench: Bench) -> None:
    seen = bench.run("raise SystemExit(127)")
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.EXITED, 127)


def test_words_are_never_given_to_a_shell(bench: Bench) -> None:
    words = ["a b", "$HOME", "`id`", ";", "*", "--", "caf\u00e9"]
    seen = bench.run("", argv=[interpreter_inside(bench), "-c", "import sys; print(sys.argv[1:])", *words])
    assert seen.lines == [str(words)]


def interpreter_inside(bench: Bench) -> str:
    return bench.run("import sys; print(sys.executable)").lines[0]


def test_the_environment_is_ours_alone(bench: Bench) -> None:
    seen = bench.run(
        "import os\nfor name in sorted(os.environ): print(name, os.environ[name])",
        replace(SMALL, cpus=1.5),
        environment={"GIVEN": "value", "HOME": "/app"},
    )
    found = dict(line.split(" ", 1) for line in seen.lines)
    assert found.pop("PATH").endswith("/usr/bin:/bin")
    assert found == {
        "GIVEN": "value",
        "HOME": "/app",
        "LANG": "C.UTF-8",
        "MKL_NUM_THREADS": "2",  # 1.5 processors, rounded up
        "NUMEXPR_NUM_THREADS": "2",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "PWD": "/tmp",
        "PYTHONUNBUFFERED": "1",
    }


def test_folders_and_single_files_are_seen_where_they_were_mounted(bench: Bench) -> None:
    data = bench.folder("data")
    (data / "truth").write_text("in a folder")
    facts = bench.folder("facts") / "metadata"
    facts.write_text("a file")
    mounts = [
        Mount(data, "/app/input/ref"),
        Mount(facts, "/app/input/metadata"),
    ]
    seen = bench.run(
        """
print(open("/app/input/ref/truth").read(), open("/app/input/metadata").read())
""",
        mounts=mounts,
    )
    assert seen.lines == ["in a folder a file"]


def test_a_copied_program_can_write_beside_itself_but_not_without_end(bench: Bench) -> None:
    program = bench.folder("program")
    (program / "package").mkdir()
    (program / "package" / "module.py").write_bytes(bytes(100_000))
    (program / "tool.sh").write_text("#!/bin/sh\necho tool\n")
    (program / "tool.sh").chmod(0o700)
    bench.own(program)
    seen = bench.run(
        """
import os, subprocess
os.chdir("/app/program")
print(subprocess.run(["./tool.sh"], capture_output=True).stdout)
open("package/module.py", "w").write("changed")
open("beside", "w").write("new")
try:
    with open("huge", "wb", buffering=0) as file:
        for _ in range(8): file.write(bytes(1 << 20))
except OSError as error: print(error.errno)
""",
        mounts=[Mount(program, "/app/program", copied=True)],
    )
    assert seen.lines == ["b'tool\\n'", "28"]  # ENOSPC
    assert sorted(path.name for path in program.iterdir()) == ["package", "tool.sh"]
    assert (program / "package" / "module.py").read_bytes() == bytes(100_000)


def test_output_is_copied_with_plain_rights(bench: Bench) -> None:
    seen = bench.run(
        """
import os
os.makedirs("/app/output/folder"); open("/app/output/folder/a", "w").write("1"); open("/app/output/b", "w").write("2")
os.chmod("/app/output/b", 0o777)
"""
    )
    assert list(seen.outcome.collected) == ["b", "folder/a"]
    assert (seen.folder / "folder/a").read_text() == "1"
    assert stat.S_IMODE((seen.folder / "b").stat().st_mode) == 0o600
    assert stat.S_IMODE((seen.folder / "folder").stat().st_mode) == 0o700


def test_what_one_run_left_can_be_the_input_of_the_next(bench: Bench) -> None:
    first = bench.run("open('/app/output/predictions', 'w').write('42')")
    second = bench.run(
        "print(open('/app/input/res/predictions').read())", mounts=[Mount(first.folder, "/app/input/res")]
    )
    assert second.lines == ["42"]


def test_times_are_told(bench: Bench) -> None:
    seen = bench.run("import time\nwhile time.process_time() < 0.2: pass")
    assert seen.outcome.cpu_s is not None
    assert 0.2 <= seen.outcome.cpu_s < 2
    assert seen.outcome.elapsed_s >= 0.2


def test_the_most_memory_is_told_where_the_kernel_counts(here: HereBench) -> None:
    require(here.sandbox.counts_in_kernel, "no control groups can be made here")
    seen = here.run("held = bytearray(50 << 20)")
    assert seen.outcome.memory_peak_bytes is not None
    assert 50 * MEBIBYTE <= seen.outcome.memory_peak_bytes < 100 * MEBIBYTE


def test_cancelling_kills_at_once(bench: Bench) -> None:
    begun = time.monotonic()
    seen = bench.run("import time; time.sleep(60)", cancel_after_s=0.3)
    assert seen.outcome.ending is Ending.CANCELLED
    assert seen.outcome.exit_code is None
    # 0.3 s until the wish, 0.2 s to fulfil it, and a busy machine
    assert time.monotonic() - begun < 1.5


def test_threads_subprocesses_and_locks_between_processes_work(bench: Bench) -> None:
    seen = bench.run(
        """
import multiprocessing, subprocess, threading
def work(queue, lock):
    with lock: queue.put(1)
queue, lock = multiprocessing.Queue(), multiprocessing.Lock()
processes = [multiprocessing.Process(target=work, args=(queue, lock)) for _ in range(3)]
for process in processes: process.start()
print(sum(queue.get() for _ in processes))
for process in processes: process.join()
threads = [threading.Thread(target=print, args=("thread",)) for _ in range(2)]
for thread in threads: thread.start(); thread.join()
print(subprocess.run("echo shell | tr a-z A-Z", shell=True, capture_output=True, text=True).stdout)
"""
    )
    assert seen.lines == ["3", "thread", "thread", "SHELL", ""]
    assert seen.stderr == b""


def test_two_commands_exchange_files_while_both_run(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    outcomes: dict[int, Outcome] = {}
    programs = {
        20: "open('/app/shared/question', 'w').write('6*7')\n" + _await("answer"),
        21: _await("question") + "open('/app/shared/answer', 'w').write('42')\n",
    }

    def run(slot: int) -> None:
        into = tmp_path / f"collected-{slot}"
        into.mkdir()
        command = Command(
            argv=(interpreter(), "-I", "-S", "-c", programs[slot]),
            working_directory="/app/shared",
            root=interpreter_root(),
            mounts=[Mount(shared, "/app/shared", shared=True)],
            limits=SMALL,
        )
        sandbox = BubblewrapSandbox(slot, tmp_path)
        outcomes[slot] = sandbox.run(command, collect_into=into, log=lambda *_: None, cancel=Event())

    threads = [Thread(target=run, args=(slot,)) for slot in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {slot: outcome.exit_code for slot, outcome in outcomes.items()} == {20: 0, 21: 0}
    # Nothing of it is in the host's folder, which can simply be removed.
    assert list(shared.iterdir()) == []
    shared.rmdir()
    assert str(shared) not in Path(f"/proc/{spawner().pid}/mountinfo").read_text()


def _await(name: str) -> str:
    return f"""
import os, time
while not os.path.exists('/app/shared/{name}'): time.sleep(0.01)
print(open('/app/shared/{name}').read())
"""


def test_a_shared_folder_is_bounded_and_begins_empty(bench: Bench) -> None:
    shared = bench.folder("shared")
    full = """
try:
    with open("/app/output/full", "wb", buffering=0) as file:
        for _ in range(8): file.write(bytes(1 << 20))
except OSError as error: print(error.errno)
"""
    first = bench.run(full, mounts=[Mount(shared, "/app/output", shared=True)])
    assert first.lines == ["28"]
    assert list(first.outcome.collected) == []
    other = bench.folder("other")
    second = bench.run("import os; print(os.listdir('/app/output'))", mounts=[Mount(other, "/app/output", shared=True)])
    assert second.lines == ["[]"]


def test_the_slot_s_user_is_nobody_else_s(here: HereBench) -> None:
    require(os.geteuid() == 0, "an ordinary user cannot become another")
    seen = here.run(
        "import os; print(os.getuid()); open('/app/output/x', 'w').close(); print(os.stat('/app/output/x').st_uid)"
    )
    assert seen.lines == ["1000", "1000"]
