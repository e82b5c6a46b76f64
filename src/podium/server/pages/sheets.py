"""Submissions in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from podium.rules.board.columns import Column
from podium.rules.board.display import aligned
from podium.rules.board.ranking import column_order
from podium.rules.errors import NotFound
from podium.server.competitions.queries import CompetitionDetail
from podium.server.leaderboards.queries import plan_of_phase
from podium.server.pages import wording
from podium.server.pages.parts import Kind
from podium.server.pages.statuses import KINDS
from podium.server.submissions.queries.listing import SubmissionRow


@dataclass(frozen=True)
class SubmissionLine:
    """A line of the table."""

    id: int
    url: str
    name: str
    status: str
    status_kind: Kind
    owner: str
    phase: str
    competition: str
    competition_url: str
    file: str
    score: str
    score_missing: bool
    on_board: str
    sent: SafeString


def lines(rows: Iterable[SubmissionRow], column: Column | None = None) -> list[SubmissionLine]:
    """The lines of a table of submissions, with the score of the column."""
    return [_line(row, column) for row in rows]


def main_column(shown: CompetitionDetail, *, sees_hidden: bool) -> Column | None:
    """The column that ranks first; None where there is none that the person may see."""
    if not shown.phases:
        return None
    try:
        plan = plan_of_phase(shown.phases[0].id)
    except NotFound:
        return None
    first = column_order(plan.columns, plan.primary_index)[0]
    return first if sees_hidden or not (plan.hidden or first.hidden) else None


def _line(row: SubmissionRow, column: Column | None) -> SubmissionLine:
    value = dict(row.scores).get(column.key) if column else None
    return SubmissionLine(
        id=row.id,
        url=reverse("submission", args=[row.id]),
        name=f"No. {row.number}",
        status=row.status.value,
        status_kind=KINDS[row.status],
        owner=row.owner,
        phase=row.phase_name,
        competition=row.competition_title,
        competition_url=reverse("competition", args=[row.competition_id]),
        file=f"{row.file_name}: {row.description}" if row.description else row.file_name,
        score=aligned(value, column.precision if column else 0),
        score_missing=value is None,
        on_board="on the board" if row.on_board else "",
        sent=wording.ago(row.created_at),
    )
