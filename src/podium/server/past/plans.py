"""What a board was made of, with the texts that events only refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.rules.board.aggregate import MultiTaskRanking
from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.replay import Payload, PhaseThen
from podium.rules.board.submission_rules import SubmissionRule
from podium.server.history.models import EventText
from podium.server.leaderboards.queries import BoardPlan, BoardTask

_ERASED = "(erased)"


def plan_then(competition_id: int, state: PhaseThen, leaderboard_id: int) -> BoardPlan:
    """The plan of a board that was there, in the words of that time; one query."""
    board, phase = state.boards[leaderboard_id], state.phases[state.phase_id]
    tasks = {pk: state.tasks.get(pk) for pk in phase["tasks"]}
    texts = _texts(
        competition_id,
        [
            board["title"],
            phase["name"],
            *(column["title"] for column in board["columns"]),
            *(task["name"] for task in tasks.values() if task is not None),
            *(question["title"] for question in state.shown_answers),
        ],
    )
    return BoardPlan(
        leaderboard_id=leaderboard_id,
        index=board["index"],
        competition_id=competition_id,
        phase_id=state.phase_id,
        phase_name=texts.get(phase["name"], _ERASED),
        title=texts.get(board["title"], _ERASED),
        key=board["key"],
        rule=SubmissionRule(board["submission_rule"]),
        hidden=board["hidden"],
        primary_index=board["primary_index"],
        columns=tuple(_column(column, texts) for column in board["columns"]),
        column_ids={column["index"]: column["column"] for column in board["columns"]},
        tasks=_tasks(tasks, texts),
        multi_task=MultiTaskRanking(board["multi_task"]),
        board_per_task=board["board_per_task"],
        fact_sheet=tuple(
            {"key": each["key"], "title": texts.get(each["title"], each["key"]), "is_on_leaderboard": True}
            for each in state.shown_answers
        ),
    )


def board_titles(competition_id: int, boards: Sequence[Payload]) -> list[str]:
    """What boards were called that events say this of; one query."""
    texts = _texts(competition_id, [board["title"] for board in boards])
    return [texts.get(board["title"], _ERASED) for board in boards]


def text_of(competition_id: int, reference: str) -> str:
    """A text that an event refers to; empty where it was erased."""
    return _texts(competition_id, [reference]).get(reference, "")


def _texts(competition_id: int, references: list[str]) -> Mapping[str, str]:
    found = EventText.objects.filter(
        chain__kind="competition", chain__subject=competition_id, reference__in=set(references)
    )
    return dict(found.values_list("reference", "text"))


def _column(said: Payload, texts: Mapping[str, str]) -> Column:
    return Column(
        key=said["key"],
        title=texts.get(said["title"], said["key"]),
        index=said["index"],
        sorting=Sorting(said["sorting"]),
        precision=said["precision"],
        hidden=said["hidden"],
        computation=Computation(said["computation"]) if said["computation"] else None,
        computation_indexes=tuple(said["computation_indexes"]),
    )


def _tasks(said: Mapping[int, Payload | None], texts: Mapping[str, str]) -> tuple[BoardTask, ...]:
    named = [(pk, _ERASED if task is None else texts.get(task["name"], _ERASED)) for pk, task in said.items()]
    names = [name for _, name in named]
    return tuple(BoardTask(pk, name, name if names.count(name) == 1 else f"{name} ({pk})") for pk, name in named)
