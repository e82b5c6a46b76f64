"""The tree a YAML text is turned into: three kinds of nodes, each with its place in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from podium.rules.bundle.findings import Mark

ScalarKind = Literal["text", "whole", "number", "flag", "null", "moment"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: the `text` as written, and what YAML 1.1 takes it for."""

    text: str
    kind: ScalarKind
    mark: Mark
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. `size` counts the nodes below with every alias written out, `depth` the levels."""

    items: tuple[Node, ...]
    mark: Mark
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a table and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, merge keys already resolved."""

    entries: Mapping[str, Entry]
    mark: Mark
    size: int = 1
    depth: int = 1


Node = Scalar | Listing | Table


def kind_in_words(node: Node) -> str:
    """What a person would call the node: "a list", "a table of keys", "a text"."""
    if isinstance(node, Listing):
        return "a list"
    if isinstance(node, Table):
        return "a table of keys"
    words = {
        "whole": "a whole number",
        "number": "a number",
        "flag": "true or false",
        "null": "empty",
        "moment": "a date",
    }
    return words.get(node.kind, "a text")


def plain_value(node: Node) -> object:
    """The node as JSON-like Python: dict, list, str, int, float, bool, None. Dates stay text."""
    if isinstance(node, Listing):
        return [plain_value(item) for item in node.items]
    if isinstance(node, Table):
        return {key: plain_value(entry.value) for key, entry in node.entries.items()}
    if node.kind == "null":
        return None
    if node.kind == "flag":
        return node.text.lower() in ("true", "yes", "on")
    return _number(node) if node.kind in ("whole", "number") else node.text


def _number(node: Scalar) -> object:
    """Decimal notation becomes a number; hexadecimal, base 60 and infinities, which JSON does not have, stay text."""
    text = node.text.replace("_", "")
    try:
        if node.kind == "whole":
            return int(text) if len(text) <= 32 and text.lstrip("+-") == str(int(text.lstrip("+-"))) else node.text
        value = float(text)
    except ValueError:
        return node.text
    return value if abs(value) < float("inf") else node.text


def is_null(node: Node) -> bool:
    """Whether it says that there is no value."""
    return isinstance(node, Scalar) and node.kind == "null"
