"""What the database itself refuses: changing, replacing or deleting an event, and moving the end of a chain anywhere
but forward.

Triggers do that, so that neither a mistake in this program nor a hasty statement at the database's prompt rewrites the
past. Whoever owns the database can drop them; that the chain was then changed is found by its hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_EVENT = "an event is never changed or deleted"
_CHAIN = "the end of a chain only moves forward"

_GUARDS: dict[str, tuple[str, str]] = {
    # By name: the statement that it stands before, and when it refuses.
    "history_event_stays": ("UPDATE ON history_event", _EVENT),
    "history_event_is_kept": ("DELETE ON history_event", _EVENT),
    "history_chain_goes_on": ("UPDATE ON history_chain", _CHAIN),
    "history_chain_is_kept": ("DELETE ON history_chain", _CHAIN),
}
_AGAINST_REPLACING: dict[str, tuple[str, str]] = {
    # Where SQLite's REPLACE takes a row away to make room for another, no trigger of a deletion is asked.
    "history_event_is_new": ("INSERT ON history_event", _EVENT),
    "history_chain_is_new": ("INSERT ON history_chain", _CHAIN),
}
_BACKWARD = (
    "NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject OR NEW.head_seq < OLD.head_seq"
    " OR (NEW.head_seq = OLD.head_seq AND NEW.head_hash <> OLD.head_hash)"
)
_THERE = {
    "history_event_is_new": "EXISTS (SELECT 1 FROM history_event WHERE id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM history_event WHERE chain_id = NEW.chain_id AND seq = NEW.seq)",
    "history_chain_is_new": "EXISTS (SELECT 1 FROM history_chain WHERE id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM history_chain WHERE kind = NEW.kind AND subject = NEW.subject)",
}


def install_guards(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - as migrations call it
    """Make the triggers, as a migration does."""
    for statement in statements_to_guard(editor.connection.vendor):
        editor.execute(statement)


def remove_guards(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - as migrations call it
    """Take the triggers away, as a migration that is undone does."""
    for statement in statements_to_unguard(editor.connection.vendor):
        editor.execute(statement)


def statements_to_guard(vendor: str) -> Sequence[str]:
    """What makes the triggers on this kind of database."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {place} {_when(name)}BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for name, (place, message) in {**_GUARDS, **_AGAINST_REPLACING}.items()
        ]
    return [*map(_function, _FUNCTIONS), *map(_trigger, _GUARDS), *map(_trigger_of_whole, _FUNCTIONS)]


def statements_to_unguard(vendor: str) -> Sequence[str]:
    """What takes the triggers away again."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {name}" for name in (*_GUARDS, *_AGAINST_REPLACING)]
    return [f"DROP FUNCTION refuse_change_of_{table}() CASCADE" for table in _FUNCTIONS]


def _when(name: str) -> str:
    condition = _BACKWARD if name == "history_chain_goes_on" else _THERE.get(name, "")
    return f"WHEN {condition} " if condition else ""


_FUNCTIONS = {"history_event": _EVENT, "history_chain": _CHAIN}
"""By table, what PostgreSQL says where it refuses."""


def _function(table: str) -> str:
    return (
        f"CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_FUNCTIONS[table]}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )


def _trigger(name: str) -> str:
    place, _ = _GUARDS[name]
    when = f"WHEN ({_BACKWARD}) " if _when(name) else ""
    table = place.split(" ON ")[1]
    return f"CREATE TRIGGER {name} BEFORE {place} FOR EACH ROW {when}EXECUTE FUNCTION refuse_change_of_{table}()"


def _trigger_of_whole(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_{table}()"
    )
