"""Ordering something of a process that computes, and what its end means."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from podium.rules.errors import InternalError, UserError
from podium.server.computing.files import MEMORY_EXIT, ORDER, OUTCOME

_log = structlog.get_logger(__name__)
_LOOK_EVERY_S = 0.02
_CHECK_EVERY_S = 0.5
_MOST_LOGGED = 4000
_FILE_BYTES = 2 << 30
_STDERR = "stderr.txt"
_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")


@dataclass(frozen=True)
class Limits:
    """What one scoring may take: bytes of memory, seconds of the processor and of the clock."""

    memory_bytes: int
    seconds: int


@contextmanager
def computed(
    room: str, order: Mapping[str, Any], limits: Limits, folder: Path, check: Callable[[], None]
) -> Iterator[tuple[dict[str, Any], Path]]:
    """Have something done by the process of a room, a package that can be run, in a folder of its own below `folder`:
    its outcome, and where its files are, while the `with` block lasts. `check` is called now and then; what it raises
    ends the process.

    Raises:
        UserError: it takes more memory or time than it may, or the order cannot be carried out as it is.
        InternalError: the process failed; the log has what it wrote.
    """
    with tempfile.TemporaryDirectory(prefix="scoring-", dir=folder) as made:
        place = Path(made)
        whole = {
            **order,
            "limits": {"memory_bytes": limits.memory_bytes, "cpu_s": limits.seconds, "file_bytes": _FILE_BYTES},
        }
        (place / ORDER).write_text(json.dumps(whole, default=str), encoding="utf-8")
        code = _run(room, place, limits.seconds, check)
        yield _outcome(place, code, limits), place


def _run(room: str, place: Path, seconds: int, check: Callable[[], None]) -> int:
    """The exit code of the process."""
    environment = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    # One thread: the site's other processes need the rest, and threads of linear algebra reserve memory each.
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    with (place / _STDERR).open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own program, and a folder of ours
            [sys.executable, "-m", room, str(place), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env=environment,
            start_new_session=True,
        )
        try:
            return _waited(process, seconds, check)
        finally:
            process.kill()
            process.wait()


def _waited(process: subprocess.Popen[bytes], seconds: int, check: Callable[[], None]) -> int:
    until = time.monotonic() + seconds
    next_check = 0.0
    while time.monotonic() < until:
        try:
            return process.wait(_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() >= next_check:
                next_check = time.monotonic() + _CHECK_EVERY_S
                check()
    raise _too_long(seconds)


def _outcome(place: Path, code: int, limits: Limits) -> dict[str, Any]:
    if code == 0:
        outcome: dict[str, Any] = json.loads((place / OUTCOME).read_bytes())
        if "error" in outcome:
            raise UserError(**outcome["error"])
        return outcome
    if code == -signal.SIGXCPU:
        raise _too_long(limits.seconds)
    if code in {MEMORY_EXIT, -signal.SIGKILL}:
        raise UserError(
            "scoring-memory",
            f"Scoring this takes more than the {limits.memory_bytes / 1e9:.1f} GB of memory that it may take here.",
            "Send fewer items or shorter texts, or ask the administrator to raise PODIUM_SCORING_MEMORY_BYTES.",
        )
    raise _crashed(place, code)


def _too_long(seconds: int) -> UserError:
    return UserError(
        "scoring-time",
        f"Scoring this takes longer than the {seconds} seconds that it may take here.",
        "Send fewer items or shorter texts, or ask the administrator to raise PODIUM_SCORING_TIME_S.",
    )


def _crashed(place: Path, code: int) -> InternalError:
    error = InternalError(f"the process that scores ended with {code}")
    with (place / _STDERR).open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - _MOST_LOGGED))
        said = file.read().decode("utf-8", "replace")
    _log.error("scoring_crashed", reference=error.reference, code=code, said=said)
    return error
