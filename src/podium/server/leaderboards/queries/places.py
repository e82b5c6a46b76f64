"""On which boards submissions stand, as far as a person may know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from podium.rules.board.submission_rules import SubmissionRule
from podium.server.leaderboards.models import Entry, Leaderboard


@dataclass(frozen=True)
class OfferedBoard:
    """A leaderboard as it concerns a submission. `hidden` ones are offered to the staff, and the first one always: a
    competition keeps its only board hidden and lets participants choose all the same."""

    id: int
    competition_id: int
    index: int
    title: str
    rule: SubmissionRule
    hidden: bool

    @property
    def tells(self) -> bool:
        """Whether participants may know what stands on it. A hidden board that fills itself would tell them by that
        how its hidden scores compare."""
        return not self.hidden or self.rule.chosen_by_owner


def offered_boards(
    competition_ids: Collection[int], sees_hidden: Collection[int]
) -> Mapping[int, tuple[OfferedBoard, ...]]:
    """The boards of each competition in their order; `sees_hidden` are those of which the person sees hidden ones."""
    found: dict[int, tuple[OfferedBoard, ...]] = dict.fromkeys(competition_ids, ())
    for row in Leaderboard.objects.filter(competition_id__in=competition_ids).order_by("index"):
        if not row.hidden or row.index == 0 or row.competition_id in sees_hidden:
            board = OfferedBoard(
                row.pk, row.competition_id, row.index, row.title, SubmissionRule(row.submission_rule), row.hidden
            )
            found[row.competition_id] = (*found[row.competition_id], board)
    return found


def places_of(
    submission_ids: Collection[int], boards: Collection[OfferedBoard], sees_hidden: Collection[int]
) -> Mapping[int, tuple[int, ...]]:
    """The ids of the boards that each submission stands on, as far as the person may know, in the order of `boards`."""
    told = [board.id for board in boards if board.tells or board.competition_id in sees_hidden]
    entries = Entry.objects.filter(leaderboard_id__in=told, submission_id__in=submission_ids)
    held: dict[int, set[int]] = {}
    for submission_id, leaderboard_id in entries.values_list("submission_id", "leaderboard_id"):
        held.setdefault(submission_id, set()).add(leaderboard_id)
    return {pk: tuple(board for board in told if board in held.get(pk, ())) for pk in submission_ids}
