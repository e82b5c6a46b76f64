"""Try every limit of a sandbox with a small hostile program, and report what holds.

Some sandboxes accept a limit and enforce nothing; only trying tells. Each program prints a word when it got further
than it may; the word is what convicts the sandbox, not the way the program ended.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from podium.sandbox.interface import Command, Ending, LimitReport, Limits, Outcome, Root, Sandbox, Stream

_MEBIBYTE = 1 << 20
_LIMITS = Limits(
    wall_s=10.0,
    memory_bytes=96 * _MEBIBYTE,
    cpus=1.0,
    processes=24,
    output_bytes=4 * _MEBIBYTE,
    output_entries=100,
    temporary_bytes=4 * _MEBIBYTE,
    shared_memory_bytes=4 * _MEBIBYTE,
    program_growth_bytes=_MEBIBYTE,
    log_bytes=_MEBIBYTE,
)
_ESCAPED = b"ESCAPED"

_HOG = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(48 << 20)
        for i in range(0, len(held), 4096): held[i] = 1
        time.sleep(1); os._exit(7)
codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)]
if codes == [7] * 4: print("ESCAPED")
"""

_FORKS = """
import os, time
made = 0
try:
    for _ in range(200):
        if os.fork() == 0: time.sleep(5); os._exit(0)
        made += 1
except OSError: pass
if made > 100: print("ESCAPED", made)
"""

_NETWORK = """
import socket
for family, address in ((socket.AF_INET, ("192.0.2.1", 9)), (socket.AF_INET, ("169.254.169.254", 80))):
    try:
        s = socket.socket(family, socket.SOCK_DGRAM); s.connect(address); print("ESCAPED", address)
    except OSError: pass
"""

_VSOCK = """
import socket
try: socket.socket(40, socket.SOCK_STREAM); print("ESCAPED")
except OSError: pass
"""

_OUTSIDE = """
import os
for folder in ("/", "/usr", "/etc", "/dev", "/app", os.path.dirname(os.__file__)):
    try:
        with open(folder + "/podium-was-here", "w"): print("ESCAPED", folder)
    except OSError: pass
"""

_DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            with open("/app/output/alive", "a") as f: f.write("x")
            time.sleep(0.01)
    os._exit(0)
os.wait(); time.sleep(0.1)
"""

_DISK = """
for folder in ("/app/output", "/tmp", "/dev/shm"):
    try:
        with open(folder + "/full", "wb") as f:
            for _ in range(16): f.write(bytes(1 << 20)); f.flush()
        print("ESCAPED", folder)
    except OSError: pass
"""

_ENDLESS = """
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
while True: pass
"""

_CPUS = """
import os, time
begun = time.monotonic()
for _ in range(3):
    if os.fork() == 0:
        while time.monotonic() - begun < 0.6: pass
        os._exit(0)
for _ in range(3): os.wait()
if sum(os.times()[:4]) > 1.5 * (time.monotonic() - begun): print("ESCAPED")
"""


@dataclass(frozen=True)
class _Seen:
    outcome: Outcome
    printed: bytes
    mark: str


def _printed_nothing(seen: _Seen) -> str:
    return seen.printed.decode("utf-8", "replace").strip() if _ESCAPED in seen.printed else ""


def _ran_out_of_memory(seen: _Seen) -> str:
    return "" if seen.outcome.ending is Ending.MEMORY_LIMIT else f"the program ended with {seen.outcome.ending}"


def _ran_out_of_time(seen: _Seen) -> str:
    return "" if seen.outcome.ending is Ending.TIME_LIMIT else f"the program ended with {seen.outcome.ending}"


def _is_dead(seen: _Seen) -> str:
    """Every process of the trial carries the name of its folder as an argument."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if seen.mark.encode() in (process / "cmdline").read_bytes():
                return f"process {process.name} is still alive"
    return "" if seen.outcome.ending is Ending.EXITED else f"the program ended with {seen.outcome.ending}"


@dataclass(frozen=True)
class _Trial:
    limit: str
    program: str
    problem: Callable[[_Seen], str]
    advice: str
    without_counting: str = ""
    """How it is held where no control groups can be made; empty where they are not needed."""
    limits: Limits = field(default=_LIMITS)


_GROUPS_ADVICE = "Let the worker make control groups: run it as root, or as a systemd service with Delegate=yes."
_REPORT_ADVICE = "Do not run programs you do not trust on this machine, and report this."

_TRIALS = (
    _Trial("memory", _HOG, _ran_out_of_memory, _GROUPS_ADVICE, "the memory in use is added up every 50 ms"),
    _Trial("processes", _FORKS, _printed_nothing, _GROUPS_ADVICE),
    _Trial("processors", _CPUS, _printed_nothing, _GROUPS_ADVICE, "a program that asks for other processors gets them"),
    _Trial("time", _ENDLESS, _ran_out_of_time, _REPORT_ADVICE, limits=replace(_LIMITS, wall_s=0.3)),
    _Trial("disk", _DISK, _printed_nothing, _REPORT_ADVICE),
    _Trial("network", _NETWORK, _printed_nothing, _REPORT_ADVICE),
    _Trial("vsock", _VSOCK, _printed_nothing, _REPORT_ADVICE),
    _Trial("files outside", _OUTSIDE, _printed_nothing, _REPORT_ADVICE),
    _Trial("processes left behind", _DAEMON, _is_dead, _REPORT_ADVICE),
)


def try_limits(sandbox: Sandbox, *, counts_in_kernel: bool) -> Sequence[LimitReport]:
    """Try each limit in this sandbox with the interpreter that runs Podium.

    A limit that only holds because somebody looks now and then is reported as approximate.

    Raises:
        SandboxUnavailable: nothing can be run at all.
    """
    return tuple(_try(sandbox, trial, counts_in_kernel=counts_in_kernel) for trial in _TRIALS)


def interpreter_root() -> Root:
    """The system's files and the interpreter that runs Podium, without any package."""
    folders = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache")
    shown = [(Path(folder), folder) for folder in folders if Path(folder).exists()]
    prefix = Path(sys.base_prefix).resolve()
    if not prefix.is_relative_to("/usr"):
        shown.append((prefix, str(prefix)))
    return Root(tuple(shown), (str(prefix / "bin"), "/usr/bin", "/bin"))


def interpreter() -> str:
    """The interpreter's path, the same inside `interpreter_root` as outside."""
    return os.path.realpath(sys.executable)


def _try(sandbox: Sandbox, trial: _Trial, *, counts_in_kernel: bool) -> LimitReport:
    printed: list[bytes] = []

    def keep(stream: Stream, chunk: bytes) -> None:
        del stream
        printed.append(chunk)

    with tempfile.TemporaryDirectory(prefix="podium-check-") as folder:
        command = Command(
            argv=(interpreter(), "-I", "-S", "-c", trial.program, Path(folder).name),
            working_directory="/tmp",  # noqa: S108 - inside the sandbox
            root=interpreter_root(),
            mounts=(),
            limits=trial.limits,
        )
        outcome = sandbox.run(command, collect_into=Path(folder), log=keep, cancel=Event())
        problem = trial.problem(_Seen(outcome, b"".join(printed), Path(folder).name))
    if problem:
        return LimitReport(trial.limit, "not enforced", problem, trial.advice)
    if trial.without_counting and not counts_in_kernel:
        return LimitReport(trial.limit, "approximate", trial.without_counting, _GROUPS_ADVICE)
    return LimitReport(trial.limit, "enforced")
