"""What organizers decide about single entries: baselines, and entries that participants do not see."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from podium.rules.access import Action
from podium.rules.board.marks import Mark
from podium.rules.errors import NotFound, UserError
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.services import ChainName, append, keep_text
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.leaderboards.queries.plan import leaderboard_not_found, plan_of_phase
from podium.server.leaderboards.services.entries import hold_board
from podium.server.leaderboards.services.ranks import mark_stale
from podium.server.leaderboards.services.writing import write_entries

LONGEST_REASON = 1000


@transaction.atomic
def mark_entry(by: Person, leaderboard_id: int, submission_id: int, mark: Mark, reason: str = "") -> None:
    """Mark the entry of a submission on a board, in place of the mark that it has.

    Raises:
        NotFound, NotAllowed: the board is not the person's to change, or the submission does not stand there.
        UserError: it is to be hidden without a reason, or the reason is too long.
    """
    reason = checked_reason(reason, needed=mark is Mark.HIDDEN)
    board = _held(by, leaderboard_id, submission_id)
    entry = Entry.objects.filter(leaderboard=board, submission_id=submission_id).first()
    if entry is None:
        raise _entry_not_found()
    before = EntryMark.objects.filter(leaderboard=board, submission_id=submission_id).first()
    if before is not None and (before.kind, before.reason) == (mark, reason):
        return
    EntryMark.objects.update_or_create(
        leaderboard=board,
        submission_id=submission_id,
        defaults={"kind": mark.value, "reason": reason, "by_id": by.id, "at": clock.now()},
    )
    _rank(entry, ranked=False)
    kind = EventKind.ENTRY_HIDDEN if mark is Mark.HIDDEN else EventKind.ENTRY_MADE_BASELINE
    _record(by, board, submission_id, kind, {"reason": _kept(board, entry, reason)})


@transaction.atomic
def unmark_entry(by: Person, leaderboard_id: int, submission_id: int) -> None:
    """Take the mark from the entry of a submission, which is shown and ranked like all others then.

    Raises:
        NotFound, NotAllowed: the board is not the person's to change, or the submission does not stand there.
    """
    board = _held(by, leaderboard_id, submission_id)
    entry = Entry.objects.filter(leaderboard=board, submission_id=submission_id).first()
    mark = EntryMark.objects.filter(leaderboard=board, submission_id=submission_id).first()
    if mark is None and entry is None:
        raise _entry_not_found()
    if mark is None:
        return
    mark.delete()
    if entry is not None:
        _rank(entry, ranked=True)
    _record(by, board, submission_id, EventKind.ENTRY_UNMARKED, {})


def checked_reason(reason: str, *, needed: bool) -> str:
    """A reason as it is kept.

    Raises:
        UserError: it is too long, or missing where it is needed.
    """
    reason = reason.strip()
    if needed and not reason:
        raise UserError("reason-missing", "A reason is missing.", "Say why: whom it concerns can read it.")
    if len(reason) > LONGEST_REASON:
        message = f"The reason has {len(reason):,} characters; at most {LONGEST_REASON:,} are possible."
        raise UserError("reason-long", message, "Shorten it.")
    return reason


def _held(by: Person, leaderboard_id: int, submission_id: int) -> Leaderboard:
    """The board, locked, for somebody who may change its entries."""
    board = Leaderboard.objects.filter(pk=leaderboard_id).first()
    if board is None:
        raise leaderboard_not_found()
    standing = standing_of(by, board.competition_id)
    if not standing.may(Action.SEE_BOARD):
        raise leaderboard_not_found()
    standing.require(Action.CHANGE_ANY_ENTRY)
    entries = Entry.objects.filter(leaderboard=board, submission_id=submission_id)
    phase_id = entries.values_list("phase_id", flat=True).first()
    if phase_id is not None:
        hold_board(phase_id)
    return board


def _rank(entry: Entry, *, ranked: bool) -> None:
    plan = plan_of_phase(entry.phase_id, entry.leaderboard_id)
    entry.ranked = ranked
    write_entries(entry.leaderboard_id, entry.phase_id, changed=[entry])
    mark_stale(plan)


def _kept(board: Leaderboard, entry: Entry, reason: str) -> str | None:
    """The reference to a reason, which goes with the person whose entry it is about."""
    if not reason:
        return None
    return keep_text(ChainName.competition(board.competition_id), reason, about=str(entry.owner.opaque_id))


def _record(
    by: Person, board: Leaderboard, submission_id: int, kind: EventKind, more: Mapping[str, str | None]
) -> None:
    payload = {"submission": submission_id, "leaderboard": board.pk, **more}
    append(ChainName.competition(board.competition_id), kind, actor=by, payload=payload)


def _entry_not_found() -> NotFound:
    return NotFound(
        "entry-not-found",
        "The submission does not stand on this leaderboard.",
        "Put it there first, or choose another.",
    )
