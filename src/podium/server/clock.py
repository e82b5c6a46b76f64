"""The one clock of the server. Services ask it, so that a test can set the time for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The present moment, UTC."""
    return _source()


@contextmanager
def clock_at(moment: Callable[[], datetime] | datetime) -> Iterator[None]:
    """Let the server's clock show `moment` (or what it returns) until the block ends."""
    global _source  # noqa: PLW0603
    before = _source
    _source = moment if callable(moment) else lambda: moment
    try:
        yield
    finally:
        _source = before
