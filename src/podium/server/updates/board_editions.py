"""A leaderboard as its editor opens it, and what every change of one goes by: who may, since when, what is lost."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing

from podium.rules.access import Action
from podium.rules.bundle.board_draft import BoardDraft, drafted
from podium.rules.bundle.changes import Change
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.errors import BoardError, Conflict, Problem, UserError
from podium.server.accounts.people import Person
from podium.server.competitions.queries import standing_of
from podium.server.exports.description import board_spec
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.leaderboards.queries.plan import leaderboard_not_found
from podium.server.submissions.queries.dependents import scored_under
from podium.server.updates.board_losses import board_losses
from podium.server.updates.board_specs import board_differences, plain, spec_of
from podium.server.updates.matching import match_boards
from podium.server.updates.proposals import LIFETIME

_SALT = "podium.updates.boards"


@dataclass(frozen=True)
class Edition:
    """A leaderboard as an editor opens it. `edition` is a text that says by itself how it was then, so that nobody
    writes over what somebody else has changed meanwhile."""

    competition_id: int
    leaderboard_id: int
    draft: BoardDraft
    edition: str


def edition_of(by: Person, leaderboard_id: int) -> Edition:
    """A leaderboard for its editor.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
    """
    board = editable_board(by, leaderboard_id)
    spec = board_spec(board)
    return Edition(board.competition_id, board.pk, drafted(spec), sealed(by, board.pk, spec))


def editable_board(by: Person, leaderboard_id: int) -> Leaderboard:
    """A leaderboard that the person may edit.

    Raises:
        NotFound, NotAllowed: it is not the person's to edit.
    """
    board = Leaderboard.objects.filter(pk=leaderboard_id).first()
    if board is None:
        raise leaderboard_not_found()
    standing = standing_of(by, board.competition_id)
    if not standing.may(Action.SEE_BOARD):
        raise leaderboard_not_found()
    standing.require(Action.EDIT_BOARD)
    return board


def check_unchanged(base: LeaderboardSpec, now: LeaderboardSpec) -> None:
    """Raises Conflict, with what is different, where a leaderboard is not what it was."""
    if base == now:
        return
    said = [f"{change.part} {change.name}, {change.text}" for change in changes_between(base, now)][:10]
    raise Conflict(
        "board-changed",
        f"Somebody has changed this leaderboard meanwhile: {'; '.join(said) or 'its columns have other numbers'}.",
        "Open the editor again. It shows the leaderboard as it is now.",
    )


def check_losses(board: Leaderboard, old: LeaderboardSpec, new: LeaderboardSpec) -> None:
    """Raises BoardError with all scores that a change would lose."""
    losses = board_losses(
        match_boards([old], [new]),
        [new],
        entries_of=lambda _: Entry.objects.filter(leaderboard_id=board.pk).count(),
        scored=scored_under(board.competition_id),
    )
    problems = [Problem(loss.code, loss.message, loss.hint) for loss in losses]
    if problems:
        raise BoardError(problems)


def changes_between(old: LeaderboardSpec, new: LeaderboardSpec) -> tuple[Change, ...]:
    """What is different."""
    return board_differences([old], [new])


def sealed(by: Person, leaderboard_id: int, *specs: LeaderboardSpec) -> str:
    """A text that only this site can have made, good for this person and leaderboard and for a while."""
    parts = [by.id, leaderboard_id, [plain(spec) for spec in specs]]
    return signing.dumps(parts, salt=_SALT, compress=True)


def unsealed(by: Person, leaderboard_id: int, text: str, number: int) -> list[LeaderboardSpec]:
    """What was sealed for this person and leaderboard: so many specifications.

    Raises:
        UserError: it was not, or too long ago.
    """
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
