"""One child process of the supervisor: started, watched, restarted, ended."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
_FIRST_DELAY_S = 0.2
_LONGEST_DELAY_S = 10.0
_HEALTHY_AFTER_S = 30.0
_HOPELESS_DELAY_S = 300.0
"""Before another try of what ended with EX_CONFIG: somebody has to change the machine first."""
_libc = ctypes.CDLL(None, use_errno=True)


def _end_with_parent() -> None:
    """Ask the kernel to end this process when the supervisor is killed without a chance to do so."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """A process that shall always run. `due` is when it is to be started again, on the monotonic clock; asked to end,
    it has `end_within_s`."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    pidfd: int = -1
    started: float = 0.0
    due: float = 0.0
    delay_s: float = field(default=_FIRST_DELAY_S)
    end_within_s: float = 10.0

    def start(self) -> None:
        """Start it, in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.process = subprocess.Popen(  # noqa: S603 - our own modules with our own interpreter
            self.argv,
            env=dict(self.environment),
            pass_fds=tuple(self.pass_fds),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - the supervisor has one thread
        )
        self.pidfd = os.pidfd_open(self.process.pid)
        self.started = time.monotonic()

    def reap(self) -> int:
        """Take note that it has ended and set when it is due again. Returns its exit status."""
        if self.process is None:
            message = "only a started child ends"
            raise AssertionError(message)
        status = self.process.wait()
        self._forget()
        lived_s = time.monotonic() - self.started
        self.delay_s = _FIRST_DELAY_S if lived_s > _HEALTHY_AFTER_S else min(self.delay_s * 2, _LONGEST_DELAY_S)
        if status == os.EX_CONFIG:
            self.delay_s = _HOPELESS_DELAY_S
        self.due = time.monotonic() + self.delay_s
        return status

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def make_end(self) -> None:
        """Wait for its end, and kill it where that takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(self.end_within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._forget()

    def _forget(self) -> None:
        os.close(self.pidfd)
        self.pidfd = -1
        self.process = None
