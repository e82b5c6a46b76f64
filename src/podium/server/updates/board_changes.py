"""Changing one leaderboard of a competition, all at once: by a job, or for clients that know no job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from podium.rules.bundle.board_draft import BoardDraft, drafted, edited
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.errors import Conflict, NotAllowed
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.exports.description import board_spec
from podium.server.jobs.internal import services as jobs
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.services.changing import change_boards
from podium.server.leaderboards.services.recording import board_states, record_boards
from podium.server.submissions.services.changing import hold_submissions, refill_boards
from podium.server.updates.board_editions import (
    changes_between,
    check_losses,
    check_unchanged,
    editable_board,
    unsealed,
)
from podium.server.updates.board_specs import plain, spec_of

BOARD_CHANGE = "board-change"


def apply(by: Person, leaderboard_id: int, proposal: str) -> int:
    """Have a leaderboard made what was proposed, all at once. Returns the number of the job that does it.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
        UserError: there is no such proposal of this person.
        Conflict: somebody has changed it since, or a change of it is being made.
    """
    board = editable_board(by, leaderboard_id)
    base, new = unsealed(by, board.pk, proposal, 2)
    with transaction.atomic():
        list(Competition.objects.select_for_update(no_key=True).filter(pk=board.competition_id).values_list("pk"))
        check_unchanged(base, board_spec(editable_board(by, leaderboard_id)))
        subject = f"leaderboard {board.pk}"
        if InternalJob.objects.filter(kind=BOARD_CHANGE, subject=subject, ended_at=None).exists():
            raise Conflict(
                "board-being-changed",
                "Another change of this leaderboard is being made at this moment.",
                "Open the editor again in a moment, and look at what has changed.",
            )
        payload = {
            "leaderboard": board.pk,
            "competition": board.competition_id,
            "old": plain(base),
            "new": plain(new),
        }
        return jobs.ask_for(BOARD_CHANGE, by, payload, subject=subject)


@transaction.atomic
def change_at_once(by: Person, leaderboard_id: int, edit: Callable[[BoardDraft], BoardDraft]) -> None:
    """Make a leaderboard what `edit` makes of it as it is now, without a preview, before this returns. For clients that
    know no other way; whoever waits for it waits for as long as the job would take.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
        BoardError: with everything that is wrong with the draft, and all scores that it would lose.
    """
    competition_id = editable_board(by, leaderboard_id).competition_id
    list(Competition.objects.select_for_update(no_key=True).filter(pk=competition_id).values_list("pk"))
    hold_submissions(competition_id)
    board = editable_board(by, leaderboard_id)
    now = board_spec(board)
    new = edited(now, edit(drafted(now)))
    if new != now:
        check_losses(board, now, new)
        _written(by, board, now, new)


def _carry_out(work: Work) -> None:
    payload, by = work.order.payload, work.order.owner
    if by is None:
        message = "The account that changed the leaderboard may not act any more."
        raise NotAllowed("account-gone", message, "Change it from another account.")
    work.advance(0, 1, "Making the leaderboard again")
    old, new = spec_of(payload["old"]), spec_of(payload["new"])
    with transaction.atomic():
        competition_id = payload["competition"]
        list(Competition.objects.select_for_update(no_key=True).filter(pk=competition_id).values_list("pk"))
        hold_submissions(competition_id)
        board = editable_board(by, payload["leaderboard"])
        check_unchanged(old, board_spec(board))
        check_losses(board, old, new)
        work.finish(_written(by, board, old, new))


@clock.one_moment()
def _written(by: Person, board: Leaderboard, old: LeaderboardSpec, new: LeaderboardSpec) -> dict[str, Any]:
    """Make the change and tell it to the history; the caller holds everything concerned."""
    boards = Leaderboard.objects.filter(competition_id=board.competition_id).order_by("index")
    specs = [new if each.pk == board.pk else board_spec(each) for each in boards]
    kept = {each.key: each.pk for each in boards}
    before = board_states(board.competition_id)
    change_boards(board.competition_id, specs, kept)
    record_boards(by, board.competition_id, before)
    another_rule = {board.pk} if old.submission_rule is not new.submission_rule else set()
    refill_boards(by, board.competition_id, another_rule=another_rule)
    return {"leaderboard": board.pk, "title": new.title, "changes": len(changes_between(old, new))}


BOARD_CHANGES = JobKind(BOARD_CHANGE, _carry_out)
"""How changes of leaderboards are carried out."""
