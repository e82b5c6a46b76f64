"""Reading a board: what pages and Codabench's clients get, what is kept from them, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.server.competition_material import (
    DESCRIPTION,
    described,
    make_competition,
    make_person,
    two_tasks,
)

from podium.rules.board.submission_rules import Happening
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, PhaseTask
from podium.server.competitions.services import publish, unpublish
from podium.server.leaderboards.candidates import Candidate, TaskScores
from podium.server.leaderboards.models import Column
from podium.server.leaderboards.queries import board, columns_of_competition, contract_json, plan_of_phase
from podium.server.leaderboards.services import rebuild_stale_boards, refresh_entries

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 1, 5, 12, 0, 30, tzinfo=UTC)
COLUMNS = [
    {"title": "Accuracy", "key": "accuracy", "index": 0, "sorting": "desc", "precision": 2},
    {"title": "Seconds", "key": "seconds", "index": 1, "sorting": "asc", "precision": 1},
    {"title": "Secret", "key": "secret", "index": 2, "hidden": True},
    {"title": "Both", "key": "both", "index": 3, "computation": "sum", "computation_indexes": [0, 1], "precision": 3},
]
FACT_SHEET = {
    "team": {
        "key": "team",
        "type": "text",
        "title": "Team",
        "selection": "",
        "is_required": "false",
        "is_on_leaderboard": "true",
    },
    "phone": {
        "key": "phone",
        "type": "text",
        "title": "Phone",
        "selection": "",
        "is_required": "false",
        "is_on_leaderboard": "false",
    },
}


def make_board(
    folder: Path,
    *,
    several_tasks: bool = False,
    hidden: bool = False,
    columns: Sequence[dict[str, Any]] = COLUMNS,
    podium: Mapping[str, Any] | None = None,
    **changes: Any,
) -> tuple[Person, int]:
    """A published competition whose board takes everything; its organizer and its first phase."""
    spec = DESCRIPTION["leaderboards"][0] | {"columns": list(columns), "submission_rule": "Force_Latest_Multiple"}
    spec |= {"hidden": hidden, "podium": dict(podium or {})}
    anna = make_person("anna")
    description = (two_tasks if several_tasks else described)(leaderboards=[spec], **changes)
    made = make_competition(anna, folder, description)
    publish(anna, made)
    return anna, Phase.objects.get(competition_id=made, index=0).pk


def enter(
    phase_id: int,
    owner: Person,
    number: int,
    *scores: Mapping[str, float],
    answers: Mapping[str, object] | None = None,
    minutes: int = 0,
) -> None:
    """Put the only submission of somebody on the board, with its scores for each task in order."""
    tasks = PhaseTask.objects.filter(phase_id=phase_id).order_by("order_index").values_list("task_id", flat=True)
    parts = tuple(
        TaskScores(task, number * 100 + place, values, dict.fromkeys(values, number * 10))
        for place, (task, values) in enumerate(zip(tasks, scores, strict=False))
    )
    at = NOON + timedelta(minutes=minutes)
    candidate = Candidate(number, owner.id, at, finished=True, tasks=parts, fact_sheet_answers=answers)
    refresh_entries(phase_id, owner.id, [candidate], Happening.SCORED, number)


def texts(rows: Sequence[Any]) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows]


def test_rows_come_in_rank_order_with_ready_texts(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    bert, carl = make_person("bert"), make_person("carl")
    User.objects.filter(pk=carl.id).update(display_name="Carl the Great")
    enter(phase, bert, 1, {"accuracy": 0.5, "seconds": 2.25})
    enter(phase, carl, 2, {"accuracy": 0.934, "seconds": 12.0}, minutes=1)
    shown = board(bert, phase)
    assert [(row.rank, row.submission_id, row.owner, row.mine) for row in shown.rows] == [
        (1, 2, "Carl the Great", False),
        (2, 1, "bert", True),
    ]
    # As many decimals as the column's precision; 0.934 + 12 = 12.934, 0.5 + 2.25 = 2.75; 2.25 is a tie, to even 2.2.
    assert texts(shown.rows) == [["0.93", "12.0", "12.934"], ["0.50", "2.2", "2.750"]]
    assert shown.rows[0].submitted_at == "2030-01-05 12:01 UTC"
    assert shown.rows[0].submitted_iso == "2030-01-05T12:01:30+00:00"
    assert (shown.total, shown.title, shown.phase_name) == (2, "Results", "Practice")


def test_heads_say_which_values_lead(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    (group,) = board(None, phase).groups
    assert [(head.title, head.better, head.primary, head.computed) for head in group.columns] == [
        ("Accuracy", "higher first", True, False),
        ("Seconds", "lower first", False, False),
        ("Both", "higher first", False, True),
    ]


def test_a_missing_value_is_shown_with_its_reason(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    enter(phase, make_person("bert"), 1, {"accuracy": 0.5})
    (row,) = board(None, phase).rows
    assert [(cell.text, cell.missing, cell.reason) for cell in row.cells] == [
        ("0.50", False, ""),
        ("\N{EN DASH}", True, "The scoring program wrote no score named seconds."),
        ("\N{EN DASH}", True, "Both needs Seconds."),
    ]


def test_a_long_board_is_read_in_parts(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    for number in range(1, 6):
        enter(phase, make_person(f"bert{number}"), number, {"accuracy": number / 10})
    part = board(None, phase, limit=2, offset=2)
    assert [(row.rank, row.submission_id) for row in part.rows] == [(3, 3), (4, 2)]
    assert (part.total, part.offset, part.limit) == (5, 2, 2)


def test_several_tasks_show_the_mean_and_each_task(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path, several_tasks=True)
    enter(phase, make_person("bert"), 1, {"accuracy": 1.0, "seconds": 1.0}, {"accuracy": 0.5, "seconds": 4.0})
    enter(phase, make_person("carl"), 2, {"accuracy": 1.0, "seconds": 1.0})
    shown = board(None, phase)
    assert [(group.title, len(group.columns)) for group in shown.groups] == [
        ("Mean over all tasks", 3),
        ("Field", 3),
        ("Barn", 3),
    ]
    # Means: (1 + 0.5) / 2 = 0.75, (1 + 4) / 2 = 2.5, (2 + 4.5) / 2 = 3.25.
    none = "\N{EN DASH}"
    assert texts(shown.rows) == [
        ["0.75", "2.5", "3.250", "1.00", "1.0", "2.000", "0.50", "4.0", "4.500"],
        [none, none, none, "1.00", "1.0", "2.000", none, none, none],
    ]
    assert shown.rows[1].cells[-1].reason == "There are no scores for this task."


def test_only_staff_sees_hidden_columns(tmp_path: Path) -> None:
    anna, phase = make_board(tmp_path)
    enter(phase, make_person("bert"), 1, {"accuracy": 0.5, "seconds": 1.0, "secret": 7.0})
    assert [head.key for head in board(anna, phase).groups[0].columns] == ["accuracy", "seconds", "secret", "both"]
    assert texts(board(anna, phase).rows) == [["0.50", "1.0", "7.00", "1.500"]]
    assert texts(board(None, phase).rows) == [["0.50", "1.0", "1.500"]]
    assert "secret" not in orjson.dumps(contract_json(phase, None)).decode()
    assert {score["column_key"] for score in contract_json(phase, anna)["submissions"][0]["scores"]} == {
        "accuracy",
        "seconds",
        "secret",
        "both",
    }


@pytest.mark.parametrize("several_tasks", [False, True])
def test_why_a_value_is_missing_does_not_name_a_hidden_column(tmp_path: Path, several_tasks: bool) -> None:
    anna, phase = make_board(tmp_path, several_tasks=several_tasks)
    Column.objects.filter(key="seconds").update(hidden=True)
    enter(phase, make_person("bert"), 1, *[{"secret": 1.0}] * (1 + several_tasks))
    others, staff = ([cell.reason for cell in board(who, phase).rows[0].cells] for who in (None, anna))
    assert others[-1] == "Both needs Accuracy, a hidden column."
    assert "Seconds" not in " ".join(others)
    assert staff[-1] == "Both needs Accuracy, Seconds."


@pytest.mark.parametrize("name", [None, "stranger"])
def test_a_hidden_board_is_for_the_staff(tmp_path: Path, name: str | None) -> None:
    anna, phase = make_board(tmp_path, hidden=True)
    person = make_person(name) if name else None
    for read in (lambda: board(person, phase), lambda: contract_json(phase, person)):
        with pytest.raises(NotAllowed) as caught:
            read()
        assert caught.value.code == "board-hidden"
    assert board(anna, phase).hidden
    assert contract_json(phase, anna)["id"] == phase


def test_the_board_of_an_unpublished_competition_is_not_there(tmp_path: Path) -> None:
    anna, phase = make_board(tmp_path)
    unpublish(anna, Phase.objects.get(pk=phase).competition_id)
    for person in (None, make_person("stranger")):
        with pytest.raises(NotFound):
            board(person, phase)
        with pytest.raises(NotFound):
            contract_json(phase, person)
    with pytest.raises(NotFound):
        board(anna, 404)


def test_the_json_has_the_shape_of_the_contract(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    enter(phase, make_person("bert"), 1, {"accuracy": 0.934, "seconds": 2.0})
    made = contract_json(phase, None)
    plan = plan_of_phase(phase)
    task = plan.tasks[0].id
    assert {key: made[key] for key in ("title", "id", "primary_index", "fact_sheet_keys")} == {
        "title": "Results",
        "id": phase,
        "primary_index": 0,
        "fact_sheet_keys": None,
    }
    assert made["tasks"][0] | {"columns": None} == {"name": "Field", "id": task, "colWidth": 3, "columns": None}
    assert made["tasks"][0]["columns"][2] == {
        "id": plan.column_ids[3],
        "computation": "sum",
        "computation_indexes": ["0", "1"],
        "title": "Both",
        "key": "both",
        "sorting": "desc",
        "index": 3,
        "hidden": False,
        "precision": 3,
    }
    (submission,) = made["submissions"]
    assert {key: submission[key] for key in submission if key not in ("scores", "aggregates")} == {
        "id": 1,
        "owner": "bert",
        "detailed_results": [{"task": task, "id": 100}],
        "fact_sheet_answers": None,
        "slug_url": "",
        "organization": None,
        "created_when": "2030-01-05T12:00:30+00:00",
    }
    assert submission["scores"][:2] == [
        {
            "id": 10,
            "index": 0,
            "score": "0.93",
            "column_key": "accuracy",
            "task_id": task,
            "precision": 2,
            "is_primary": True,
        },
        {
            "id": 10,
            "index": 1,
            "score": "2.0",
            "column_key": "seconds",
            "task_id": task,
            "precision": 1,
            "is_primary": False,
        },
    ]


def test_the_json_has_the_scores_of_each_task_and_their_means(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path, several_tasks=True)
    enter(phase, make_person("bert"), 1, {"accuracy": 1.0}, {"accuracy": 0.5})
    made = contract_json(phase, None)
    first, second = (task["id"] for task in made["tasks"])
    (submission,) = made["submissions"]
    assert [(score["task_id"], score["column_key"], score["score"]) for score in submission["scores"]] == [
        (first, "accuracy", "1.0"),
        (second, "accuracy", "0.5"),
    ]
    assert [(mean["column_key"], mean["score"]) for mean in submission["aggregates"]] == [("accuracy", "0.75")]
    assert submission["detailed_results"] == [{"task": first, "id": 100}, {"task": second, "id": 101}]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        # Bert 0.9 and 0.1, carl 0.6 and 0.8: means 0.5 and 0.7; seconds 1 and 4, 2 and 2: means 2.5 and 2.
        ("mean", {"carl": ["0.7", "2.0"], "bert": ["0.5", "2.5"]}),
        ("first", {"bert": ["0.9", "1.0"], "carl": ["0.6", "2.0"]}),
        # Accuracy ranks bert 1st and 2nd, seconds too; carl the other way round. The first to come wins.
        ("mean_rank", {"bert": ["1.5", "1.5"], "carl": ["1.5", "1.5"]}),
    ],
)
def test_the_json_has_what_ranks_over_several_tasks(tmp_path: Path, how: str, expected: dict[str, list[str]]) -> None:
    columns = [column for column in COLUMNS if column["key"] != "both"]
    _, phase = make_board(tmp_path, several_tasks=True, columns=columns, podium={"multi_task_ranking": how})
    bert = {"accuracy": 0.9, "seconds": 1.0, "secret": 0.5}, {"accuracy": 0.1, "seconds": 4.0, "secret": 0.5}
    carl = {"accuracy": 0.6, "seconds": 2.0, "secret": 0.5}, {"accuracy": 0.8, "seconds": 2.0, "secret": 0.5}
    enter(phase, make_person("bert"), 1, *bert)
    enter(phase, make_person("carl"), 2, *carl, minutes=1)
    rebuild_stale_boards()
    made = contract_json(phase, None)["submissions"]
    assert {each["owner"]: [mean["score"] for mean in each["aggregates"]] for each in made} == expected
    assert [each["owner"] for each in made] == list(expected)
    # The column that is hidden is among neither.
    assert {score["column_key"] for each in made for score in each["scores"]} == {"accuracy", "seconds"}
    # Dan lacks a task: no values that rank, and the last place however good the other is.
    enter(phase, make_person("dan"), 3, {"accuracy": 1.0, "seconds": 0.0, "secret": 1.0}, minutes=2)
    rebuild_stale_boards()
    last = contract_json(phase, None)["submissions"][-1]
    assert (last["owner"], last["aggregates"], len(last["scores"])) == ("dan", [], 2)


def test_the_json_leaves_missing_scores_out(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    enter(phase, make_person("bert"), 1, {"seconds": 1.0})
    (submission,) = contract_json(phase, None)["submissions"]
    assert [score["column_key"] for score in submission["scores"]] == ["seconds"]


def test_answers_that_do_not_belong_on_the_board_stay_between_participant_and_organizer(tmp_path: Path) -> None:
    anna, phase = make_board(tmp_path, fact_sheet=FACT_SHEET)
    answers = {"team": "The Sheep", "phone": "555-0100"}
    enter(phase, make_person("bert"), 1, {"accuracy": 0.5}, answers=answers)
    made = contract_json(phase, None)
    assert made["fact_sheet_keys"] == [["team", "Team"]]
    assert made["submissions"][0]["fact_sheet_answers"] == {"team": "The Sheep"}
    assert contract_json(phase, anna)["submissions"][0]["fact_sheet_answers"] == answers
    shown = board(None, phase)
    assert (shown.questions, shown.rows[0].answers) == (("Team",), ("The Sheep",))


def test_a_board_costs_the_same_however_long_it_is(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path, several_tasks=True)
    costs = []
    for number in range(1, 7):
        enter(phase, make_person(f"bert{number}"), number, {"accuracy": 0.1}, {"accuracy": 0.2})
        if number in (1, 6):
            with CaptureQueriesContext(connection) as page:
                assert len(board(None, phase).rows) == number
            with CaptureQueriesContext(connection) as answer:
                assert len(contract_json(phase, None)["submissions"]) == number
            costs.append((len(page), len(answer)))
    assert costs[0] == costs[1]
    # The boards of the phase, columns, tasks; standing; entries. The page asks for marks and for the number, too.
    assert costs[0] == (7, 5)


def test_a_board_without_entries_is_empty(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    assert (board(None, phase).rows, board(None, phase).total) == ((), 0)
    assert contract_json(phase, None)["submissions"] == []


def test_a_competition_tells_the_columns_of_its_board(tmp_path: Path) -> None:
    _, phase = make_board(tmp_path)
    columns = columns_of_competition(Phase.objects.get(pk=phase).competition_id)
    assert [column.key for column in columns.scored] == ["accuracy", "seconds", "secret", "both"]
    assert list(columns.shown(sees_hidden=False)) == ["accuracy", "seconds", "both"]
    assert columns_of_competition(404).keys == frozenset()
