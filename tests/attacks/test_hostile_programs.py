"""Programs that want out, or want more than their share. Each proves that the next run still works."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.requirements_on_machine import require
from tests.sandboxed import MEBIBYTE, SMALL, Bench, HereBench

from podium.sandbox.interface import Ending, Mount

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def the_next_run_works(bench: Bench) -> Iterator[None]:
    yield
    seen = bench.run("print('unharmed')")
    assert seen.lines == ["unharmed"]
    assert seen.outcome.ending is Ending.EXITED


def alive_with(mark: str) -> list[int]:
    """The processes of this machine that have `mark` in their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


# What a program may use


def test_a_fork_bomb_gets_no_more_processes_than_allowed(bench: Bench) -> None:
    seen = bench.run(
        """
import os, time
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(30); os._exit(0)
        made += 1
except OSError as error:
    print("refused", error.errno)
print(made)
"""
    )
    assert seen.lines[0] == "refused 11"  # EAGAIN
    # 32 allowed; bubblewrap's own few processes share the kernel's count with them
    assert 16 <= int(seen.lines[1]) <= 36


def test_a_memory_hog_is_killed_for_its_memory(bench: Bench) -> None:
    seen = bench.run("held = bytearray(400 << 20)\nimport time; time.sleep(5)\nprint('kept')")
    assert seen.outcome.ending is Ending.MEMORY_LIMIT
    assert seen.outcome.exit_code is None
    assert seen.lines == []


def test_children_that_hog_memory_convict_a_parent_that_would_exit_with_0(bench: Bench) -> None:
    seen = bench.run(
        """
import os, time
for _ in range(8):
    if os.fork() == 0:
        held = bytearray(64 << 20)
        time.sleep(5); os._exit(0)
for _ in range(8): os.wait()
"""
    )
    assert seen.outcome.ending is Ending.MEMORY_LIMIT


def test_memory_behind_a_descriptor_counts_as_memory_where_the_kernel_counts(here: HereBench) -> None:
    require(here.sandbox.counts_in_kernel, "no control groups can be made here")
    seen = here.run(
        """
import os
for _ in range(200):
    held = os.memfd_create("x")
    for _ in range(3): os.write(held, bytes(1 << 20))
print("kept")
""",
        replace(SMALL, memory_bytes=64 * MEBIBYTE),
    )
    assert seen.outcome.ending is Ending.MEMORY_LIMIT


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_a_temporary_folder_holds_no_more_than_allowed(bench: Bench, folder: str) -> None:
    seen = bench.run(
        f"""
written = 0
try:
    with open("{folder}/full", "wb", buffering=0) as file:
        for _ in range(64): written += file.write(bytes(1 << 20))
except OSError as error:
    print(error.errno)
print(written)
"""
    )
    assert int(seen.lines[-1]) <= 4 * MEBIBYTE
    assert seen.lines[0] in {"28", "27"}  # ENOSPC, EFBIG


def test_a_full_output_is_named_as_the_cause(bench: Bench) -> None:
    seen = bench.run(
        """
for number in range(8):
    with open(f"/app/output/{number}", "wb") as file: file.write(bytes(1 << 20))
"""
    )
    assert seen.outcome.ending is Ending.OUTPUT_LIMIT


def test_a_writer_that_ignores_a_full_output_is_stopped(bench: Bench) -> None:
    begun = time.monotonic()
    seen = bench.run(
        """
while True:
    try:
        with open("/app/output/full", "ab") as file: file.write(bytes(1 << 20))
    except OSError: pass
    try:
        with open("/app/output/more", "ab") as file: file.write(bytes(1 << 12))
    except OSError: pass
"""
    )
    assert seen.outcome.ending is Ending.OUTPUT_LIMIT
    assert time.monotonic() - begun < 10


def test_more_files_than_allowed_are_not_made(bench: Bench) -> None:
    seen = bench.run(
        """
made = 0
try:
    for number in range(100000):
        open(f"/app/output/{number}", "w").close(); made += 1
except OSError: pass
print(made)
"""
    )
    assert seen.outcome.ending is Ending.OUTPUT_LIMIT
    assert len(seen.outcome.collected) <= 200
    assert "more than the 200 entries allowed" in seen.outcome.refused[0]


def test_a_sparse_file_of_a_terabyte_is_refused(bench: Bench) -> None:
    seen = bench.run("open('/app/output/huge', 'wb').truncate(1 << 40)")
    assert seen.outcome.exit_code == 1
    assert b"File too large" in seen.stderr
    assert sum(file.stat().st_size for file in seen.folder.iterdir()) == 0


def test_a_flood_of_text_is_stopped(bench: Bench) -> None:
    seen = bench.run("while True: print('x' * 4000)")
    assert seen.outcome.ending is Ending.LOG_LIMIT
    # eight times the 16 KiB kept, and at most one pipe (64 KiB) that was read at once
    assert 8 * 16 * 1024 < len(seen.stdout) <= 8 * 16 * 1024 + 64 * 1024


def test_an_endless_loop_that_ignores_signals_ends_in_time(bench: Bench) -> None:
    begun = time.monotonic()
    seen = bench.run(
        """
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
while True: pass
""",
        replace(SMALL, wall_s=0.5),
    )
    assert seen.outcome.ending is Ending.TIME_LIMIT
    assert 0.5 <= seen.outcome.elapsed_s < 2
    assert time.monotonic() - begun < 5


def test_a_program_that_closes_its_output_still_ends_in_time(bench: Bench) -> None:
    seen = bench.run("import os\nos.close(1); os.close(2)\nwhile True: pass", replace(SMALL, wall_s=0.3))
    assert seen.outcome.ending is Ending.TIME_LIMIT


def test_a_daemon_dies_with_the_run(bench: Bench) -> None:
    mark = f"podium-daemon-{os.getpid()}-{time.monotonic_ns()}"
    program = f"""
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
    seen = bench.run(program)
    assert seen.lines == ["left it behind"]
    assert alive_with(mark) == []


def test_limits_cannot_be_raised_from_inside(bench: Bench) -> None:
    seen = bench.run(
        """
import resource
for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
    try:
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)); print("raised", limit)
    except (ValueError, OSError): pass
"""
    )
    assert seen.lines == []
    assert seen.outcome.exit_code == 0


# What a program may see


def test_files_of_the_host_are_not_there(bench: Bench, tmp_path: Path) -> None:
    secret = tmp_path / "reference.csv"
    secret.write_text("secret")
    seen = bench.run(
        f"""
import os
for path in ("/etc/shadow", "/root/.bashrc", "/home", "/var", "/sys", "/run", "/boot", {str(secret)!r}):
    try:
        os.stat(path); print("found", path)
    except OSError: pass
print(open("/etc/passwd").read().count("\\n"))
"""
    )
    assert seen.lines == ["3"]


def test_the_worker_s_environment_and_descriptors_are_not_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_WORKER_TOKEN", "secret")
    seen = bench.run(
        """
import os
print(sorted(name for name in os.environ if name.startswith("PODIUM") or "TOKEN" in name))
def is_open(number):
    try: os.fstat(number)
    except OSError: return False
    return True
print([number for number in range(1024) if is_open(number)])
print(os.readlink("/proc/self/fd/0"))
"""
    )
    assert seen.lines == ["[]", "[0, 1, 2]", "/dev/null"]


def test_other_processes_are_not_seen_and_not_hurt(bench: Bench) -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        seen = bench.run(
            f"""
import os, signal
print(len([name for name in os.listdir("/proc") if name.isdigit()]))
for victim in ({bystander.pid}, {os.getpid()}, 1):
    try: os.kill(victim, signal.SIGKILL)
    except OSError: pass
try: os.kill(-1, signal.SIGKILL)
except OSError: pass
"""
        )
        assert bystander.poll() is None
        bystander.kill()
    assert int(seen.lines[0]) <= 3


def test_the_network_is_out_of_reach(bench: Bench) -> None:
    abstract = f"podium-attack-{os.getpid()}-{time.monotonic_ns()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        unix.bind(f"\0{abstract}")
        unix.listen()
        seen = bench.run(
            f"""
import socket
targets = [
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {server.getsockname()[1]})),
    (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
    (socket.AF_INET, socket.SOCK_STREAM, ("169.254.169.254", 80)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 80)),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\\0{abstract}"),
]
for family, kind, address in targets:
    try:
        socket.socket(family, kind).connect(address); print("connected", address)
    except OSError: pass
try: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP); print("raw")
except OSError: pass
print(socket.if_nameindex())
"""
        )
    assert seen.lines == ["[(1, 'lo')]"]


@pytest.mark.parametrize(
    ("family", "name"), [(40, "vsock"), (38, "alg"), (17, "packet"), (31, "bluetooth"), (44, "xdp")]
)
def test_sockets_that_no_network_namespace_confines_cannot_be_made(bench: Bench, family: int, name: str) -> None:
    seen = bench.run(
        f"""
import socket
for kind in (1, 2, 3, 5):
    try: socket.socket({family}, kind); print("made a socket of {name}")
    except OSError as error: print(error.errno)
"""
    )
    assert seen.lines == ["97"] * 4  # EAFNOSUPPORT


# What a program may do to the kernel

SYSTEM_CALLS = {  # x86_64 and generic (aarch64) numbers, from the kernel's tables, and arguments that would be harmless
    "unshare(CLONE_NEWUSER)": (272, 97, (0x10000000,)),
    "unshare(CLONE_NEWNET)": (272, 97, (0x40000000,)),
    "clone(CLONE_NEWUSER)": (56, 220, (0x10000000 | 17, 0, 0, 0, 0)),
    "ptrace(TRACEME)": (101, 117, (0, 0, 0, 0)),
    "process_vm_readv": (310, 270, (1, 0, 0, 0, 0, 0)),
    "bpf": (321, 280, (0, 0, 0)),
    "perf_event_open": (298, 241, (0, 0, -1, -1, 0)),
    "userfaultfd": (323, 282, (0,)),
    "keyctl": (250, 219, (0, 0)),
    "add_key": (248, 217, (0, 0, 0, 0, -3)),
    "mount": (165, 40, (0, 0, 0, 0, 0)),
    "fsopen": (430, 430, (0, 0)),
    "open_tree": (428, 428, (-100, 0, 1)),
    "setns": (308, 268, (0, 0)),
    "io_uring_setup": (425, 425, (1, 0)),
    "open_by_handle_at": (304, 265, (-100, 0, 0)),
    "personality": (135, 92, (0x0040000,)),
    "init_module": (175, 105, (0, 0, 0)),
    "kexec_load": (246, 104, (0, 0, 0, 0)),
    "pivot_root": (155, 41, (0, 0)),
}


def test_dangerous_system_calls_are_refused(bench: Bench) -> None:
    column = 0 if os.uname().machine == "x86_64" else 1
    calls = [(name, found[column], found[2]) for name, found in SYSTEM_CALLS.items()]
    seen = bench.run(
        f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for name, number, arguments in {calls!r}:
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(argument) for argument in arguments])
    print(name, result, ctypes.get_errno())
result = libc.syscall(ctypes.c_long(435), None, ctypes.c_long(0))
print("clone3", result, ctypes.get_errno())
"""
    )
    assert seen.lines == [*(f"{name} -1 1" for name in SYSTEM_CALLS), "clone3 -1 38"]  # EPERM; ENOSYS


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="machine code of x86")
def test_a_system_call_of_the_32_bit_interface_kills_the_program(bench: Bench) -> None:
    # mov eax, 20 (getpid of i386); int 0x80; ret
    seen = bench.run(
        """
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())
"""
    )
    assert seen.lines == []
    assert seen.outcome.exit_code == 128 + 31  # SIGSYS


def test_devices_cannot_be_made(bench: Bench) -> None:
    seen = bench.run(
        """
import os, stat
for kind in (stat.S_IFCHR, stat.S_IFBLK):
    try: os.mknod("/app/output/device", kind | 0o666, os.makedev(1, 1)); print("made")
    except OSError as error: print(error.errno)
"""
    )
    assert seen.lines == ["1", "1"]  # EPERM


def test_nothing_of_the_system_can_be_written(bench: Bench) -> None:
    data = bench.folder("data")
    (data / "truth").write_text("kept")
    seen = bench.run(
        """
import os
for folder in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/app", "/app/input", os.path.dirname(os.__file__)):
    try: open(folder + "/x", "w"); print("wrote", folder)
    except OSError: pass
for what in (lambda: os.unlink("/app/input/truth"), lambda: os.chmod("/app/input/truth", 0o777),
             lambda: os.rename("/app/input/truth", "/app/input/lie"), lambda: open("/app/input/truth", "w")):
    try: what(); print("changed")
    except OSError: pass
print(open("/app/input/truth").read())
""",
        mounts=[Mount(data, "/app/input")],
    )
    assert seen.lines == ["kept"]
    assert (data / "truth").read_text() == "kept"


# What a program may leave


def test_links_pipes_and_deceiving_names_are_left_behind(bench: Bench) -> None:
    seen = bench.run(
        """
import os, socket
os.chdir("/app/output")
os.symlink("/etc/passwd", "link"); os.symlink("/", "root"); os.symlink("/proc/self/root", "proc")
os.mkfifo("pipe"); s = socket.socket(socket.AF_UNIX); s.bind("socket")
open("twice", "w").write("x"); os.link("twice", "again")
for name in ("-rf", ".hidden", "new\\nline", "esc\\x1b[2J", "rtl\\u202etxt", "back\\\\slash", b"\\xff\\xfe", " space"):
    open(name, "w").close()
open("good.txt", "w").write("good")
os.makedirs("/".join("d" * 30)); open("/".join("d" * 30) + "/deep", "w").close()
os.makedirs("in/side"); open("in/side/fine", "w").write("fine")
"""
    )
    assert list(seen.outcome.collected) == ["good.txt", "in/side/fine"]
    assert (seen.folder / "good.txt").read_text() == "good"
    found = {path for path in seen.folder.rglob("*") if not path.is_dir()}
    assert found == {seen.folder / "good.txt", seen.folder / "in/side/fine"}
    told = "\n".join(seen.outcome.refused)
    for reason in ("symbolic link", "pipe", "socket", "hard link", "control characters", "not valid UTF-8", "deeper"):
        assert reason in told
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_a_setuid_program_in_the_output_is_only_bytes(bench: Bench) -> None:
    seen = bench.run(
        """
import os, shutil
shutil.copyfile("/bin/sh", "/app/output/sh")
os.chmod("/app/output/sh", 0o6777)
"""
    )
    copied = seen.folder / "sh"
    assert copied.stat().st_mode & 0o7777 == 0o600


def test_setuid_programs_of_the_system_give_no_rights(bench: Bench) -> None:
    seen = bench.run(
        """
import os
status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(status["NoNewPrivs"], status["CapEff"], status["CapPrm"], status["CapBnd"], status["Seccomp"])
"""
    )
    assert seen.lines == ["1 0000000000000000 0000000000000000 0000000000000000 2"]


def test_a_program_cannot_pretend_that_it_was_never_started(bench: Bench) -> None:
    seen = bench.run("import sys; print('bwrap: execvp x: No such file', file=sys.stderr); sys.exit(1)")
    assert seen.outcome.ending is Ending.EXITED
    assert seen.outcome.exit_code == 1
    assert seen.stderr == b"bwrap: execvp x: No such file\n"
