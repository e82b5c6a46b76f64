"""What every back end does alike: what a well-behaved program finds in it, and what is told of it."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.conformance.sandbox.conftest import OpenSlot
from tests.sandboxed import MEBIBYTE, SMALL, Bench, HereBench

from podium.sandbox.doctor import TRIALS, examine
from podium.sandbox.interface import Command, Ending, Limits, Mount, Outcome, Stream
from podium.sandbox.interpreter import interpreter, interpreter_root
from podium.sandbox.removal import remove_tree

pytestmark = pytest.mark.sandbox

LIMITS = tuple(trial.limit for trial in TRIALS)


def test_exit_code_and_both_streams_arrive(every: Bench) -> None:
    seen = every.run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.EXITED, 7)
    assert (seen.stdout, seen.stderr) == (b"out\n", b"err\n")


def test_a_signal_is_told_as_128_and_its_number(bench: Bench) -> None:
    # A fault, since a first process of its own does not hear signals that it sends itself.
    seen = bench.run("import ctypes; ctypes.string_at(0)")
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.EXITED, 139)


@pytest.mark.parametrize(
    "word", ["no-such-program", "/usr/bin/no-such", "/etc/passwd", "", "with\0zero", "x" * 256, "/x" * 3000]
)
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


_OF_THE_BACK_END = {"PWD", "HOSTNAME", "TERM", "container", "TMPDIR"}


def test_the_environment_is_ours_alone(bench: Bench) -> None:
    seen = bench.run(
        "import os\nfor name in sorted(os.environ): print(name, os.environ[name])",
        replace(SMALL, cpus=1.5),
        environment={"GIVEN": "value", "HOME": "/app"},
    )
    found = dict(line.split(" ", 1) for line in seen.lines)
    assert found.pop("PATH").endswith("/usr/bin:/bin")
    assert {name: value for name, value in found.items() if name not in _OF_THE_BACK_END} == {
        "GIVEN": "value",
        "HOME": "/app",
        "LANG": "C.UTF-8",
        "MKL_NUM_THREADS": "2",  # 1.5 processors, rounded up
        "NUMEXPR_NUM_THREADS": "2",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
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


def test_a_copied_program_can_write_beside_itself_but_not_without_end(every: Bench) -> None:
    program = every.folder("program")
    (program / "package").mkdir()
    (program / "package" / "module.py").write_bytes(bytes(100_000))
    (program / "tool.sh").write_text("#!/bin/sh\necho tool\n")
    (program / "tool.sh").chmod(0o700)
    every.own(program)
    seen = every.run(
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
    # ENOSPC; without a sandbox there is no file system to run full, but a limit of each file: EFBIG
    assert seen.lines == ["b'tool\\n'", "27" if every.name == "none" else "28"]
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
    seen = bench.run("import time\nwhile time.process_time() < 0.4: pass")
    assert seen.outcome.cpu_s is not None
    # The counters of a container vanish with it: what was used in its last moment is missing.
    assert 0.2 <= seen.outcome.cpu_s < 2
    assert seen.outcome.elapsed_s >= 0.4


def test_cancelling_kills_the_program(bench: Bench) -> None:
    seen = bench.run("import time; time.sleep(60)", cancel_after_s=0.3)
    assert seen.outcome.ending is Ending.CANCELLED
    assert seen.outcome.exit_code is None
    assert seen.outcome.elapsed_s < 10


def test_a_wish_to_cancel_kills_within_two_seconds(open_slot: OpenSlot, tmp_path: Path) -> None:
    mark = f"podium-cancel-{os.getpid()}-{time.monotonic_ns()}"
    cancel, took_s = Event(), []

    def await_death() -> None:
        wished = time.monotonic()
        while alive_with(mark) and time.monotonic() - wished < 30:
            time.sleep(0.01)
        took_s.append(time.monotonic() - wished)

    def wish(stream: Stream, chunk: bytes) -> None:
        cancel.set()
        watching.start()

    watching = Thread(target=await_death)
    command = a_command(f"print('begun', flush=True); import time; time.sleep(60)  # {mark}")
    outcome = open_slot(30, tmp_path).run(command, collect_into=folder(tmp_path), log=wish, cancel=cancel)
    assert alive_with(mark) == []
    watching.join()
    assert outcome.ending is Ending.CANCELLED
    assert took_s[0] < 2.0


def a_command(program: str, mounts: Sequence[Mount] = (), limits: Limits = SMALL, directory: str = "/tmp") -> Command:
    return Command((interpreter(), "-I", "-S", "-c", program), directory, interpreter_root(), tuple(mounts), limits)


def folder(place: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=place))


def test_a_program_that_takes_too_long_is_ended(bench: Bench) -> None:
    seen = bench.run(
        """
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
print("begun", flush=True)
while True: pass
""",
        replace(SMALL, wall_s=1.0),
    )
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.TIME_LIMIT, None)
    assert seen.lines == ["begun"]
    assert 1.0 <= seen.outcome.elapsed_s < 10


def test_a_program_that_needs_too_much_memory_is_told_so(every: Bench) -> None:
    seen = every.run("held = bytearray(400 << 20)\nimport time; time.sleep(5)\nprint('kept')")
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.MEMORY_LIMIT, None)
    assert seen.lines == []


def test_children_that_need_too_much_memory_convict_their_parent(every: Bench) -> None:
    seen = every.run(
        """
import os, time
for _ in range(8):
    if os.fork() == 0:
        held = bytearray(64 << 20)
        time.sleep(2); os._exit(0)
for _ in range(8): os.wait()
"""
    )
    assert seen.outcome.ending is Ending.MEMORY_LIMIT


def test_a_full_output_is_told_and_what_fits_is_kept(every: Bench) -> None:
    seen = every.run(
        """
for number in range(8):
    with open(f"/app/output/{number}", "wb") as file: file.write(bytes(1 << 20))
"""
    )
    assert seen.outcome.ending is Ending.OUTPUT_LIMIT
    assert sum(file.stat().st_size for file in seen.folder.iterdir()) <= 4 * MEBIBYTE


def test_more_files_than_allowed_are_told(bench: Bench) -> None:
    seen = bench.run(
        """
try:
    for number in range(1000): open(f"/app/output/{number}", "w").close()
except OSError: pass
"""
    )
    assert seen.outcome.ending is Ending.OUTPUT_LIMIT
    assert len(seen.outcome.collected) <= 200
    assert "more than the 200 entries allowed" in seen.outcome.refused[0]


def test_a_flood_of_text_is_stopped(every: Bench) -> None:
    seen = every.run("while True: print('x' * 4000)")
    assert seen.outcome.ending is Ending.LOG_LIMIT
    # eight times the 16 KiB kept, and what had arrived meanwhile
    assert len(seen.stdout) > 8 * 16 * 1024


def test_a_daemon_dies_with_the_run(bench: Bench) -> None:
    mark = f"podium-daemon-{os.getpid()}-{time.monotonic_ns()}"
    seen = bench.run(
        f"""
import os, time
mark = {mark!r}
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for stream in (0, 1, 2): os.close(stream)
        while True: time.sleep(0.01)
    os._exit(0)
os.wait()
print("left it behind")
"""
    )
    assert seen.lines == ["left it behind"]
    assert alive_with(mark) == []


def alive_with(mark: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def test_links_pipes_and_deceiving_names_are_left_behind(every: Bench) -> None:
    seen = every.run(
        """
import os
os.chdir("/app/output")
os.symlink("/etc/passwd", "link"); os.symlink("/", "root"); os.mkfifo("pipe")
open("twice", "w").write("x"); os.link("twice", "again")
for name in ("-rf", ".hidden", "new\\nline", "esc\\x1b[2J", "rtl\\u202etxt", "back\\\\slash", b"\\xff\\xfe", " space"):
    open(name, "w").close()
open("good.txt", "w").write("good")
os.makedirs("/".join("d" * 30)); open("/".join("d" * 30) + "/deep", "w").close()
os.makedirs("in/side"); open("in/side/fine", "w").write("fine")
"""
    )
    assert list(seen.outcome.collected) == ["good.txt", "in/side/fine"]
    assert {path for path in seen.folder.rglob("*") if not path.is_dir()} == {
        seen.folder / "good.txt",
        seen.folder / "in/side/fine",
    }
    told = "\n".join(seen.outcome.refused)
    for reason in ("symbolic link", "pipe", "hard link", "control characters", "not valid UTF-8", "deeper"):
        assert reason in told
    assert told.count("second name") == 2
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_an_output_that_only_its_owner_may_read_is_collected(bench: Bench) -> None:
    seen = bench.run(
        """
import os
os.mkdir("/app/output/closed"); open("/app/output/closed/a", "w").write("1")
os.chmod("/app/output/closed/a", 0o600); os.chmod("/app/output/closed", 0o700)
"""
    )
    assert list(seen.outcome.collected) == ["closed/a"]


def test_inputs_cannot_be_changed_and_the_next_run_sees_them_as_they_were(isolating: Bench) -> None:
    data = isolating.folder("data")
    (data / "truth").write_text("kept")
    mounts = [Mount(data, "/app/input")]
    seen = isolating.run(
        """
import os
for what in (lambda: os.unlink("/app/input/truth"), lambda: os.chmod("/app/input/truth", 0o777),
             lambda: os.rename("/app/input/truth", "/app/input/lie"), lambda: open("/app/input/truth", "w"),
             lambda: open("/app/input/new", "w"), lambda: open("/usr/new", "w"), lambda: open("/new", "w")):
    try: what(); print("changed")
    except OSError: pass
print(open("/app/input/truth").read())
""",
        mounts=mounts,
    )
    assert seen.lines == ["kept"]
    assert (data / "truth").read_text() == "kept"
    assert isolating.run("print(open('/app/input/truth').read())", mounts=mounts).lines == ["kept"]


def test_the_network_and_the_hypervisor_are_out_of_reach(isolating: Bench) -> None:
    seen = isolating.run(
        """
import socket
print([name for _, name in socket.if_nameindex()])
for family in (40, 38, 17):
    try: socket.socket(family, 1); print("made")
    except OSError as error: print(error.errno)
try: socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("192.0.2.1", 80)); print("connected")
except OSError as error: print(error.errno)
"""
    )
    assert seen.lines == ["['lo']", "97", "97", "97", "101"]  # EAFNOSUPPORT; ENETUNREACH


def test_the_program_is_an_ordinary_user_without_rights(isolating: Bench) -> None:
    seen = isolating.run(
        """
import os
print(os.getuid() >= 1000, os.getuid() == os.getgid(), os.getgroups() in ([], [os.getgid()]))
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(status["CapEff"], status["CapBnd"], status["NoNewPrivs"], status["Seccomp"])
try: os.setuid(0); print("root")
except OSError: pass
"""
    )
    assert seen.lines[0].split()[:2] == ["True", "True"]
    effective, _, no_new_privileges, filtered = seen.lines[1].split()
    assert (effective, no_new_privileges, filtered) == ("0" * 16, "1", "2")
    assert seen.lines[2:] == []


# What podman holds in a way of its own: the rest comes by the same orders as for Docker.
_OF_PODMAN = ("system calls", "other sockets", "processes left behind", "memory", "processes", "output size")


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("here", LIMITS),
        pytest.param("docker_bench", LIMITS, marks=pytest.mark.slow),
        pytest.param("podman_bench", _OF_PODMAN, marks=pytest.mark.slow),
    ],
)
def test_the_doctor_finds_every_limit_held(name: str, limits: Sequence[str], request: pytest.FixtureRequest) -> None:
    found: HereBench = request.getfixturevalue(name)
    reports = list(examine(found.sandbox, [trial for trial in TRIALS if trial.limit in limits]))
    assert {report.limit: report.enforcement for report in reports} == dict.fromkeys(limits, "enforced")


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


def test_two_commands_exchange_files_while_both_run(open_slot: OpenSlot, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    outcomes: dict[int, Outcome] = {}
    programs = {
        20: "open('/app/shared/question', 'w').write('6*7')\n" + _await("answer"),
        21: _await("question") + "open('/app/shared/answer', 'w').write('42')\n",
    }

    def run(slot: int) -> None:
        command = a_command(programs[slot], [Mount(shared, "/app/shared", shared=True)], directory="/app/shared")
        sandbox = open_slot(slot, tmp_path)
        outcomes[slot] = sandbox.run(command, collect_into=folder(tmp_path), log=lambda *_: None, cancel=Event())

    threads = [Thread(target=run, args=(slot,)) for slot in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {slot: outcome.exit_code for slot, outcome in outcomes.items()} == {20: 0, 21: 0}


def _await(name: str) -> str:
    return f"""
import os, time
while not os.path.exists('/app/shared/{name}'): time.sleep(0.01)
print(open('/app/shared/{name}').read())
"""


def test_what_is_written_is_shown_while_the_program_runs(open_slot: OpenSlot, tmp_path: Path) -> None:
    found: list[bytes] = []
    cancel = Event()

    def look(output: int) -> None:
        try:
            file = os.open("detailed_results.html", os.O_RDONLY | os.O_NOFOLLOW, dir_fd=output)
        except FileNotFoundError:
            return
        with os.fdopen(file, "rb") as content:
            found.append(content.read())
        cancel.set()

    writes = "open('/app/output/detailed_results.html', 'w').write('half'); import time; time.sleep(60)"
    command = replace(a_command(writes), look=look)
    outcome = open_slot(32, tmp_path).run(command, collect_into=folder(tmp_path), log=lambda *_: None, cancel=cancel)
    assert found == [b"half"]
    assert outcome.ending is Ending.CANCELLED


def test_a_shared_folder_is_bounded_and_begins_empty(bench: Bench) -> None:
    shared = bench.folder("shared")
    shared.chmod(0o777)
    full = """
try:
    with open("/app/output/full", "wb", buffering=0) as file:
        for _ in range(8): file.write(bytes(1 << 20))
except OSError as error: print(error.errno)
"""
    first = bench.run(full, mounts=[Mount(shared, "/app/output", shared=True)])
    if bench.name == "none":
        assert first.outcome.ending is Ending.OUTPUT_LIMIT
    else:
        assert first.lines == ["28"]
    assert list(first.outcome.collected) == []
    other = bench.folder("other")
    second = bench.run("import os; print(os.listdir('/app/output'))", mounts=[Mount(other, "/app/output", shared=True)])
    assert second.lines == ["[]"]


def test_folders_that_lie_deep_in_a_shared_folder_do_no_harm(bench: Bench) -> None:
    """Deeper than a path is long, than files may be open, and than a program of Python recurses."""
    shared = bench.folder("deep")
    shared.chmod(0o777)
    program = """
import os, time
os.chdir("/app/output")
try:
    for _ in range(3000): os.mkdir("d"); os.chdir("d")
except OSError as error: print(error.errno)
time.sleep(0.2)
"""
    limits = replace(SMALL, output_entries=10_000)
    try:
        seen = bench.run(program, limits, [Mount(shared, "/app/output", shared=True)])
    finally:
        # Nobody else could: not even what removes the folders of tests.
        remove_tree(shared)
    assert not shared.exists()
    expected = Ending.OUTPUT_LIMIT if bench.name == "none" else Ending.EXITED
    assert (seen.outcome.ending, list(seen.outcome.collected)) == (expected, [])
    assert bench.run("print('well')").lines == ["well"]
