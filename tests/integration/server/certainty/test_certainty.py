"""What a board and a submission's page say where a scoring program writes per_item.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from django.test import Client
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, SteppedClock, begin, claimed, finish_scoring, put, worker
from tests.integration.server.modelboards.scored_material import patched_process
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.rescoring import begin_rescore, correct_the_program
from tests.small_bundles import zipped

from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.certainty.models import BoardCertainty, ItemScores
from podium.server.certainty.services import forget_items_of_deleted, refresh_certainty
from podium.server.competitions.services import register
from podium.server.jobs.internal.models import InternalJob
from podium.server.leaderboards.models import BoardVersion, Column
from podium.server.rescores.services import apply
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import add_to_board

MP = pytest.MonkeyPatch
pytestmark = pytest.mark.django_db


def items(right: int, of: int, column: str = "accuracy") -> bytes:
    """The first `right` of the items are right."""
    rows = [f"{column},{int(place < right)},i{place}" for place in range(of)]
    return "\n".join(["column,value,item", *rows]).encode()


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def run(flow: Flow, by: Person, score: float, content: bytes | None, *, late: bool = False) -> int:
    made = flow.take_in(by=by)
    order = claimed(worker())
    output = {"scores.json": b"{}"} if content is None else {"scores.json": b"{}", "per_item.csv": content}
    if not late:
        put(order["scoring_result"], zipped(output))
    finish_scoring(order, {"accuracy": score})
    if late:
        put(order["scoring_result"], zipped(output))
    add_to_board(by, made)
    return made


def compared(time: SteppedClock) -> BoardCertainty:
    """What the board says once every job is done."""
    do_jobs()
    for _ in range(3):
        time.add(seconds=3)
        refresh_certainty()
        do_jobs()
    return BoardCertainty.objects.get()


def joined(flow: Flow, names: Sequence[str]) -> Mapping[str, Person]:
    people = {name: make_person(name) for name in names}
    for person in people.values():
        register(person, flow.competition_id, accepts_terms=True)
    return people


@pytest.fixture
def flow(tmp_path: Path, time: SteppedClock, monkeypatch: pytest.MonkeyPatch) -> Flow:
    monkeypatch.setattr(*patched_process())
    return begin(tmp_path)


def board_page(flow: Flow, person: Person) -> str:
    return client_of(person).get(f"/competitions/{flow.competition_id}/results/{flow.phase_id}/").text


@pytest.mark.parametrize("late", [False, True])
def test_the_interval_of_a_score_is_wilsons(flow: Flow, time: SteppedClock, late: bool) -> None:
    """Newcombe 1998: 81 of 263 is .2553 to .3662."""
    run(flow, flow.anna, 81 / 263, items(81, 263), late=late)
    do_jobs()
    (row,) = ItemScores.objects.all()
    told = row.columns["accuracy"]
    assert told["method"] == "wilson"
    assert (round(told["low"], 4), round(told["high"], 4)) == (0.2553, 0.3662)
    compared(time)
    page = board_page(flow, flow.anna)
    assert 'class="interval"' in page
    assert "Bars are 95 % intervals" in page


def test_entries_that_the_items_do_not_tell_apart_stand_together(flow: Flow, time: SteppedClock) -> None:
    """Of 100 items one person has 90, another 89, a third 40: the third is 50 items behind, which no test misses."""
    people = joined(flow, ["berta", "carl"])
    first = run(flow, flow.anna, 0.90, items(90, 100))
    second = run(flow, people["berta"], 0.89, items(89, 100))
    run(flow, people["carl"], 0.40, items(40, 100))
    content = compared(time).content
    assert content["tied"] == [first, second]
    assert (content["compared"], content["items"]) == (3, 100)
    # Pairs differ on 1, 49 and 50 items of 100: the median error is that of 49, sqrt(.49 * .51 / 99) = .050242;
    # 1.959964 + 0.841621 times it is .14076.
    assert content["detectable"] == pytest.approx(0.14076, abs=2e-5)
    told = client_of(people["carl"]).get(f"/api/v1/phases/{flow.phase_id}/certainty/").json()
    assert (told["column"], told["tied"], told["compared"]) == ("accuracy", [first, second], 3)
    # Wilson, 90 of 100: (.9 + z^2/200 -+ z sqrt(.0009 + z^2/40000)) / (1 + z^2/100) with z = 1.959964.
    assert told["rows"][0] == {
        "submission": first,
        "rank": 1,
        "low": pytest.approx(0.82563, abs=1e-5),
        "score": 0.9,
        "high": pytest.approx(0.94477, abs=1e-5),
    }
    page = board_page(flow, people["carl"])
    assert page.count("may be first</span>") == 2
    assert "Of the first 3 entries, compared item by item on 100 items, 2 may be the best" in page
    assert "four of five tries is 0.1408" in page


def test_the_board_has_another_version_once_it_is_compared_and_then_stays(flow: Flow, time: SteppedClock) -> None:
    run(flow, flow.anna, 0.5, items(5, 10))
    before = BoardVersion.objects.get().version
    page = board_page(flow, flow.anna)
    assert 'class="interval"' not in page
    compared(time)
    after = BoardVersion.objects.get().version
    assert after != before
    assert 'class="interval"' in board_page(flow, flow.anna)
    compared(time)
    assert BoardVersion.objects.get().version == after
    assert BoardCertainty.objects.get().seen == after
    assert not InternalJob.objects.filter(kind__in=["item-scores", "board-certainty"]).exclude(state="finished")


def test_no_interval_belongs_to_a_score_that_is_not_the_mean(flow: Flow, time: SteppedClock) -> None:
    made = run(flow, flow.anna, 0.7, items(5, 10))
    assert compared(time).content == {}
    assert 'class="interval"' not in board_page(flow, flow.anna)
    page = client_of(flow.anna).get(f"/submissions/{made}/").text
    assert "accuracy: the items have the mean 0.5, which is not the score." in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1: The first line does not name"),
        (b"item,value\na,1\n", "Line 1: The first line does not name"),
        (b"item,column,value\na,accuracy,nan\n", "Line 2: The value is no finite number."),
        (b"item,column,value\na,accuracy,1e999\n", "Line 2: The value is no finite number."),
        (b"item,column,value\na,accuracy,1_0\n", "Line 2: The value is no finite number."),
        (b"item,column,value\na,accuracy,1\nb,accuracy,1\na,accuracy,0\n", "Line 4: This item was there before"),
        (b"item,column,value\n,accuracy,1\n", "Line 2: The item has no name"),
        (b"item,column,value\na,accuracy\n", "Line 2: A field is missing here."),
        (b"item,column,value\na,other,1\n", "No line is of a column"),
        (b'item,column,value\na,"accuracy,1\n', "This line is no CSV."),
        (b"item,column,value\n\xff,accuracy,1\n", "Line 2: This line is not UTF-8."),
    ],
)
def test_what_is_wrong_is_told_and_fails_nothing(flow: Flow, time: SteppedClock, content: bytes, said: str) -> None:
    made = run(flow, flow.anna, 0.5, content)
    do_jobs()
    assert Submission.objects.get(pk=made).status == "Finished"
    for person in (flow.anna, flow.otto):
        assert said in client_of(person).get(f"/submissions/{made}/").text
    assert ItemScores.objects.get().kept is None
    assert 'class="interval"' not in board_page(flow, flow.anna)


def test_of_very_much_that_is_wrong_the_beginning_is_told(flow: Flow) -> None:
    made = run(flow, flow.anna, 0.5, b"item,column,value\n" + b"a,accuracy,<b>x</b>\n" * 500)
    do_jobs()
    page = client_of(flow.anna).get(f"/submissions/{made}/").text
    assert "480 more problems." in page
    # Line 2 has no number; each of the 499 after it has an item that was there before.
    assert ItemScores.objects.get().problem_count == 500
    assert len(ItemScores.objects.get().problems) == 100
    assert "<b>x</b>" not in page


def test_without_the_file_nothing_is_done(flow: Flow) -> None:
    run(flow, flow.anna, 0.5, None)
    assert not InternalJob.objects.filter(kind="item-scores").exists()
    assert refresh_certainty() == 0


def test_a_column_that_is_hidden_stays_hidden(flow: Flow, time: SteppedClock) -> None:
    run(flow, flow.anna, 0.5, items(5, 10))
    compared(time)
    Column.objects.filter(key="accuracy").update(hidden=True)
    assert "intervals of the mean" not in board_page(flow, flow.anna)
    told = client_of(flow.anna).get(f"/api/v1/phases/{flow.phase_id}/certainty/").json()
    assert (told["column"], told["rows"]) == (None, [])


def test_the_items_of_deleted_submissions_are_forgotten(flow: Flow) -> None:
    made = run(flow, flow.anna, 0.5, items(5, 10))
    do_jobs()
    assert forget_items_of_deleted() == 0
    Submission.objects.filter(pk=made).update(is_deleted=True)
    assert forget_items_of_deleted() == 1
    assert not ItemScores.objects.exists()


def test_of_several_tasks_the_items_are_taken_together(two: Flow, time: SteppedClock, monkeypatch: MP) -> None:
    """Tasks of 40 items each: 30 and 20 right are 50 of 80, Wilson .5155 to .7231."""
    monkeypatch.setattr(*patched_process())
    made = two.take_in()
    for right in (30, 20):
        order = claimed(worker())
        put(order["scoring_result"], zipped({"per_item.csv": items(right, 40)}))
        finish_scoring(order, {"accuracy": right / 40})
    add_to_board(two.anna, made)
    content = compared(time).content
    low, score, high = content["intervals"][str(made)]
    assert (round(low, 4), score, round(high, 4)) == (0.5155, 0.625, 0.7231)
    assert content["items"] == 80
    assert 'class="interval"' in board_page(two, two.anna)


def test_tasks_without_items_leave_the_board_as_it_was(two: Flow, time: SteppedClock, monkeypatch: MP) -> None:
    monkeypatch.setattr(*patched_process())
    made = two.take_in()
    for name in ("per_item.csv", "other.csv"):
        order = claimed(worker())
        put(order["scoring_result"], zipped({name: items(3, 4)}))
        finish_scoring(order, {"accuracy": 0.75})
    add_to_board(two.anna, made)
    assert compared(time).content == {}


def test_a_rescore_brings_its_own_items(flow: Flow, time: SteppedClock) -> None:
    """5 of 10 right, then 9 of 10: Wilson .5958 to .9821."""
    made = run(flow, flow.anna, 0.5, items(5, 10))
    compared(time)
    correct_the_program(flow)
    rescore = begin_rescore(flow)
    order = claimed(worker())
    put(order["scoring_result"], zipped({"per_item.csv": items(9, 10)}))
    finish_scoring(order, {"accuracy": 0.9})
    compared(time)

    def bounds() -> list[float]:
        (row,) = client_of(flow.anna).get(f"/api/v1/phases/{flow.phase_id}/certainty/").json()["rows"]
        assert row["submission"] == made
        return [round(row[name], 4) for name in ("low", "score", "high")]

    # Until it is applied, the old score counts: 5 of 10 is .2366 to .7634.
    assert bounds() == [0.2366, 0.5, 0.7634]
    apply(flow.otto, rescore)
    compared(time)
    assert bounds() == [0.5958, 0.9, 0.9821]
