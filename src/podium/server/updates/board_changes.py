"""Editing one leaderboard of a competition: as it is, what a change would move, and the job that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction

from podium.rules.access import Action
from podium.rules.bundle.board_draft import BoardDraft, drafted, edited
from podium.rules.bundle.changes import Change
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.errors import BoardError, Conflict, NotAllowed, Problem, UserError
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.competitions.queries import standing_of
from podium.server.exports.description import board_spec
from podium.server.jobs.internal import services as jobs
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.leaderboards.queries.plan import leaderboard_not_found
from podium.server.leaderboards.services.changing import change_boards
from podium.server.leaderboards.services.recording import board_states, record_boards
from podium.server.submissions.queries.dependents import scored_under
from podium.server.submissions.services.changing import hold_submissions, refill_boards
from podium.server.updates.board_losses import board_losses
from podium.server.updates.board_moves import Moves, moves_of
from podium.server.updates.board_specs import board_differences, plain, spec_of
from podium.server.updates.matching import match_boards
from podium.server.updates.proposals import LIFETIME

BOARD_CHANGE = "board-change"
_SALT = "podium.updates.boards"


@dataclass(frozen=True)
class Edition:
    """A leaderboard as an editor opens it. `edition` is a text that says by itself how it was then, so that nobody
    writes over what somebody else has changed meanwhile."""

    competition_id: int
    leaderboard_id: int
    draft: BoardDraft
    edition: str


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


def edition_of(by: Person, leaderboard_id: int) -> Edition:
    """A leaderboard for its editor.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
    """
    board = _allowed(by, leaderboard_id)
    spec = board_spec(board)
    return Edition(board.competition_id, board.pk, drafted(spec), _sealed(by, board.pk, spec))


def preview(by: Person, leaderboard_id: int, draft: BoardDraft, edition: str) -> ProposedBoard:
    """Say what it would mean to make a leaderboard what the draft says. Writes nothing.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
        UserError: there is no such edition of this person.
        Conflict: somebody has changed it since it was opened; the message says what.
        BoardError: with everything that is wrong with the draft, and all scores that it would lose.
    """
    board = _allowed(by, leaderboard_id)
    (base,) = _opened(by, board.pk, edition, 1)
    now = board_spec(board)
    _check_unchanged(base, now)
    new = edited(now, draft)
    _check_losses(board, now, new)
    return ProposedBoard(
        competition_id=board.competition_id,
        leaderboard_id=board.pk,
        title=now.title,
        changes=_changes(now, new),
        notes=tuple(_notes(board, now, new)),
        moves=moves_of(board, new, another_rule=now.submission_rule is not new.submission_rule),
        proposal=_sealed(by, board.pk, now, new),
    )


def apply(by: Person, leaderboard_id: int, proposal: str) -> int:
    """Have a leaderboard made what was proposed, all at once. Returns the number of the job that does it.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
        UserError: there is no such proposal of this person.
        Conflict: somebody has changed it since, or a change of it is being made.
    """
    board = _allowed(by, leaderboard_id)
    base, new = _opened(by, board.pk, proposal, 2)
    with transaction.atomic():
        list(Competition.objects.select_for_update(no_key=True).filter(pk=board.competition_id).values_list("pk"))
        _check_unchanged(base, board_spec(_allowed(by, leaderboard_id)))
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
    competition_id = _allowed(by, leaderboard_id).competition_id
    list(Competition.objects.select_for_update(no_key=True).filter(pk=competition_id).values_list("pk"))
    hold_submissions(competition_id)
    board = _allowed(by, leaderboard_id)
    now = board_spec(board)
    new = edited(now, edit(drafted(now)))
    if new != now:
        _check_losses(board, now, new)
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
        board = _allowed(by, payload["leaderboard"])
        _check_unchanged(old, board_spec(board))
        _check_losses(board, old, new)
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
    return {"leaderboard": board.pk, "title": new.title, "changes": len(_changes(old, new))}


def _allowed(by: Person, leaderboard_id: int) -> Leaderboard:
    board = Leaderboard.objects.filter(pk=leaderboard_id).first()
    if board is None:
        raise leaderboard_not_found()
    standing = standing_of(by, board.competition_id)
    if not standing.may(Action.SEE_BOARD):
        raise leaderboard_not_found()
    standing.require(Action.EDIT_BOARD)
    return board


def _check_unchanged(base: LeaderboardSpec, now: LeaderboardSpec) -> None:
    if base == now:
        return
    said = [f"{change.part} {change.name}, {change.text}" for change in _changes(base, now)][:10]
    raise Conflict(
        "board-changed",
        f"Somebody has changed this leaderboard meanwhile: {'; '.join(said) or 'its columns have other numbers'}.",
        "Open the editor again. It shows the leaderboard as it is now.",
    )


def _check_losses(board: Leaderboard, old: LeaderboardSpec, new: LeaderboardSpec) -> None:
    losses = board_losses(
        match_boards([old], [new]),
        [new],
        entries_of=lambda _: Entry.objects.filter(leaderboard_id=board.pk).count(),
        scored=scored_under(board.competition_id),
    )
    problems = [Problem(loss.code, loss.message, loss.hint) for loss in losses]
    if problems:
        raise BoardError(problems)


def _notes(board: Leaderboard, old: LeaderboardSpec, new: LeaderboardSpec) -> list[Problem]:
    scored = scored_under(board.competition_id)
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


def _changes(old: LeaderboardSpec, new: LeaderboardSpec) -> tuple[Change, ...]:
    return board_differences([old], [new])


def _sealed(by: Person, leaderboard_id: int, *specs: LeaderboardSpec) -> str:
    """A text that only this site can have made, good for this person and leaderboard and for a while."""
    parts = [by.id, leaderboard_id, [plain(spec) for spec in specs]]
    return signing.dumps(parts, salt=_SALT, compress=True)


def _opened(by: Person, leaderboard_id: int, text: str, number: int) -> list[LeaderboardSpec]:
    try:
        user_id, named_id, specs = signing.loads(text, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError) as error:
        raise _unknown() from error
    if (user_id, named_id, len(specs)) != (by.id, leaderboard_id, number):
        raise _unknown()
    return [spec_of(spec) for spec in specs]


def _unknown() -> UserError:
    return UserError(
        "edition-unknown",
        "This version of the leaderboard is not known here, or was opened too long ago.",
        "Open the editor again.",
    )


BOARD_CHANGES = JobKind(BOARD_CHANGE, _carry_out)
"""How changes of leaderboards are carried out."""
