"""Editing leaderboards and their entries: as they are, what a change would move, and the change."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from podium.rules.board.aggregate import MultiTaskRanking
from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import BoardDraft, ColumnDraft
from podium.rules.bundle.board_list import NewBoard
from podium.rules.runs import RunState
from podium.server.api.answers import answer, nothing
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.api.errors import error_json, problem_json
from podium.server.jobs.internal.problems import error_of_problems
from podium.server.submissions.services.board import mark_on_board, unmark_on_board
from podium.server.updates.board_changes import apply
from podium.server.updates.board_editions import edition_of
from podium.server.updates.board_list import apply_list, board_list, preview_list, status_of_change
from podium.server.updates.board_previews import ProposedBoard, preview, preview_status


class ColumnBody(Body):
    """A column, named by its key."""

    key: str
    title: str
    sorting: Sorting = Sorting.DESCENDING
    precision: int = Field(default=2, ge=-(2**31), le=2**31)
    hidden: bool = False
    computation: Computation | None = None
    computed_from: list[str] = Field(default=[], max_length=1000)

    def draft(self) -> ColumnDraft:
        """As the rules take it."""
        fields = self.model_dump() | {"key": self.key.strip(), "computed_from": tuple(self.computed_from)}
        return ColumnDraft(**fields)


class BoardBody(Body):
    """What a leaderboard is to become; whatever is not sent stays as it is. `edition` is that of the answer which the
    changes begin from."""

    edition: str
    title: str | None = None
    hidden: bool | None = None
    submission_rule: SubmissionRule | None = None
    multi_task_ranking: MultiTaskRanking | None = None
    board_per_task: bool | None = None
    primary: str | None = None
    columns: list[ColumnBody] | None = Field(default=None, max_length=1000)

    def draft(self, base: BoardDraft) -> BoardDraft:
        """The leaderboard with what was sent."""
        names = ("title", "hidden", "submission_rule", "multi_task_ranking", "board_per_task")
        sent = {name: getattr(self, name) for name in names}
        fields = {name: getattr(base, name) if value is None else value for name, value in sent.items()}
        columns = base.columns if self.columns is None else tuple(column.draft() for column in self.columns)
        return BoardDraft(**fields, primary=base.primary if self.primary is None else self.primary, columns=columns)


class ListedBody(Body):
    """A leaderboard of the list: one that is there by its `id`, or a new one."""

    id: Id | None = None
    title: str = ""
    like: Id | None = None
    hidden: bool = True

    def wish(self) -> int | NewBoard:
        """As the rules take it."""
        if self.id is not None:
            return self.id
        return NewBoard(self.title, 0 if self.like is None else self.like, self.hidden)


class ListBody(Body):
    """The leaderboards that there are to be, in their order. `edition` is that of the answer which it begins from."""

    edition: str
    leaderboards: list[ListedBody] = Field(max_length=1000)


class Proposal(Body):
    """What applies a change: as the answer that previewed it has it."""

    proposal: str


class MarkBody(Body):
    """How an entry is marked, and why."""

    mark: Mark
    reason: str = ""


def opened(request: HttpRequest, pk: Id) -> HttpResponse:
    """A leaderboard as its editor sees it."""
    found = edition_of(person_asking(request), pk)
    return answer({"id": pk, "competition": found.competition_id, **asdict(found.draft), "edition": found.edition})


def previewed(request: HttpRequest, pk: Id) -> HttpResponse:
    """What a change would do, or 202 and where to ask for it. Nothing is changed yet."""
    person, wish = person_asking(request), read(request, BoardBody)
    found = preview(person, pk, wish.draft(edition_of(person, pk).draft), wish.edition)
    if isinstance(found, int):
        return _begun(request, found, "board-previews")
    return answer(_preview_json(found))


def preview_stands(request: HttpRequest, pk: Id) -> HttpResponse:
    """How a preview stands that whoever asks has begun, and once it is there, the preview."""
    status = preview_status(person_asking(request), pk)
    found = status.job
    failed = found.ended and found.state is not RunState.FINISHED
    body: dict[str, Any] = {
        "id": pk,
        "leaderboard": found.payload["leaderboard"],
        "state": found.state.value,
        "error": error_json(error_of_problems(found.problems)) if failed else None,
        "preview": None if status.found is None else _preview_json(status.found),
    }
    return answer(body)


def applied(request: HttpRequest, pk: Id) -> HttpResponse:
    """Have the change made that was previewed: 202, and where to ask how it stands."""
    return _begun(request, apply(person_asking(request), pk, read(request, Proposal).proposal))


def listed(request: HttpRequest, pk: Id) -> HttpResponse:
    """The leaderboards of a competition as their editor sees them."""
    found = board_list(person_asking(request), pk)
    boards = [asdict(board) for board in found.boards]
    return answer({"competition": pk, "leaderboards": boards, "edition": found.edition})


def list_previewed(request: HttpRequest, pk: Id) -> HttpResponse:
    """What another list of leaderboards would mean. Nothing is changed yet."""
    person, wish = person_asking(request), read(request, ListBody)
    found = preview_list(person, pk, [each.wish() for each in wish.leaderboards], wish.edition)
    body = {
        "competition": pk,
        "changes": [{**asdict(change), "text": change.text} for change in found.changes],
        "notes": [problem_json(note) for note in found.notes],
        "proposal": found.proposal,
    }
    return answer(body)


def list_applied(request: HttpRequest, pk: Id) -> HttpResponse:
    """Have the list made that was previewed: 202, and where to ask how it stands."""
    return _begun(request, apply_list(person_asking(request), pk, read(request, Proposal).proposal))


def change_status(request: HttpRequest, pk: Id) -> HttpResponse:
    """How a change stands that whoever asks has begun; `leaderboard` is null where it is one of the list."""
    found = status_of_change(person_asking(request), pk)
    failed = found.ended and found.state is not RunState.FINISHED
    body: dict[str, Any] = {
        "id": pk,
        "leaderboard": found.payload["leaderboard"],
        "state": found.state.value,
        "error": error_json(error_of_problems(found.problems)) if failed else None,
    }
    return answer(body)


def marked(request: HttpRequest, pk: Id, submission: Id) -> HttpResponse:
    """Mark the entry of a submission as a baseline, or hide it."""
    wish = read(request, MarkBody)
    mark_on_board(person_asking(request), pk, submission, wish.mark, wish.reason)
    return answer({"leaderboard": pk, "submission": submission, "mark": wish.mark.value, "reason": wish.reason.strip()})


def unmarked(request: HttpRequest, pk: Id, submission: Id) -> HttpResponse:
    """Show and rank an entry like all others."""
    unmark_on_board(person_asking(request), pk, submission)
    return nothing()


def _preview_json(found: ProposedBoard) -> dict[str, Any]:
    return {
        "id": found.leaderboard_id,
        "changes": [{**asdict(change), "text": change.text} for change in found.changes],
        "notes": [problem_json(note) for note in found.notes],
        "moved": found.moves.count,
        "moves": [
            {
                "phase": move.phase_id,
                "submission": move.submission_id,
                "owner": move.owner,
                "before": move.before,
                "after": move.after,
            }
            for move in found.moves.first
        ],
        "proposal": found.proposal,
    }


def _begun(request: HttpRequest, job: int, where: str = "board-changes") -> HttpResponse:
    return answer({"id": job, "url": request.build_absolute_uri(f"/api/v1/{where}/{job}/")}, 202)
