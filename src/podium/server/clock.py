"""The one clock of the server. Services ask it, so that a test can set the time for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time
_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """The present moment, UTC."""
    return _held.get() or _source()


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything that this thread does in the block happen at the moment of its beginning: what is committed at
    once has no before and after."""
    token = _held.set(now())
    try:
        yield
    finally:
        _held.reset(token)


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
