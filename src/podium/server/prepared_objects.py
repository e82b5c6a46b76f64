"""Queries of objects, whose SQL is made once, for the hot paths that need whole rows (see `prepared_queries`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from podium.server.prepared_queries import PreparedQuery, Row, Value

Found = TypeVar("Found", bound=Model)


class PreparedObjects(Generic[Found]):
    """A query of objects, with what `select_related` joins to them, that `make` writes from values as `PreparedQuery`
    has them. It has the same SQL whatever the values are."""

    def __init__(self, make: Callable[..., QuerySet[Found, Found]]) -> None:
        self._make = make
        self._rows = PreparedQuery(make)
        self._builders: dict[str, Callable[[Row], Found]] = {}
        self.__doc__ = make.__doc__

    def __call__(self, **values: Value) -> list[Found]:
        """The objects that it finds for these values; none for a number that no row can have."""
        build = self._builders.get(connection.vendor) or self._builder()
        return [build(row) for row in self._rows(**values)]

    def _builder(self) -> Callable[[Row], Found]:
        query = self._make(**dict.fromkeys(inspect.signature(self._make).parameters, 0)).query
        compiler = query.get_compiler(connection=connection)
        compiler.pre_sql_setup()
        info, alias = compiler.klass_info, connection.alias
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        names = [column[0].target.attname for column in compiler.select[first:last]]
        # The types are those of a newer Django, which asks for one more argument.
        related = get_related_populators(info, compiler.select, alias)  # type: ignore[call-arg]

        def build(row: Row) -> Found:
            made: Found = info["model"].from_db(alias, names, row[first:last])
            for joined in related:
                joined.populate(row, made)
            return made

        self._builders[connection.vendor] = build
        return build


def prepared_objects(make: Callable[..., QuerySet[Found, Found]]) -> PreparedObjects[Found]:
    """Make a function that writes a query of objects from values one that asks it."""
    return PreparedObjects(make)
