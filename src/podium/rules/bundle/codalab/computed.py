"""Columns of CodaLab that are computed from others."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from podium.rules.board.columns import Computation
from podium.rules.bundle.codalab.keys import COMPUTED
from podium.rules.bundle.nodes import Listing, Node, Scalar, kind_in_words
from podium.rules.bundle.section import Section

_OPERATIONS = {
    "Avg": Computation.AVERAGE_RANK,
    "Max": Computation.MAXIMUM,
    "Min": Computation.MINIMUM,
    "Sum": Computation.SUM,
}


def read_computation(
    column: Section, key: str, indexes: Mapping[str, int]
) -> tuple[Computation | None, tuple[int, ...]]:
    """How the column `key` is computed, and the indexes of the columns it is made from; None and none for an ordinary
    column. `indexes` are those of all columns of its leaderboard, by key.
    """
    section = column.within("computed", COMPUTED)
    if section is None:
        return None, ()
    operation = section.choice("operation")
    if operation is None and section.node("operation") is not None:
        hint = f"It is one of {', '.join(_OPERATIONS)}."
        section.findings.error(
            "key-missing", f"{section.named('operation')} is empty.", section.mark("operation"), hint
        )
    fields = _fields(section, key, indexes)
    section.note_unknown_keys()
    computation = _OPERATIONS.get(operation or "")
    if computation is Computation.AVERAGE_RANK:
        message = (
            f"{column.named('computed')} is the mean of the ranks in the columns it names, as Avg is in CodaLab, and "
            "not the mean of their values."
        )
        hint = 'For the mean of the values, use version 2 with "computation: avg".'
        section.findings.note("computed-from-ranks", message, section.mark("operation"), hint)
    return computation, fields


def _fields(section: Section, own_key: str, indexes: Mapping[str, int]) -> tuple[int, ...]:
    node = section.node("fields")
    if node is None:
        return ()
    found: dict[int, None] = {}
    names = list(_names(section, node))
    for name, item in names:
        if name == own_key:
            message = f"{section.named('fields')} names the column itself."
            section.findings.error("computation-of-itself", message, item.mark, "Name other columns.")
        elif name not in indexes:
            message = f'{section.named("fields")} names "{name[:60]}", which is no column of the same leaderboard.'
            hint = f"Name columns by their keys. There are: {', '.join(islice(indexes, 20))}."
            section.findings.error("computation-of-unknown", message, item.mark, hint)
        else:
            found[indexes[name]] = None
    if not names and not (isinstance(node, Listing) and node.items):
        message = f"{section.named('fields')} is empty."
        section.findings.error("list-empty", message, node.mark, "Name the columns it is made from.")
    return tuple(found)


def _names(section: Section, node: Node) -> list[tuple[str, Node]]:
    """The names in a list, or in a text with commas between them."""
    names: list[tuple[str, Node]] = []
    for item in node.items if isinstance(node, Listing) else (node,):
        if isinstance(item, Scalar):
            names += [(name.strip(), item) for name in item.text.split(",") if name.strip()]
        else:
            message = f"{section.named('fields')} has {kind_in_words(item)} where the key of a column belongs."
            section.findings.error("wrong-type", message, item.mark)
    return names
