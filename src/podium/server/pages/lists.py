"""Competitions in a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from podium.server.competitions.queries import CompetitionRow
from podium.server.pages import wording
from podium.server.pages.heads import logo_url
from podium.server.pages.parts import Kind, Text
from podium.server.pages.phases import state_of


@dataclass(frozen=True)
class CompetitionItem:
    """A line of the list. `mark` is a state that stands out, such as not being published."""

    url: str
    logo_url: str
    title: str
    line: str
    counts: str
    phase: str
    state: Text
    mark: str
    mark_kind: Kind


def items(rows: Iterable[CompetitionRow]) -> list[CompetitionItem]:
    """The lines of a list of competitions."""
    return [_item(row) for row in rows]


def _item(row: CompetitionRow) -> CompetitionItem:
    counts = [
        f"by {row.organizer}",
        wording.counted(row.participants, "participant"),
        wording.counted(row.submissions, "submission"),
    ]
    return CompetitionItem(
        url=reverse("competition", args=[row.id]),
        logo_url=logo_url(row),
        title=row.title,
        line=_first_line(row.description),
        counts=" · ".join([*counts, row.reward] if row.reward else counts),
        phase=row.phase.name if row.phase else "No phases",
        state=state_of(row.phase) if row.phase else "",
        mark="" if row.published else "Not published",
        mark_kind="busy",
    )


def _first_line(text: str) -> str:
    return next((line.strip("# ").strip() for line in text.splitlines() if line.strip("# ").strip()), "")
