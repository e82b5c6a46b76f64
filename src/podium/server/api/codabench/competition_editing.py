"""Changing a competition as the editor of Codabench does: its leaderboards. The rest comes by a new bundle."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from pydantic import BeforeValidator, ConfigDict, Field

from podium.rules.access import Action
from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import BoardDraft, ColumnDraft
from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.competitions import whole_competition
from podium.server.api.codabench.numbers import Id
from podium.server.api.errors import FieldErrors
from podium.server.competitions.queries import standing_of
from podium.server.updates.board_changes import change_at_once

Index = Annotated[int, Field(ge=0, le=2**31 - 1)]
_BOARDS = "leaderboards"
# What says when an answer was made, or is made anew for each.
_PASSING = frozenset(
    {
        "participant_status", "participants_count", "submissions_count", "status", "used_submissions_per_day",
        "used_submissions_per_person", "logo", "logo_icon", "url", "data",
    }
)  # fmt: skip


def _indexes(value: object) -> object:
    """Clients send them as a list, or as a text with commas."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value or []


class ColumnBody(Body):
    """A column as the contract has it: others are named by their indexes."""

    key: str
    title: str
    index: Index
    sorting: Sorting = Sorting.DESCENDING
    precision: int = Field(default=2, ge=-(2**31), le=2**31)
    hidden: bool = False
    computation: Annotated[Computation | None, BeforeValidator(lambda value: value or None)] = None
    computation_indexes: Annotated[list[Index], BeforeValidator(_indexes)] = Field(default=[], max_length=1000)


class LeaderboardBody(Body):
    """A leaderboard as the contract has it. What is not sent stays; without an `id` it is the first one."""

    id: Id | None = None
    title: str | None = None
    key: str | None = None
    primary_index: Index | None = None
    hidden: bool | None = None
    submission_rule: SubmissionRule | None = None
    columns: list[ColumnBody] | None = Field(default=None, max_length=1000)

    def draft(self, keys: dict[int, str], base: BoardDraft) -> BoardDraft:
        """The leaderboard with what was sent; `keys` are those of its columns by their indexes now."""
        primary = next((index for index, key in keys.items() if key == base.primary), 0)
        columns = base.columns
        if self.columns is not None:
            sent = sorted(self.columns, key=lambda column: column.index)
            keys = {column.index: column.key.strip() for column in sent}
            if len(keys) < len(sent):
                raise FieldErrors({_BOARDS: ["Two columns have the same index."]})
            columns = tuple(_draft(column, keys) for column in sent)
        primary = primary if self.primary_index is None else self.primary_index
        return BoardDraft(
            title=base.title if self.title is None else self.title,
            hidden=base.hidden if self.hidden is None else self.hidden,
            submission_rule=self.submission_rule or base.submission_rule,
            multi_task_ranking=base.multi_task_ranking,
            primary=keys.get(primary, f"column {primary}"),
            columns=columns,
            board_per_task=base.board_per_task,
        )


class CompetitionBody(Body):
    """What of a competition can be changed here, and whatever else was sent."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)
    leaderboards: list[LeaderboardBody] = Field(default=[], max_length=100)


def changed(request: HttpRequest, pk: Id) -> HttpResponse:
    """Change leaderboards of a competition; other fields may be sent as they are."""
    person, wish = person_asking(request), read(request, CompetitionBody)
    standing_of(person, pk).require(Action.EDIT_BOARD)
    now = orjson.loads(answer(whole_competition(request, pk)).content)
    boards = {board["id"]: board for board in now[_BOARDS]}
    named = [(each.id or next(iter(boards), 0), each) for each in wish.leaderboards]
    _check(wish, now, [board_id for board_id, _ in named])
    with transaction.atomic():
        for board_id, each in named:
            keys = {column["index"]: column["key"] for column in boards[board_id]["columns"]}
            change_at_once(person, board_id, partial(each.draft, keys))
    return answer(whole_competition(request, pk))


def _check(wish: CompetitionBody, now: dict[str, Any], named: list[int]) -> None:
    """Raises FieldErrors with everything that cannot be changed here, and with leaderboards that are not there."""
    wrong: dict[str, list[str]] = {}
    for name, value in (wish.model_extra or {}).items():
        if name in now and name not in _PASSING and _lasting(value) != _lasting(now[name]):
            wrong[name] = [
                "Only leaderboards are changed here. Update the competition from a new version of its bundle."
            ]
    known = [board["id"] for board in now[_BOARDS]]
    if any(board_id not in known for board_id in named):
        wrong[_BOARDS] = [f"The competition has the leaderboards {known}."]
    elif len(set(named)) < len(named):
        wrong[_BOARDS] = ["A leaderboard is named twice."]
    for each, board_id in zip(wish.leaderboards, named, strict=True):
        board = next((board for board in now[_BOARDS] if board["id"] == board_id), None)
        if board is not None and each.key is not None and each.key.strip() != board["key"]:
            wrong[_BOARDS] = [f'The key of the leaderboard "{board["title"]}" stays "{board["key"]}".']
    if wrong:
        raise FieldErrors(wrong)


def _lasting(value: Any) -> Any:
    """A value without what changes by itself."""
    if isinstance(value, dict):
        return {name: _lasting(inner) for name, inner in value.items() if name not in _PASSING}
    return [_lasting(inner) for inner in value] if isinstance(value, list) else value


def _draft(column: ColumnBody, keys: dict[int, str]) -> ColumnDraft:
    named = column.computation_indexes if column.computation else []
    return ColumnDraft(
        key=column.key.strip(),
        title=column.title.strip(),
        sorting=column.sorting,
        precision=column.precision,
        hidden=column.hidden,
        computation=column.computation,
        computed_from=tuple(keys.get(index, f"column {index}") for index in named),
    )
