"""One board per task: each task ranks alone, on a tab of its own, where an organizer wants that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from tests.integration.server.board_editing import board_id, change
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, SteppedClock, claimed, finish_scoring, worker

from podium.rules.board.marks import Mark
from podium.rules.errors import NotFound
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import PhaseTask
from podium.server.competitions.services import register
from podium.server.leaderboards.queries import Arrangement, board
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.pages.views import results
from podium.server.past import services
from podium.server.past.queries import past_board
from podium.server.past.services import keep_snapshots
from podium.server.past.sight import past_phase
from podium.server.submissions.queries.shared import answers_of
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.score_editing import edit_scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def tasks(two: Flow) -> list[int]:
    """Field, on which anna leads, and Barn, on which bea leads and cleo has no score."""
    people: list[Person] = [two.anna]
    for name in ("bea", "cleo"):
        people.append(make_person(name))
        register(people[-1], two.competition_id, accepts_terms=True)
    for person, scores in zip(people, ((0.9, 0.1), (0.5, 0.8), (0.7, None)), strict=True):
        sent = two.take_in(by=person)
        for accuracy in scores:
            finish_scoring(claimed(worker()), {"seconds": 1.0} if accuracy is None else {"accuracy": accuracy})
        add_to_board(person, sent)
    change(two.otto, board_id(two.competition_id), lambda draft: replace(draft, board_per_task=True))
    return list(PhaseTask.objects.order_by("order_index").values_list("task_id", flat=True))


def rows(flow: Flow, task: int, **wishes: str) -> list[tuple[int | None, str, str]]:
    found = board(flow.anna, flow.phase_id, task_id=task, arrangement=Arrangement(**wishes))
    assert len(found.groups) == 1
    return [(row.rank, row.owner, row.cells[0].text) for row in found.rows]


def test_each_task_ranks_by_its_own_values(two: Flow, tasks: list[int]) -> None:
    assert rows(two, tasks[0]) == [(1, "anna", "0.90"), (2, "cleo", "0.70"), (3, "bea", "0.50")]
    assert rows(two, tasks[1]) == [(1, "bea", "0.80"), (2, "anna", "0.10"), (3, "cleo", "–")]
    # All together: the means are 0.5 and 0.65, and cleo lacks one.
    whole = board(two.anna, two.phase_id)
    assert [row.owner for row in whole.rows] == ["bea", "anna", "cleo"]


def test_a_board_of_one_task_is_searched_and_sorted_with_its_own_ranks(two: Flow, tasks: list[int]) -> None:
    assert rows(two, tasks[0], who="cle") == [(2, "cleo", "0.70")]
    assert [rank for rank, *_ in rows(two, tasks[0], sort="score.accuracy")] == [3, 2, 1]


def test_a_marked_entry_has_no_rank_there_either(two: Flow, tasks: list[int]) -> None:
    best = board(two.anna, two.phase_id, task_id=tasks[0]).rows[0].submission_id
    mark_entry(two.otto, board_id(two.competition_id), best, Mark.BASELINE)
    assert [(rank, owner) for rank, owner, _ in rows(two, tasks[0])] == [(None, "anna"), (1, "cleo"), (2, "bea")]


def test_whoever_stands_on_another_page_of_a_task_finds_their_row(
    two: Flow, tasks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "ROWS", 1)
    browser = Client()
    browser.force_login(User.objects.get(username="cleo"))
    address = f"/competitions/{two.competition_id}/results/{two.phase_id}/"
    # Second in the first task, and last in the second; over both, last too.
    for query, place in (({"task": tasks[0]}, 2), ({"task": tasks[1]}, 3), ({}, 3)):
        page = browser.get(address, query).content.decode()
        asked = f"task={query['task']}&amp;" if query else ""
        assert f'?{asked}page={place}#me"' in page


def test_there_is_no_tab_for_a_task_that_the_board_does_not_show(two: Flow, tasks: list[int]) -> None:
    with pytest.raises(NotFound):
        board(two.anna, two.phase_id, task_id=404)
    change(two.otto, board_id(two.competition_id), lambda draft: replace(draft, board_per_task=False))
    with pytest.raises(NotFound):
        board(two.anna, two.phase_id, task_id=tasks[0])


def test_the_page_has_a_tab_for_each_task(two: Flow, tasks: list[int]) -> None:
    address = f"/competitions/{two.competition_id}/results/{two.phase_id}/"
    page = Client().get(address).content.decode()
    assert 'aria-label="Task"' in page
    barn = Client().get(address, {"task": tasks[1]}).content.decode()
    assert barn.index("bea") < barn.index("anna") < barn.index("cleo")
    assert f'task={tasks[1]}" aria-current="page"' in barn
    assert Client().get(address, {"task": "404"}).status_code == 404
    for odd in ("", "x", "9" * 40, "-1"):
        assert Client().get(address, {"task": odd}).status_code == 200


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_board_of_one_task_is_shown_as_it_was(
    two: Flow, tasks: list[int], time: SteppedClock, client: Client, monkeypatch: pytest.MonkeyPatch, snapshot: bool
) -> None:
    monkeypatch.setattr(services, "EVERY", 1)
    if snapshot:
        # With the keys of all tasks together.
        assert keep_snapshots() == 1
    moment, today = clock.now(), [rows(two, task) for task in tasks]
    cleo = board(two.anna, two.phase_id, task_id=tasks[0]).rows[1]
    time.add(days=1)
    edit_scores(two.otto, cleo.parts[0][1], {"accuracy": 0.95}, "A wrong label.")
    mark_entry(two.otto, board_id(two.competition_id), cleo.submission_id, Mark.BASELINE)
    assert rows(two, tasks[0])[0] == (None, "cleo", "0.95")
    for task, shown in zip(tasks, today, strict=True):
        then = past_phase(two.anna, two.phase_id, moment)
        found = past_board(then, None, limit=100, offset=0, answers_of=answers_of, task_id=task).board
        assert [(row.rank, row.owner, row.cells[0].text) for row in found.rows] == shown
    asked = {"at": moment.isoformat(), "task": tasks[1]}
    answer = client.get(f"/api/v1/phases/{two.phase_id}/board/", asked).json()
    assert [row["owner"] for row in answer["rows"]] == ["bea", "anna", "cleo"]
    assert (answer["task"], [each["id"] for each in answer["tasks"]]) == (tasks[1], tasks)


def test_the_page_of_a_moment_has_the_tabs_of_that_time(
    two: Flow, tasks: list[int], time: SteppedClock, client: Client
) -> None:
    address = f"/competitions/{two.competition_id}/results/{two.phase_id}/"
    with_tabs = clock.now().isoformat()
    time.add(days=1)
    change(two.otto, board_id(two.competition_id), lambda draft: replace(draft, board_per_task=False))
    page = client.get(address, {"at": with_tabs, "task": tasks[1]}).content.decode()
    table = page[page.index("<tbody") :]
    assert table.index("bea") < table.index("anna") < table.index("cleo")
    assert f'&amp;task={tasks[1]}" aria-current="page"' in page
    assert f'&amp;task={tasks[0]}">' in page
    assert f'<input type="hidden" name="task" value="{tasks[1]}">' in page
    # Since then there are none: what was asked for is not shown as something else, and a link leads out.
    gone = client.get(address, {"at": clock.now().isoformat(), "task": tasks[1]})
    assert gone.status_code == 404
    assert "no tab for such a task" in gone.content.decode()
    assert ">All tasks</a>" in gone.content.decode()
    assert 'aria-label="Task"' not in client.get(address, {"at": clock.now().isoformat()}).content.decode()


def test_the_tab_of_a_task_leads_to_its_own_past(two: Flow, tasks: list[int], client: Client) -> None:
    address = f"/competitions/{two.competition_id}/results/{two.phase_id}/"
    assert f'href="?task={tasks[1]}&amp;at="' in client.get(address, {"task": tasks[1]}).content.decode()
