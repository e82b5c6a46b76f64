"""A validator for the part of JSON Schema (2020-12) that our schema uses; anything else in a schema is a failure."""

from __future__ import annotations

import re
from typing import Any

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_ANNOTATIONS = {"$schema", "$defs", "title", "description", "default", "format"}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "$") -> list[str]:
    """Where the value does not fit the schema: a place and the keyword that says no."""
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword not in _ANNOTATIONS:
            found += _CHECKS[keyword](value, wanted, root, place, schema)
    return found


def _is(value: Any, name: str) -> bool:
    # In JSON true is no number.
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _type(value: Any, wanted: Any, _root: Any, place: str, _schema: Any) -> list[str]:
    names = wanted if isinstance(wanted, list) else [wanted]
    return [] if any(_is(value, name) for name in names) else [f"{place} type"]


def _enum(value: Any, wanted: Any, _root: Any, place: str, _schema: Any) -> list[str]:
    return [] if any(value == one and type(value) is type(one) for one in wanted) else [f"{place} enum"]


def _ref(value: Any, wanted: str, root: Any, place: str, _schema: Any) -> list[str]:
    return faults(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, place)


def _any_of(value: Any, wanted: Any, root: Any, place: str, _schema: Any) -> list[str]:
    results = [faults(value, one, root, place) for one in wanted]
    return [] if [] in results else [f"{place} anyOf", *max(results, key=len)]


def _properties(value: Any, wanted: Any, root: Any, place: str, _schema: Any) -> list[str]:
    names = [name for name in wanted if isinstance(value, dict) and name in value]
    return [fault for name in names for fault in faults(value[name], wanted[name], root, f"{place}.{name}")]


def _additional(value: Any, wanted: Any, root: Any, place: str, schema: Any) -> list[str]:
    others = [name for name in value if name not in schema.get("properties", {})] if isinstance(value, dict) else []
    if wanted is False:
        return [f"{place}.{name} additionalProperties" for name in others]
    return [fault for name in others for fault in faults(value[name], wanted, root, f"{place}.{name}")]


def _names(value: Any, wanted: Any, root: Any, place: str, _schema: Any) -> list[str]:
    names = value if isinstance(value, dict) else {}
    return [fault for name in names for fault in faults(name, wanted, root, f"{place} name {name}")]


def _items(value: Any, wanted: Any, root: Any, place: str, _schema: Any) -> list[str]:
    items = value if isinstance(value, list) else []
    return [fault for n, item in enumerate(items) for fault in faults(item, wanted, root, f"{place}[{n}]")]


def _required(value: Any, wanted: Any, _root: Any, place: str, _schema: Any) -> list[str]:
    return [f"{place}.{name} required" for name in wanted if isinstance(value, dict) and name not in value]


def _bound(name: str, kind: type | tuple[type, ...], fails: Any) -> Any:
    def check(value: Any, wanted: Any, _root: Any, place: str, _schema: Any) -> list[str]:
        return [f"{place} {name}"] if isinstance(value, kind) and fails(value, wanted) else []

    return check


_CHECKS = {
    "type": _type,
    "enum": _enum,
    "$ref": _ref,
    "anyOf": _any_of,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "required": _required,
    "minimum": _bound("minimum", (int, float), lambda value, limit: value < limit),
    "maximum": _bound("maximum", (int, float), lambda value, limit: value > limit),
    "minLength": _bound("minLength", str, lambda value, limit: len(value) < limit),
    "maxLength": _bound("maxLength", str, lambda value, limit: len(value) > limit),
    "minItems": _bound("minItems", list, lambda value, limit: len(value) < limit),
    "minProperties": _bound("minProperties", dict, lambda value, limit: len(value) < limit),
    "pattern": _bound("pattern", str, lambda value, pattern: not re.search(pattern, value)),
}
