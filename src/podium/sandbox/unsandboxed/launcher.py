"""The process that starts a program without a sandbox, and buries whatever it leaves behind.

It is the parent of all that loses its own, so nothing escapes its end; it ends with the worker. The program itself gets
no descriptor but its streams. Speaks to `podium.sandbox.supervision` like a runner of the keeper.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from dataclasses import asdict, dataclass
from typing import NoReturn

from podium.sandbox.keeper import kernel
from podium.sandbox.keeper.runner import await_end, bury_children, say


@dataclass(frozen=True)
class Start:
    """What to start: `program` is its real file, `argv` its words as it shall see them."""

    program: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    working_directory: str
    output: str | None
    rlimits: tuple[tuple[int, int], ...]
    processors: tuple[int, ...]

    def encode(self) -> str:
        """As text; names that are no valid text survive."""
        return json.dumps(asdict(self))


def main() -> None:
    """Run what the first argument says; the second is the number of the socket to the worker."""
    start = Start(**json.loads(sys.argv[-2]))
    with socket.socket(fileno=int(sys.argv[-1])) as channel:
        kernel.become_subreaper()
        output = None if start.output is None else os.open(start.output, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        failed, fails = os.pipe2(os.O_CLOEXEC)
        child = os.fork()
        if child == 0:
            _become(start, fails)
        os.close(fails)
        for stream in (1, 2):
            os.close(stream)
        say(channel, {"ready": os.getpid()}, [] if output is None else [output])
        await_end(child, channel)
        ended_by_itself, status = os.waitpid(child, os.WNOHANG)
        bury_children()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = {
            "exit_code": _exit_code(status) if ended_by_itself and not os.read(failed, 1) else None,
            "cpu_s": used.ru_utime + used.ru_stime,
            "largest_process_bytes": used.ru_maxrss * 1024,
        }
        say(channel, {"ended": ended})


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(start: Start, fails: int) -> NoReturn:
    try:
        os.setsid()
        for limit, value in start.rlimits:
            hard = resource.getrlimit(limit)[1]
            lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (lowest, lowest))
        os.sched_setaffinity(0, start.processors)
        os.umask(0o022)
        kernel.forbid_new_privileges()
        os.chdir(start.working_directory)
        os.execve(start.program, start.argv, start.environment)  # noqa: S606 - no shell is wanted
    except OSError:
        os.write(fails, b"1")
    finally:
        os._exit(127)
