"""The database: it answers, takes writes, and has the tables of this version."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from podium.launch.checks.check import Check

ANSWERS = "database"
TABLES = "tables"


def check_database() -> Iterator[Check]:
    """Whether the database can be used. Where it does not answer, nothing more is said."""
    kind = connection.vendor
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT sqlite_version()" if kind == "sqlite" else "SHOW server_version")
            (version,) = cursor.fetchone()
    except Error as error:
        yield Check(ANSWERS, "failed", f"It does not answer: {_said(error)}.", _REACH_ADVICE[kind])
        return
    yield Check(ANSWERS, "in order", f"{'SQLite' if kind == 'sqlite' else 'PostgreSQL'} {version} answers.")
    tables = _tables()
    yield tables
    if tables.state != "failed":
        yield _writable()
    if kind == "sqlite":
        yield _journal()


_REACH_ADVICE = {
    "sqlite": "See that the data folder and its podium.sqlite3 belong to the user who runs this, and check the disk.",
    "postgresql": "Check PODIUM_DATABASE_URL, and that the server runs and lets you in.",
}


def _tables() -> Check:
    try:
        executor = MigrationExecutor(connection)
    except Error as error:
        return Check(TABLES, "failed", f"They cannot be read: {_said(error)}.", "Restore the copy of the database.")
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return Check(
            TABLES,
            "failed",
            f"They are older than this version of Podium: {missing} migrations were not applied.",
            "Start the site again with `podium up`, which applies them.",
        )
    unknown = sorted(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations or {}))
    if unknown:
        app, name = unknown[0]
        return Check(
            TABLES,
            "failed",
            f"They are newer than this version of Podium, which does not know {app} {name}.",
            "Use the version of Podium that the site was last started with.",
        )
    return Check(TABLES, "in order", "They are those of this version.")


def _writable() -> Check:
    """By a write that is taken back: a read-only disk, a full one and missing rights all show themselves by it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = name")
            transaction.set_rollback(True)
    except Error as error:
        return Check(
            "database writes",
            "failed",
            f"It takes no writes: {_said(error)}.",
            "Make the data folder writable, and free space on its disk. With PostgreSQL, grant the user its rights.",
        )
    return Check("database writes", "in order", "A row was written and taken back.")


def _journal() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()
    if mode in {"wal", "memory"}:
        return Check("journal", "in order", "Readers and writers do not wait for each other (WAL).")
    return Check(
        "journal",
        "failed",
        f"SQLite keeps its journal in mode {mode}: readers and writers wait for each other.",
        "Put the data folder on a disk of this machine, not on a network file system; or use PostgreSQL.",
    )


def _said(error: Error) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
