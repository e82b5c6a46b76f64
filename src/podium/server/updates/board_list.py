"""Which leaderboards a competition has and in which order: what a change of that means, and the job that makes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction

from podium.rules.access import Action
from podium.rules.bundle.board_list import NewBoard, Wish, wish_problems
from podium.rules.bundle.changes import Change
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.errors import BoardError, Conflict, NotAllowed, NotFound, Problem, UserError
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.competitions.queries import standing_of
from podium.server.exports.description import board_spec
from podium.server.exports.naming import slug
from podium.server.jobs.internal import services as jobs
from podium.server.jobs.internal.queries import JobStatus, job_status, job_waits
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.leaderboards.services.changing import change_boards
from podium.server.leaderboards.services.recording import board_states, record_boards
from podium.server.submissions.queries.dependents import scored_under
from podium.server.submissions.services.changing import hold_submissions, refill_boards
from podium.server.updates.board_changes import BOARD_CHANGE
from podium.server.updates.board_losses import board_losses, counted
from podium.server.updates.board_specs import board_differences, plain, spec_of
from podium.server.updates.matching import Match
from podium.server.updates.proposals import LIFETIME

BOARD_LIST = "board-list-change"
_SALT = "podium.updates.board-list"


@dataclass(frozen=True)
class ListedBoard:
    """A leaderboard of the list; `entries` counts its rows in all phases."""

    id: int
    title: str
    hidden: bool
    entries: int


@dataclass(frozen=True)
class BoardList:
    """The leaderboards of a competition as an editor opens them. `edition` says by itself which they were then."""

    competition_id: int
    boards: tuple[ListedBoard, ...]
    edition: str


@dataclass(frozen=True)
class ProposedList:
    """What another list would mean: without `changes` there is nothing to apply. `proposal` is what applying takes."""

    competition_id: int
    changes: tuple[Change, ...]
    notes: tuple[Problem, ...]
    proposal: str


def board_list(by: Person, competition_id: int) -> BoardList:
    """The leaderboards for their editor.

    Raises:
        NotFound, NotAllowed: they are not the person's to edit.
    """
    _require(by, competition_id)
    boards = _boards(competition_id)
    listed = tuple(ListedBoard(each.pk, each.title, each.hidden, _entries(each.pk)) for each in boards)
    return BoardList(competition_id, listed, _sealed(by, competition_id, [board.pk for board in boards]))


def preview_list(by: Person, competition_id: int, wish: Wish, edition: str) -> ProposedList:
    """Say what it would mean to have these leaderboards in this order. Writes nothing.

    Raises:
        NotFound, NotAllowed: they are not the person's to edit.
        UserError: there is no such edition of this person.
        Conflict: somebody has changed the list since it was opened.
        BoardError: with everything that is wrong with the wish, and all rows and scores that it would lose.
    """
    _require(by, competition_id)
    boards = _boards(competition_id)
    (before,) = _opened(by, competition_id, edition, 1)
    _check_unchanged(before, boards)
    problems = list(wish_problems({board.pk: board.title for board in boards}, wish))
    if problems:
        raise BoardError(problems)
    specs = {board.pk: board_spec(board) for board in boards}
    after = [each if isinstance(each, int) else plain(_made(each, specs)) for each in wish]
    return ProposedList(
        competition_id=competition_id,
        changes=board_differences([*specs.values()], _specs(specs, after)),
        notes=tuple(_weighed(competition_id, specs, after)),
        proposal=_sealed(by, competition_id, before, after),
    )


def apply_list(by: Person, competition_id: int, proposal: str) -> int:
    """Have the list made what was proposed, all at once. Returns the number of the job that does it.

    Raises:
        NotFound, NotAllowed: they are not the person's to edit.
        UserError: there is no such proposal of this person.
        Conflict: somebody has changed the list since, or a change of it is being made.
    """
    _require(by, competition_id)
    before, after = _opened(by, competition_id, proposal, 2)
    subject = f"leaderboards of competition {competition_id}"
    with transaction.atomic():
        list(Competition.objects.select_for_update(no_key=True).filter(pk=competition_id).values_list("pk"))
        _require(by, competition_id)
        _check_unchanged(before, _boards(competition_id))
        if job_waits(BOARD_LIST, subject):
            raise Conflict(
                "board-being-changed",
                "Another change of these leaderboards is being made at this moment.",
                "Open the list again in a moment, and look at what has changed.",
            )
        payload = {"competition": competition_id, "leaderboard": None, "before": before, "after": after}
        return jobs.ask_for(BOARD_LIST, by, payload, subject=subject)


def status_of_change(by: Person, job_id: int) -> JobStatus:
    """How a change stands, of one leaderboard or of their list, that a person began.

    Raises:
        NotFound: the person began no such change.
    """
    try:
        return job_status(by, BOARD_LIST, job_id)
    except NotFound:
        return job_status(by, BOARD_CHANGE, job_id)


def _carry_out(work: Work) -> None:
    payload, by = work.order.payload, work.order.owner
    if by is None:
        message = "The account that changed the leaderboards may not act any more."
        raise NotAllowed("account-gone", message, "Change them from another account.")
    work.advance(0, 1, "Making the leaderboards")
    competition_id = payload["competition"]
    with transaction.atomic():
        list(Competition.objects.select_for_update(no_key=True).filter(pk=competition_id).values_list("pk"))
        hold_submissions(competition_id)
        _require(by, competition_id)
        boards = _boards(competition_id)
        _check_unchanged(payload["before"], boards)
        specs = {board.pk: board_spec(board) for board in boards}
        _weighed(competition_id, specs, payload["after"])
        work.finish(_written(by, competition_id, specs, payload["after"]))


@clock.one_moment()
def _written(
    by: Person, competition_id: int, old: dict[int, LeaderboardSpec], after: Sequence[int | dict[str, Any]]
) -> dict[str, Any]:
    """Make the change and tell it to the history; the caller holds everything concerned."""
    specs = _specs(old, after)
    before = board_states(competition_id)
    ids = change_boards(competition_id, specs, {old[pk].key: pk for pk in after if isinstance(pk, int)})
    record_boards(by, competition_id, before)
    refill_boards(by, competition_id, another_rule={pk for pk in ids if pk not in old})
    return {"competition": competition_id, "changes": len(board_differences([*old.values()], specs))}


def _require(by: Person, competition_id: int) -> None:
    standing_of(by, competition_id).require(Action.EDIT_BOARD)


def _boards(competition_id: int) -> list[Leaderboard]:
    return list(Leaderboard.objects.filter(competition_id=competition_id).order_by("index"))


def _entries(leaderboard_id: int) -> int:
    return Entry.objects.filter(leaderboard_id=leaderboard_id).count()


def _check_unchanged(before: Sequence[int], boards: Sequence[Leaderboard]) -> None:
    if list(before) == [board.pk for board in boards]:
        return
    now = ", ".join(f'"{board.title}"' for board in boards)
    raise Conflict(
        "board-list-changed",
        f"Somebody has changed the leaderboards meanwhile. They are now, in this order: {now or 'none'}.",
        "Open the list again.",
    )


def _made(new: NewBoard, specs: dict[int, LeaderboardSpec]) -> LeaderboardSpec:
    like = specs[new.like]
    taken = {spec.key for spec in specs.values()}
    name = slug(new.title, "leaderboard")
    key = next(each for each in (name, *(f"{name}-{number}" for number in range(2, 10_000))) if each not in taken)
    return like.model_copy(update={"title": new.title.strip(), "key": key, "hidden": new.hidden})


def _specs(old: dict[int, LeaderboardSpec], after: Sequence[int | dict[str, Any]]) -> list[LeaderboardSpec]:
    return [old[each] if isinstance(each, int) else spec_of(each) for each in after]


def _weighed(
    competition_id: int, old: dict[int, LeaderboardSpec], after: Sequence[int | dict[str, Any]]
) -> list[Problem]:
    """What is worth knowing; raises BoardError with all that keeps the list from being made.

    What people chose for a leaderboard is lost with it. One that fills itself says nothing that scores do not say.
    """
    stay = [each for each in after if isinstance(each, int)]
    gone = {spec.key: _entries(pk) for pk, spec in old.items() if pk not in stay}
    match = Match(
        kept=[(old[pk], old[pk]) for pk in stay],
        removed=[spec for spec in old.values() if spec.key in gone],
        added=[spec_of(each) for each in after if not isinstance(each, int)],
    )
    losses = board_losses(
        match,
        _specs(old, after),
        entries_of=lambda spec: 0 if spec.submission_rule.automatic else gone[spec.key],
        scored=scored_under(competition_id),
    )
    problems = [Problem(loss.code, loss.message, loss.hint) for loss in losses]
    if problems:
        raise BoardError(problems)
    return list(_notes(match, gone, [*old.values()][:1], _specs(old, after)[:1]))


def _notes(
    match: Match[LeaderboardSpec],
    gone: dict[str, int],
    first_before: Sequence[LeaderboardSpec],
    first_after: Sequence[LeaderboardSpec],
) -> Iterator[Problem]:
    for spec in match.removed:
        if gone[spec.key]:
            message = f'The leaderboard "{spec.title}" goes with its {counted(gone[spec.key], "row")}.'
            yield Problem("rows-go", message, "The scores stay, and so do the events that tell of it.", severity="note")
    for spec in match.added:
        message = f'The leaderboard "{spec.title}" begins empty: its rows are chosen (rule {spec.submission_rule}).'
        if spec.submission_rule.automatic:
            message = f'The leaderboard "{spec.title}" is filled from all scores that there are.'
        hint = "Only organizers see it until you show it." if spec.hidden else "Everybody sees it at once."
        yield Problem("board-begins", message, hint, severity="note")
    for before, after in zip(first_before, first_after, strict=True):
        if before.key != after.key:
            message = f'Clients of Codabench see "{after.title}" instead of "{before.title}".'
            yield Problem("first-board", message, "They know the first leaderboard alone.", severity="note")


def _sealed(by: Person, competition_id: int, *lists: Sequence[int | dict[str, Any]]) -> str:
    """A text that only this site can have made, good for this person and competition and for a while."""
    return signing.dumps([by.id, competition_id, lists], salt=_SALT, compress=True)


def _opened(by: Person, competition_id: int, text: str, number: int) -> list[list[Any]]:
    try:
        user_id, named_id, lists = signing.loads(text, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError) as error:
        raise _unknown() from error
    if (user_id, named_id, len(lists)) != (by.id, competition_id, number):
        raise _unknown()
    return [list(each) for each in lists]


def _unknown() -> UserError:
    return UserError(
        "edition-unknown",
        "This version of the leaderboards is not known here, or was opened too long ago.",
        "Open the list again.",
    )


BOARD_LISTS = JobKind(BOARD_LIST, _carry_out)
"""How changes of the list are carried out."""
