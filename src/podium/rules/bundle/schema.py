"""The JSON Schema of competition.yaml, version 2, made from the table of keys: what editors complete and check by.

It describes how a competition.yaml is best written. The reader takes more (such as keys it does not know, with a note);
what is written by this schema, it takes as well, as far as a schema can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.rules.bundle.extensions import EXTENSIONS
from podium.rules.bundle.keys import (
    COLUMN,
    COMPETITION,
    FACT_SHEET_QUESTION,
    LEADERBOARD,
    LEVELS,
    PAGE,
    PHASE,
    SOLUTION,
    TASK,
    Key,
    Level,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_WHOLE: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_TEXT: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}
LISTED_TABLES = {
    (COMPETITION.name, "pages"): PAGE,
    (COMPETITION.name, "tasks"): TASK,
    (COMPETITION.name, "solutions"): SOLUTION,
    (COMPETITION.name, "phases"): PHASE,
    (COMPETITION.name, "leaderboards"): LEADERBOARD,
    (COMPETITION.name, "leaderboard"): LEADERBOARD,
    (LEADERBOARD.name, "columns"): COLUMN,
}
"""What the tables in a list are, by level and key of the list."""
WHOLE_LISTS = {
    (SOLUTION.name, "tasks"),
    (PHASE.name, "tasks"),
    (COLUMN.name, "computation_indexes"),
}
"""The lists of whole numbers, by level and key."""


def competition_schema() -> dict[str, Any]:
    """The schema of a whole competition.yaml, as plain values."""
    root = _table(COMPETITION)
    root["required"].remove("leaderboards")
    root["anyOf"] = [{"required": ["leaderboards"]}, {"required": ["leaderboard"]}]
    return {
        "$schema": DIALECT,
        "title": "competition.yaml",
        "description": "A competition bundle, version 2.",
        **root,
        "$defs": {_definition(level): _table(level) for level in LEVELS if level is not COMPETITION},
    }


def _table(level: Level) -> dict[str, Any]:
    table: dict[str, Any] = {
        "type": "object",
        "properties": {key.name: _property(level, key) for key in level.keys},
        "required": [key.name for key in level.keys if key.required],
        "additionalProperties": False,
    }
    if level is TASK:
        table["anyOf"] = [{"required": ["key"]}, {"required": ["name", "scoring_program"]}]
    if level is SOLUTION:
        table["anyOf"] = [{"required": ["key"]}, {"required": ["path"]}]
    return table


def _property(level: Level, key: Key) -> dict[str, Any]:
    described: dict[str, Any] = {"description": key.meaning}
    if key.default is not None:
        described["default"] = key.default
    shape = _shape(level, key)
    if not key.required:
        # A key whose value is null counts as not there; for submission limits it means no limit.
        shape = {"anyOf": [shape, {"type": "null"}]}
    return {**described, **shape}


def _shape(level: Level, key: Key) -> dict[str, Any]:
    match key.kind:
        case "whole":
            return {**_WHOLE, "minimum": key.least, "maximum": key.limit}
        case "flag" | "unused" if isinstance(key.default, bool):
            return {"enum": [True, False, "true", "false"]}
        case "choice":
            return {"enum": [str(choice) for choice in key.choices]}
        case "version":
            return {"enum": [2, "2"]}
        case "uuid":
            return {"type": "string", "format": "uuid"}
        case "moment":
            return {"type": "string", "minLength": 1}
        case "file" | "member":
            return {"type": "string", "minLength": 1}
        case "list":
            return _list(level, key)
        case "table":
            return _inner_table(level, key)
    return {**_TEXT, **({"maxLength": key.limit} if key.limit else {})}


def _list(level: Level, key: Key) -> dict[str, Any]:
    inner = LISTED_TABLES.get((level.name, key.name))
    if inner is not None:
        items: Mapping[str, Any] = {"$ref": f"#/$defs/{_definition(inner)}"}
    else:
        items = _WHOLE if (level.name, key.name) in WHOLE_LISTS else _TEXT
    shape: dict[str, Any] = {"type": "array", "items": dict(items)}
    if key.required:
        shape["minItems"] = 1
    if key.name == "leaderboard" and inner is not None:
        return {"anyOf": [shape, dict(items)]}
    return shape


def _inner_table(level: Level, key: Key) -> dict[str, Any]:
    if key.name == "fact_sheet":
        question = {"$ref": f"#/$defs/{_definition(FACT_SHEET_QUESTION)}"}
        return {"type": "object", "propertyNames": {"pattern": r"^\S+$"}, "additionalProperties": question}
    known = EXTENSIONS.get(level.name, {})
    return {"type": "object", "properties": {name: dict(shape) for name, shape in known.items()}}


def _definition(level: Level) -> str:
    """`a question of the fact sheet` becomes `question_of_the_fact_sheet`."""
    return level.name.removeprefix("the ").removeprefix("a ").replace(" ", "_")
