"""Having charts drawn by a process that is kept for a while, as its start takes longer than a drawing."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import threading
import time
from typing import Any

from podium.rules.errors import InternalError

_PATIENCE_S = 30.0
_KEPT_S = 20.0
_CHUNK_BYTES = 1 << 16


class Renderer:
    """Draws one chart at a time. Its process begins with the first one, and ends when none came for a while."""

    def __init__(self, kept_s: float = _KEPT_S) -> None:
        self._kept_s = kept_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    @property
    def running(self) -> bool:
        """Whether there is a process at the moment."""
        return self._process is not None and self._process.poll() is None

    def svg(self, spec: dict[str, Any]) -> str:
        """The picture of a specification.

        Raises:
            InternalError: it could not be drawn.
        """
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            try:
                answer = self._asked(json.dumps(spec).encode() + b"\n")
            except (OSError, ValueError) as error:
                self._end()
                raise InternalError(f"the process that draws charts failed: {error}") from error
            self._timer = threading.Timer(self._kept_s, self.close)
            self._timer.daemon = True
            self._timer.start()
        if "svg" not in answer:
            raise InternalError(f"a chart could not be drawn: {answer.get('error')}")
        return str(answer["svg"])

    def close(self) -> None:
        """End the process; the next drawing begins another."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._end()

    def _asked(self, line: bytes) -> dict[str, Any]:
        if not self.running:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "podium.server.charts.renderer"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={},
            )
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(_line_of(process))
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _line_of(process: subprocess.Popen[bytes]) -> bytes:
    """The next line that the process writes; OSError where none comes in time."""
    assert process.stdout is not None
    until = time.monotonic() + _PATIENCE_S
    parts = []
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, until - time.monotonic())):
            part = process.stdout.read1(_CHUNK_BYTES)  # type: ignore[attr-defined]
            if not part:
                raise OSError("it ended")
            parts.append(part)
            if part.endswith(b"\n"):
                return b"".join(parts)
    raise OSError(f"no answer came within {_PATIENCE_S:.0f} s")
