"""The database without the triggers that keep the history: for tests that tamper with it, and to empty it after one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from podium.server.history.guards import statements_to_guard, statements_to_unguard


@contextmanager
def unguarded() -> Iterator[None]:
    """Let events and chains be changed until the block ends."""
    _execute(statements_to_unguard(connection.vendor))
    try:
        yield
    finally:
        _execute(statements_to_guard(connection.vendor))


def _execute(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
