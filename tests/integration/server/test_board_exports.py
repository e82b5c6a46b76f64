"""Boards as files: all of a competition for those who run it, one for whoever sees it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from tests.integration.server import scene as scenes
from tests.integration.server.scene import Scene

from podium.rules.board.columns import Column
from podium.rules.board.marks import Mark
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.proof import Head
from podium.server import clock
from podium.server.competitions.models import Phase, PhaseTask, Task
from podium.server.history.proving import head_of_competition
from podium.server.leaderboards.models import Column as ColumnRow
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.leaderboards.services.boards import create_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """Three people on the board of the open phase; one has a name that spreadsheets would compute."""
    made = scenes.make_scene()
    now = clock.now()
    for name, values in {
        "=1+1": {"accuracy": 0.1 + 0.2, "f1": -0.5, "duration": 1e300},
        "anna": {"accuracy": 0.75, "f1": 0.25},
        "bert": {"accuracy": 0.125, "f1": 1 / 3, "duration": 2.0},
    }.items():
        person = scenes.make_person(name)
        scenes.join(made.competition, person)
        scenes.scored(made, person, values, at=now - timedelta(hours=1), on_board=True)
    return made


def _get(scene: Scene, path: str, who: str | None = "organizer") -> tuple[int, bytes, str]:
    client = Client()
    if who is not None:
        client.force_login(scene.people[who])
    answer = client.get(path)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    _close(answer)
    return answer.status_code, content, answer.headers.get("Content-Disposition", "")


def _close(answer: Any) -> None:
    # The end of a request ends its connection, which here is the one of the test.
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


def _api(scene: Scene, rest: str) -> str:
    return f"/api/competitions/{scene.competition.pk}/{rest}"


def _table(scene: Scene, ending: str) -> str:
    board = scene.competition.leaderboards.get(index=0)
    return f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/{board.pk}/table/{ending}/"


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def _members(content: bytes) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        said = json.loads(archive.comment)
        competition = int(said["chain"].removeprefix("competition:"))
        assert Head(said["events"], said["head"]) == head_of_competition(competition)
        return {name: _rows(archive.read(name)) for name in archive.namelist()}


@pytest.mark.parametrize("ending", ["csv", "json", "tex", "md"])
def test_a_board_as_a_file_says_how_the_history_ended(scene: Scene, ending: str) -> None:
    answer = Client().get(_table(scene, ending))
    head = head_of_competition(scene.competition.pk)
    assert head.seq > 0
    assert answer.headers["Podium-History"] == f"{head.seq}:{head.hash}"
    _close(answer)


@pytest.mark.parametrize("rest", ["results.json", "results.csv"])
def test_so_do_the_results_of_the_api(scene: Scene, rest: str) -> None:
    client = Client()
    client.force_login(scene.people["organizer"])
    answer = client.get(f"{_api(scene, rest)}?phase={scene.phase.pk}")
    assert answer.headers["Podium-History"] == str(head_of_competition(scene.competition.pk))
    _close(answer)


@pytest.mark.parametrize("rest", ["get_csv", "get_csv/"])
def test_all_boards_as_a_zip_of_csv_files(scene: Scene, rest: str) -> None:
    status, content, named = _get(scene, _api(scene, rest))
    assert status == 200
    assert "Classify Wheat Seeds.zip" in named
    found = _members(content)
    phases = ("Warm-up phase", "Development phase", "Final phase")
    assert list(found) == [f"Results - {phase}.csv" for phase in phases]
    titles = ["Participant", "Accuracy", "F1", "Duration, s"]
    assert found["Results - Warm-up phase.csv"] == [titles]
    # In the order of the ranks, every value as Python writes it.
    assert found["Results - Development phase.csv"] == [
        titles,
        ["anna", "0.75", "0.25", ""],
        ["'=1+1", "0.30000000000000004", "-0.5", "1e+300"],
        ["bert", "0.125", "0.3333333333333333", "2.0"],
    ]


def test_a_board_of_one_phase_has_only_its_title(scene: Scene) -> None:
    Phase.objects.filter(competition=scene.competition).exclude(pk=scene.phase.pk).delete()
    assert list(_members(_get(scene, _api(scene, "get_csv"))[1])) == ["Results.csv"]


def test_hidden_boards_are_in_it_and_hidden_columns_are_not(scene: Scene) -> None:
    Phase.objects.filter(competition=scene.competition).exclude(pk=scene.phase.pk).delete()
    ColumnRow.objects.filter(key="f1").update(hidden=True)
    columns = (Column(key="accuracy", title="=cmd()", index=0),)
    spec = LeaderboardSpec(title="results/..\\x", key="other", columns=columns, hidden=True)
    create_board(scene.competition.pk, 1, spec)
    same = LeaderboardSpec(title="RESULTS", key="same", columns=columns)
    create_board(scene.competition.pk, 2, same)
    found = _members(_get(scene, _api(scene, "get_csv"))[1])
    assert list(found) == ["Results.csv", "results_.._x.csv", "RESULTS-2.csv"]
    assert found["Results.csv"][0] == ["Participant", "Accuracy", "Duration, s"]
    assert found["results_.._x.csv"][0] == ["Participant", "'=cmd()"]


def test_answers_of_the_fact_sheet_stand_before_the_scores(scene: Scene) -> None:
    scene.competition.fact_sheet = [
        {"key": "team", "title": "Team", "type": "text", "is_on_leaderboard": True},
        {"key": "mail", "title": "Mail", "type": "text", "is_on_leaderboard": False},
    ]
    scene.competition.save()
    Entry.objects.filter(owner__username="anna").update(fact_sheet_answers={"team": "@night", "mail": "a@example.org"})
    found = _members(_get(scene, _api(scene, "get_csv"))[1])["Results - Development phase.csv"]
    assert found[0] == ["Participant", "Team", "Accuracy", "F1", "Duration, s"]
    assert [row[:2] for row in found[1:]] == [["anna", "'@night"], ["'=1+1", ""], ["bert", ""]]
    _, content, _ = _get(scene, _table(scene, "csv"), None)
    assert b"a@example.org" not in content


@pytest.mark.parametrize("rest", ["get_csv", "results.json", "results.csv", "results.zip"])
@pytest.mark.parametrize(("who", "status"), [(None, 0), ("participant", 403), ("user", 403), ("collaborator", 200)])
def test_only_those_who_run_it_take_all_of_it_out(scene: Scene, rest: str, who: str | None, status: int) -> None:
    if who is None:
        # The contract says of `get_csv` what others are answered, signed in or not.
        status = 403 if rest == "get_csv" else 401
    assert _get(scene, f"{_api(scene, rest)}?phase={scene.phase.pk}", who)[0] == status


def test_a_visitor_learns_nothing_of_a_competition_that_is_not_published(scene: Scene) -> None:
    scene.competition.published = False
    scene.competition.save()
    assert _get(scene, _api(scene, "get_csv"), None)[0] == 404


def test_a_token_is_worth_as_much_as_a_session(scene: Scene) -> None:
    sent = {"username": "organizer", "password": scenes.PASSWORD}
    token = Client().post("/api/api-token-auth/", sent).json()["token"]
    answer = Client().get(_api(scene, "get_csv"), headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 200
    _close(answer)


def test_results_in_the_shape_of_the_contract(scene: Scene) -> None:
    task = scene.task
    anna = Entry.objects.get(owner__username="anna")
    status, content, _ = _get(scene, _api(scene, "results.json"))
    assert status == 200
    found = json.loads(content)
    assert list(found) == [f"Results - {phase.name}({phase.pk})" for phase in scene.phases]
    board = found[f"Results - Development phase({scene.phase.pk})"]
    assert next(iter(board)) == f"anna-{anna.submission_id}"
    assert board[f"anna-{anna.submission_id}"] == {
        "fact_sheet_answers": None,
        f"Wheat({task.pk})-Accuracy": "0.75",
        f"Wheat({task.pk})-F1": "0.25",
        f"Wheat({task.pk})-Duration, s": "",
    }
    alone = json.loads(_get(scene, f"{_api(scene, 'results')}/?phase={scene.phase.pk}")[1])
    assert alone == {f"Results - Development phase({scene.phase.pk})": board}


def test_results_as_csv_need_one_phase(scene: Scene) -> None:
    status, content, _ = _get(scene, _api(scene, "results.csv"))
    assert status == 400
    assert json.loads(content)["code"] == "phase-needed"
    status, content, _ = _get(scene, f"{_api(scene, 'results.csv')}?phase={scene.phase.pk}")
    assert status == 200
    head, *rows = _rows(content)
    prefix = f"Wheat({scene.task.pk})"
    assert head == ["Username", "fact_sheet_answers", f"{prefix}-Accuracy", f"{prefix}-F1", f"{prefix}-Duration, s"]
    assert [row[2:] for row in rows] == [
        ["0.75", "0.25", ""],
        ["0.30000000000000004", "-0.5", "1e+300"],
        ["0.125", "0.3333333333333333", "2.0"],
    ]
    assert rows[1][0].startswith("'=1+1-")


def test_an_empty_board_is_an_empty_body_and_no_member(scene: Scene) -> None:
    assert _get(scene, f"{_api(scene, 'results.csv')}?phase={scene.phases[0].pk}")[:2] == (200, b"")
    assert list(_members(_get(scene, _api(scene, "results.zip"))[1])) == [
        f"Results - Development phase({scene.phase.pk}).csv"
    ]


@pytest.mark.parametrize(("phase", "status"), [("0", 400), ("x", 400), ("999999", 404), ("9" * 30, 400)])
def test_a_phase_that_is_none_of_it(scene: Scene, phase: str, status: int) -> None:
    assert _get(scene, f"{_api(scene, 'results.json')}?phase={phase}")[0] == status


def test_two_tasks_have_columns_of_their_own(scene: Scene) -> None:
    second = Task.objects.create(name="=Rye", created_by=scene.people["organizer"], created_at=clock.now())
    PhaseTask.objects.create(phase=scene.phase, task=second, order_index=1)
    head, *rows = _rows(_get(scene, _table(scene, "csv"), None)[1])
    assert head[2].endswith(": Accuracy")
    assert head[5:11:3] == ["Wheat: Accuracy", "'=Rye: Accuracy"]
    # Nobody ran on the second task.
    assert [row[8] for row in rows] == ["", "", ""]
    assert [row[5] for row in rows] == ["0.75", "0.30000000000000004", "0.125"]


def test_one_board_in_every_format(scene: Scene) -> None:
    head, first, *_ = _rows(_get(scene, _table(scene, "csv"), None)[1])
    assert head == ["Rank", "Participant", "Accuracy", "F1", "Duration, s", "Submitted"]
    assert first[:5] == ["1", "anna", "0.75", "0.25", ""]
    made = json.loads(_get(scene, _table(scene, "json"), None)[1])
    assert [column["key"] for column in made["columns"]] == ["accuracy", "f1", "duration"]
    assert [(row["rank"], row["participant"], row["values"]) for row in made["rows"]] == [
        (1, "anna", [0.75, 0.25, None]),
        (2, "=1+1", [0.1 + 0.2, -0.5, 1e300]),
        (3, "bert", [0.125, 1 / 3, 2.0]),
    ]
    lines = _get(scene, _table(scene, "md"), None)[1].decode().splitlines()
    assert lines[:3] == [
        "| Rank | Participant | Accuracy | F1 | Duration, s |",
        "| ---: | --- | ---: | ---: | ---: |",
        "| 1 | anna | 0\\.750 | 0\\.250 | – |",
    ]
    tex = _get(scene, _table(scene, "tex"), None)[1].decode()
    assert "\\begin{tabular}{rlrrr}" in tex
    assert "1 & anna & $0.750$ & $0.250$ & -- \\\\" in tex
    assert _get(scene, _table(scene, "pdf"), None)[0] == 404


def test_a_hidden_board_and_hidden_columns_are_no_files_for_others(scene: Scene) -> None:
    ColumnRow.objects.filter(key="f1").update(hidden=True)
    assert "F1" not in _get(scene, _table(scene, "csv"), "participant")[1].decode()
    assert "F1" in _get(scene, _table(scene, "csv"), "organizer")[1].decode()
    Leaderboard.objects.update(hidden=True)
    assert _get(scene, _table(scene, "csv"), "participant")[0] == 403
    assert _get(scene, _table(scene, "csv"), "organizer")[0] == 200


def test_baselines_have_no_rank_and_hidden_entries_are_for_organizers(scene: Scene) -> None:
    board = scene.competition.leaderboards.get()
    for name, kind in (("anna", Mark.BASELINE), ("bert", Mark.HIDDEN)):
        entry = Entry.objects.get(owner__username=name)
        Entry.objects.filter(pk=entry.pk).update(ranked=False)
        EntryMark.objects.create(
            leaderboard=board,
            submission_id=entry.submission_id,
            kind=kind,
            by=scene.people["organizer"],
            at=clock.now(),
        )
    rows = [row[:2] for row in _rows(_get(scene, _table(scene, "csv"), "participant")[1])[1:]]
    assert rows == [["", "anna (baseline)"], ["1", "'=1+1"]]
    rows = [row[:2] for row in _rows(_get(scene, _table(scene, "csv"), "organizer")[1])[1:]]
    assert rows == [["", "anna (baseline)"], ["1", "'=1+1"], ["", "bert (hidden)"]]
