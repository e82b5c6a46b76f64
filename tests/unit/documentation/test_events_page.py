"""The page of events says what the code says, kind by kind and field by field."""

from __future__ import annotations

import inspect

import pytest
from tests.unit.documentation.pages import DOCS

from podium.rules.event_payloads import (
    PAYLOADS,
    BoardState,
    ColumnState,
    PartOfSubmission,
    Payload,
    PhaseState,
    ShownQuestion,
    TaskState,
    check_payload,
)
from podium.rules.history import EventKind

PARTS = (BoardState, ColumnState, PhaseState, TaskState, PartOfSubmission, ShownQuestion)


def rows() -> dict[str, tuple[str, str]]:
    """By the first cell, the two others of every line of a table on the page."""
    lines = (DOCS / "reference" / "events.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {first: (second, third) for first, second, third in cells}


def described(model: type[Payload]) -> tuple[str, str]:
    fields = (f"`{name}`{'' if field.is_required() else ' (optional)'}" for name, field in model.model_fields.items())
    return " ".join((inspect.getdoc(model) or "").split()), ", ".join(fields)


def test_the_page_lists_every_kind_with_all_its_fields_and_no_other() -> None:
    kinds = {name.strip("`"): said for name, said in rows().items() if name.startswith("`")}
    assert kinds == {str(kind): described(model) for kind, model in PAYLOADS.items()}
    assert set(PAYLOADS) == set(EventKind)


@pytest.mark.parametrize("part", PARTS)
def test_the_page_lists_the_parts_of_payloads(part: type[Payload]) -> None:
    assert rows()[part.__name__] == described(part)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"submission": 1, "phase": 1, "leaderboard": 1, "name": "Anna"},
        {"submission": "1", "phase": 1, "leaderboard": 1},
        {"submission": True, "phase": 1, "leaderboard": 1},
        {"submission": 0, "phase": 1, "leaderboard": 1},
        {"submission": 1, "phase": None, "leaderboard": 1},
    ],
)
def test_a_payload_is_what_its_kind_says_and_nothing_more(payload: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot say this"):
        check_payload(EventKind.ENTRY_ADDED, payload)


@pytest.mark.parametrize("reason", ["Too late", "0" * 63, "0" * 64 + "\n", None])
def test_no_text_of_a_person_passes_for_a_reference(reason: str | None) -> None:
    payload = {"submission": 1, "task": 1, "edit": 1, "scores": {"accuracy": 0.5}}
    check_payload(EventKind.SCORES_EDITED, payload | {"reason": "0" * 64})
    with pytest.raises(ValueError, match="reason"):
        check_payload(EventKind.SCORES_EDITED, payload | {"reason": reason})
