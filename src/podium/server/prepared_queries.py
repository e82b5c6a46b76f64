"""Queries of the hot paths, whose SQL is made once: Django takes ten times as long to write a small query as a database
takes to answer it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

Row = tuple[Any, ...]
Value = int | bytes | str

# Stand where a value will stand while the SQL is made, and do not occur otherwise.
_FIRST_NUMBER = 9_173_502_846_194_000_000
_FIRST_TEXT = "the value of a prepared query, number "
_BEYOND = 1 << 63
_PLACES = re.compile(rf"%%|%s|{_FIRST_NUMBER // 1000}\d{{3}}")


class _Written(NamedTuple):
    """The SQL, what is given to it (the name of a value, or one that never changes), and what turns columns of the
    database into values of Python."""

    sql: str
    given: tuple[tuple[str | None, Any], ...]
    converters: tuple[tuple[int, tuple[Any, Any]], ...]


@dataclass(frozen=True)
class _Stand:
    """What stands for each value by its name, and the name by what stands for it."""

    values: dict[str, Value]
    names: dict[Value, str]


class PreparedQuery:
    """A query that `make` writes from values, each an int (a number of a row, or a bound of a slice), a str or bytes,
    as its annotations say. It must end in `values_list`, and have the same SQL whatever the values are."""

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._make = make
        self._stand = _stand_ins(make)
        self._written: dict[str, _Written] = {}
        self.__doc__ = make.__doc__

    def __call__(self, **values: Value) -> list[Row]:
        """The rows that it finds for these values; none for a number that no row can have."""
        if any(isinstance(value, int) and not -_BEYOND <= value < _BEYOND for value in values.values()):
            return []
        written = self._written.get(connection.vendor) or self._write()
        given = [fixed if name is None else values[name] for name, fixed in written.given]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, given)
            rows: list[Row] = cursor.fetchall()
        return _converted(rows, written.converters) if written.converters else rows

    def _write(self) -> _Written:
        query = self._make(**self._stand.values).query
        compiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        left = iter(params)
        given: list[tuple[str | None, Any]] = []

        def place(found: re.Match[str]) -> str:
            text = found.group()
            if text == "%%":
                return text
            value = _plain(next(left)) if text == "%s" else int(text)
            name = self._stand.names.get(value) if isinstance(value, int | bytes | str) else None
            given.append((name, None if name else value))
            return "%s"

        sql = _PLACES.sub(place, sql)
        if missing := self._stand.values.keys() - {name for name, _ in given}:
            raise ValueError(f"the query does not use {', '.join(sorted(missing))}")
        converters = compiler.get_converters([column[0] for column in compiler.select])
        self._written[connection.vendor] = _Written(sql, tuple(given), tuple(converters.items()))
        return self._written[connection.vendor]


def prepared(make: Callable[..., QuerySet[Any, Any]]) -> PreparedQuery:
    """Make a function that writes a query from values one that asks it (see `PreparedQuery`)."""
    return PreparedQuery(make)


def _stand_ins(make: Callable[..., QuerySet[Any, Any]]) -> _Stand:
    values: dict[str, Value] = {}
    for number, parameter in enumerate(inspect.signature(make).parameters.values()):
        text = f"{_FIRST_TEXT}{number}"
        # Annotations are texts where a module postpones them.
        kinds: dict[object, Value] = {"bytes": text.encode(), bytes: text.encode(), "str": text, str: text}
        values[parameter.name] = kinds.get(parameter.annotation, _FIRST_NUMBER + number)
    return _Stand(values, {value: name for name, value in values.items()})


def _plain(value: object) -> object:
    """A parameter without what drivers wrap bytes in."""
    held = getattr(value, "obj", value)
    return bytes(held) if isinstance(held, bytes | bytearray | memoryview) else value


def _converted(rows: list[Row], converters: tuple[tuple[int, tuple[Any, Any]], ...]) -> list[Row]:
    made = [list(row) for row in rows]
    for place, (steps, expression) in converters:
        for row in made:
            value = row[place]
            for step in steps:
                value = step(value, expression, connection)
            row[place] = value
    return [tuple(row) for row in made]
