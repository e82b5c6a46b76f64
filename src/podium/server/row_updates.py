"""Writing many rows that each say something else now, by one statement that is made once.

Django's `bulk_update` makes an expression for every value of every row: for a thousand rows that takes it seconds, in
which nobody else can write to SQLite.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model


def update_rows(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write the fields of these names of rows of one table as the objects have them, each to the row of its number.

    One whose row is gone writes nothing. The caller is in a transaction, and holds the rows.
    """
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001 - the name of what every model shows
    by_name = {field.name: field for field in meta.concrete_fields}
    fields, key = [by_name[name] for name in names], next(field for field in by_name.values() if field.primary_key)
    *written, where = (f"{_quoted(str(field.column))} = %s" for field in (*fields, key))
    statement = f"UPDATE {_quoted(meta.db_table)} SET {', '.join(written)} WHERE {where}"  # noqa: S608 - names of our own tables
    given = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for field in (*fields, key)] for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, given)


def _quoted(name: str) -> str:
    quoted: str = connection.ops.quote_name(name)
    return quoted
