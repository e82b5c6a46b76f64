"""What a board shows of everybody's submissions to a phase, worked out without writing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from podium.rules.board.refilling import refilled
from podium.rules.board.submission_rules import Candidate as RuleCandidate
from podium.rules.board.submission_rules import SubmissionRule
from podium.server.leaderboards.candidates import Candidate
from podium.server.leaderboards.entry_rows import EntryRow, entry_row, new_entry, rows_with_ranks
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries.plan import BoardPlan


class RowsOnDemand(dict[int, EntryRow]):
    """The rows that candidates make, by submission. Each is made when somebody asks for it: people send hundreds, and
    what happens to one of them concerns few others."""

    def __init__(self, plan: BoardPlan, candidates: Sequence[Candidate]) -> None:
        super().__init__()
        self._plan = plan
        self._candidates = {candidate.submission_id: candidate for candidate in candidates}

    def __missing__(self, submission_id: int) -> EntryRow:
        row = self[submission_id] = entry_row(self._plan, self._candidates[submission_id])
        return row


def for_rule(
    plan: BoardPlan,
    candidate: Candidate,
    rows: Mapping[int, EntryRow],
    on_board: Collection[int],
    marked: Collection[int],
) -> RuleCandidate:
    """A submission as the submission rule judges it when something happens to one; `marked` are those with a mark."""
    merit: bytes | None = b""
    if plan.rule is SubmissionRule.FORCE_BEST:
        merit = _merit(rows[candidate.submission_id])
    elif not {task.id for task in plan.tasks}.intersection(scores.task_id for scores in candidate.tasks):
        merit = None
    return _judged(candidate, merit, on_board, marked)


def _merit(row: EntryRow) -> bytes | None:
    return row.merit if row.cells else None


def _judged(
    candidate: Candidate, merit: bytes | None, on_board: Collection[int], marked: Collection[int]
) -> RuleCandidate:
    return RuleCandidate(
        id=candidate.submission_id,
        submitted_at=candidate.submitted_at,
        finished=candidate.finished,
        on_board=candidate.submission_id in on_board,
        rank_key=merit,
        marked=candidate.submission_id in marked,
    )


def standing_of_all(
    plan: BoardPlan,
    candidates: Sequence[Candidate],
    rows: Mapping[int, EntryRow],
    on_board: Collection[int],
    marked: Collection[int],
    *,
    another_rule: bool,
) -> set[int]:
    """The submissions that stand on a board that is filled anew; `on_board` are those that stand there now, `marked`
    those with a mark."""
    of_owner: dict[int, list[RuleCandidate]] = defaultdict(list)
    for each in candidates:
        of_owner[each.owner_id].append(_judged(each, _merit(rows[each.submission_id]), on_board, marked))
    return {pk for sent in of_owner.values() for pk in refilled(plan.rule, sent, another_rule=another_rule)}


def order_if_filled(
    plan: BoardPlan,
    candidates: Sequence[Candidate],
    on_board: Collection[int],
    marked: Collection[int],
    *,
    another_rule: bool,
) -> list[int]:
    """The ranked submissions in rank order, as they would be on a board made by this plan. Writes nothing."""
    rows = {each.submission_id: entry_row(plan, each) for each in candidates}
    stand = standing_of_all(plan, candidates, rows, on_board, marked, another_rule=another_rule) - set(marked)
    entries: list[Entry] = [
        new_entry(plan, each, rows[each.submission_id]) for each in candidates if each.submission_id in stand
    ]
    if plan.over_ranks:
        for entry, row in zip(entries, rows_with_ranks(plan, entries), strict=True):
            row.write_to(entry)
    return [entry.submission_id for entry in sorted(entries, key=lambda entry: bytes(entry.rank_key))]
