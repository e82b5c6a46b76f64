"""What a change of a leaderboard would move: said at once where few submissions are concerned, else by a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from podium.rules.bundle.board_draft import BoardDraft, drafted, edited
from podium.rules.bundle.changes import Change
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.errors import NotAllowed, Problem
from podium.server.accounts.people import Person
from podium.server.exports.description import board_spec
from podium.server.jobs.internal import services as jobs
from podium.server.jobs.internal.queries import JobStatus, job_about, job_status
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.models import Leaderboard
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.dependents import scored_under
from podium.server.updates.board_editions import (
    Edition,
    changes_between,
    check_losses,
    check_unchanged,
    editable_board,
    sealed,
    unsealed,
)
from podium.server.updates.board_moves import Moves, moves_from, moves_of, plain_moves
from podium.server.updates.board_specs import plain, spec_of

BOARD_PREVIEW = "board-preview"
MOST_AT_ONCE = 2000
"""So many submissions are ranked once more while somebody waits for the answer; of more, a job tells."""
NO_MOVES = Moves(0, ())


@dataclass(frozen=True)
class ProposedBoard:
    """What a change of a leaderboard would do: without `changes` there is nothing to apply. `proposal` is what applying
    it takes."""

    competition_id: int
    leaderboard_id: int
    title: str
    changes: tuple[Change, ...]
    notes: tuple[Problem, ...]
    moves: Moves
    proposal: str


@dataclass(frozen=True)
class PreviewStatus:
    """How a preview stands that a job works out. `wish` is what was wished, to be edited further; `found` is there once
    the job has finished."""

    job: JobStatus
    wish: Edition
    found: ProposedBoard | None


def preview(by: Person, leaderboard_id: int, draft: BoardDraft, edition: str) -> ProposedBoard | int:
    """Say what it would mean to make a leaderboard what the draft says, or begin to work it out: then the number of the
    job that does. Writes nothing else.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
        UserError: there is no such edition of this person.
        Conflict: somebody has changed it since it was opened; the message says what.
        BoardError: with everything that is wrong with the draft, and all scores that it would lose.
    """
    board = editable_board(by, leaderboard_id)
    (base,) = unsealed(by, board.pk, edition, 1)
    now = board_spec(board)
    check_unchanged(base, now)
    new = edited(now, draft)
    if new != now and _takes_long(board.competition_id):
        return _begun(by, board, now, new)
    check_losses(board, now, new)
    moves = NO_MOVES if new == now else moves_of(board, new, another_rule=_another_rule(now, new))
    return _proposed(by, board, now, new, tuple(_notes(board, now, new)), moves)


def preview_status(by: Person, job_id: int) -> PreviewStatus:
    """How a preview stands that the person began.

    Raises:
        NotFound: the person began no such preview, or the leaderboard is gone or not theirs to see any more.
        NotAllowed: it is not the person's to edit any more.
    """
    job = job_status(by, BOARD_PREVIEW, job_id)
    board = editable_board(by, job.payload["leaderboard"])
    old, new = spec_of(job.payload["old"]), spec_of(job.payload["new"])
    found = None
    if "moves" in job.result:
        found = _proposed(by, board, old, new, job.problems, moves_from(job.result["moves"]))
    wish = Edition(board.competition_id, board.pk, drafted(new), sealed(by, board.pk, old))
    return PreviewStatus(job, wish, found)


def _takes_long(competition_id: int) -> bool:
    sent = Submission.objects.filter(phase__competition_id=competition_id, parent=None, is_deleted=False)
    return sent[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE


def _begun(by: Person, board: Leaderboard, old: LeaderboardSpec, new: LeaderboardSpec) -> int:
    """A person looks at one preview of a leaderboard at a time: what came before is given up and forgotten."""
    subject = f"leaderboard {board.pk} for {by.id}"
    payload = {"leaderboard": board.pk, "competition": board.competition_id, "old": plain(old), "new": plain(new)}
    with transaction.atomic():
        before = job_about(BOARD_PREVIEW, subject)
        if before is not None:
            jobs.cancel(before)
            jobs.forget_ended(BOARD_PREVIEW, subject)
        return jobs.ask_for(BOARD_PREVIEW, by, payload, subject=subject)


def _carry_out(work: Work) -> None:
    payload, by = work.order.payload, work.order.owner
    if by is None:
        message = "The account that asked for the preview may not act any more."
        raise NotAllowed("account-gone", message, "Ask for it from another account.")
    old, new = spec_of(payload["old"]), spec_of(payload["new"])
    board = editable_board(by, payload["leaderboard"])
    check_unchanged(old, board_spec(board))
    check_losses(board, old, new)
    moves = moves_of(board, new, another_rule=_another_rule(old, new), advance=work.advance)
    notes = _notes(board, old, new)
    with transaction.atomic():
        # Not what people are called: that would stay here when an account is erased.
        work.finish({"moves": plain_moves(moves)}, notes)


def _proposed(
    by: Person,
    board: Leaderboard,
    old: LeaderboardSpec,
    new: LeaderboardSpec,
    notes: tuple[Problem, ...],
    moves: Moves,
) -> ProposedBoard:
    return ProposedBoard(
        competition_id=board.competition_id,
        leaderboard_id=board.pk,
        title=old.title,
        changes=changes_between(old, new),
        notes=notes,
        moves=moves,
        proposal=sealed(by, board.pk, old, new),
    )


def _another_rule(old: LeaderboardSpec, new: LeaderboardSpec) -> bool:
    return old.submission_rule is not new.submission_rule


def _notes(board: Leaderboard, old: LeaderboardSpec, new: LeaderboardSpec) -> list[Problem]:
    scored: Mapping[str, Any] = scored_under(board.competition_id)
    before = {column.key for column in old.columns}
    fresh = [column for column in new.columns if column.key not in before and column.computation is None]
    return [
        Problem(
            "column-without-scores",
            f'No submission has a score for the new column "{column.key}" yet.',
            "Where a value is missing, a submission ranks below those that have it.",
            severity="note",
        )
        for column in fresh
        if scored and not scored.get(column.key)
    ]


BOARD_PREVIEWS = JobKind(BOARD_PREVIEW, _carry_out)
"""How previews are worked out that take long."""
