"""Models against datasets, and tables of model boards as files."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from podium.rules.modelboards.declared import read_declared
from podium.server import clock
from podium.server.modelboards.models import BoardStatistics, Dataset, Result
from podium.server.modelboards.services import DatasetWishes, add_dataset

pytestmark = pytest.mark.django_db

Scores = dict[str, float | None]


def board(name: str, scores: Scores, *, task_type: str = "text_classification", **changes: Any) -> None:
    results = [read_declared({"model": model, "score": score}) for model, score in scores.items()]
    add_dataset(None, DatasetWishes(name, task_type, results=results, **changes))


def get(path: str, query: Any = None, status: int = 200) -> str:
    answer = Client().get(path, query or {})
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def sent(path: str, query: Any = None) -> str:
    answer = Client().get(path, query or {})
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    # The end of a request ends its connection, which here is the one of the test.
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)
    return content


def shown(html: str) -> list[list[str]]:
    """The rows as (rank, model, and what follows)."""
    rows = re.findall(r'<tr><td class="n rank">(.*?)</tr>', html)
    cells = [re.findall(r"(?:^|<t[dh][^>]*>)(.*?)</t[dh]>", row) for row in rows]
    return [[unescape(re.sub(r"<.*?>", "", cell)) for cell in row] for row in cells]


@pytest.fixture
def three() -> None:
    """Accuracy: a before b and c, who are equal. Errors, the lowest first: b before a; c has no result."""
    board("Moods", {"a": 0.9, "b": 0.6, "c": 0.6}, metric="accuracy")
    board("Speech", {"a": 3.0, "b": 1.0, "c": None}, metric="error rate")


@pytest.mark.usefixtures("three")
def test_models_are_ranked_by_their_mean_win_rate_and_gaps_come_last() -> None:
    # Win rates (1 + .5) / 2, (.25 + 1) / 2, (.25 + 0) / 2; the mean of accuracy alone, as errors have no upper end;
    # points 2 + 1, .5 + 2, .5 + 0. See the rules' own tests.
    assert shown(get("/leaderboard/matrix/")) == [
        ["1", "a", "75.0", "90.0", "3", "2 of 2", "0.9", "3"],
        ["2", "b", "62.5", "60.0", "2.5", "2 of 2", "0.6", "1"],
        ["3", "c", "12.5", "60.0", "0.5", "1 of 2", "0.6", "–"],
    ]


@pytest.mark.usefixtures("three")
def test_the_rules_are_said_in_words_and_can_be_chosen() -> None:
    html = get("/leaderboard/matrix/")
    assert "Where a model has no result it comes last on that dataset, and counts 0 in the mean." in html
    assert "Not in the mean: Speech." in html
    assert "The lowest score is the best on Speech; all aggregates count it so." in html
    html = get("/leaderboard/matrix/", {"missing": "complete", "scale": "seen", "by": "mean"})
    # On both: a is at the best end of accuracy and the worst of errors, b the other way round.
    assert [row[:4] for row in shown(html)] == [
        ["1", "a", "50.0", "50.0"],
        ["1", "b", "50.0", "50.0"],
        ["–", "c", "–", "–"],
    ]
    assert "Only models with a result on every dataset are ranked" in html
    assert "between the lowest and the highest of the models compared here" in html
    assert re.findall(r'<option value="(\w+)" selected>', html) == ["mean", "complete", "seen"]


@pytest.mark.usefixtures("three")
def test_weights_stand_in_the_address_and_count() -> None:
    html = get("/leaderboard/matrix/", {"w-speech": "3"})
    # (.25 * 1 + 1 * 3) / 4 for b, (1 + .5 * 3) / 4 for a.
    assert [row[1:3] for row in shown(html)] == [["b", "81.2"], ["a", "62.5"], ["c", "6.2"]]
    assert 'name="w-speech" value="3"' in html
    assert "/leaderboard/matrix/table/csv/?w-speech=3" in html
    html = get("/leaderboard/matrix/", {"w-speech": "0"})
    assert [row[1:3] for row in shown(html)] == [["a", "100.0"], ["b", "25.0"], ["c", "25.0"]]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("weight", ["heavy", "-1", "nan", "inf", "1e9", "１０００１"])
def test_a_weight_that_is_none_is_named_and_counts_as_one(weight: str) -> None:
    html = get("/leaderboard/matrix/", {"w-speech": weight}, 400)
    assert "What was sent for speech is none, and counts as 1." in html
    assert [row[1] for row in shown(html)] == ["a", "b", "c"]


@pytest.mark.usefixtures("three")
def test_datasets_models_and_task_types_are_chosen_by_the_address() -> None:
    board("Names", {"a": 0.5, "z": 0.25}, task_type="named_entity_recognition")
    html = get("/leaderboard/matrix/", {"dataset": ["names", "nothing"]})
    assert [row[1] for row in shown(html)] == ["a", "z"]
    assert "/leaderboard/moods/" in html
    assert [row[1] for row in shown(get("/leaderboard/matrix/", {"task": "named_entity_recognition"}))] == ["a", "z"]
    assert [row[1] for row in shown(get("/leaderboard/matrix/", {"model": ["c", "z"]}))] == ["c", "z"]
    assert [row[1] for row in shown(get("/leaderboard/matrix/", {"find": "Z"}))] == ["z"]
    assert "No result is like this." in get("/leaderboard/matrix/", {"find": "nobody"})
    assert "No result is like this." in get("/leaderboard/matrix/", {"dataset": "nothing"})


@pytest.mark.usefixtures("three")
def test_rows_are_sorted_by_a_dataset_and_keep_their_ranks() -> None:
    assert [row[:2] for row in shown(get("/leaderboard/matrix/", {"sort": "speech"}))] == [
        ["2", "b"],
        ["1", "a"],
        ["3", "c"],
    ]
    html = get("/leaderboard/matrix/", {"sort": "model"})
    assert [row[1] for row in shown(html)] == ["a", "b", "c"]
    assert 'aria-sort="ascending"' in html


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "short"),
    [
        ("find=&task=&w-moods=&w-speech=2&missing=last&by=mean&q=", "?w-speech=2&by=mean"),
        ("w-moods=1&w-speech=2.50&scale=metric&missing=own", "?w-speech=2.5&missing=own"),
        ("missing=whatever&sort=", ""),
        ("dataset=moods&dataset=moods&find=%20a%20&utm=1", "?dataset=moods&find=a"),
    ],
)
def test_what_goes_without_saying_does_not_stay_in_the_address(query: str, short: str) -> None:
    answer = Client().get(f"/leaderboard/matrix/?{query}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/leaderboard/matrix/{short}")
    assert Client().get(answer.headers["Location"]).status_code == 200


@pytest.mark.usefixtures("three")
def test_baselines_are_shown_and_not_ranked() -> None:
    board("Moods", {"Human": 0.99}, metric="accuracy")
    Dataset.objects.filter(slug="moods").update(baselines={"Human": "human"})
    html = get("/leaderboard/matrix/")
    rows = shown(html)
    # The others stand as they would without it.
    assert [row[:3] for row in rows] == [
        ["1", "a", "75.0"],
        ["2", "b", "62.5"],
        ["3", "c", "12.5"],
        ["–", "Humanbaseline", "–"],
    ]
    assert rows[3][5:7] == ["1 of 2", "0.99"]
    assert "Baselines are shown and not ranked, and nobody wins by beating them." in html
    Dataset.objects.filter(slug="moods").update(baselines=dict.fromkeys(("Human", "a", "b", "c"), "other"))
    assert [row[0] for row in shown(get("/leaderboard/matrix/", {"dataset": "moods"}))] == ["–"] * 4


def test_nothing_to_compare_says_so() -> None:
    assert "No model has a score here yet." in get("/leaderboard/matrix/")
    board("Empty", {"unscored": None})
    assert "No model has a score here yet." in get("/leaderboard/matrix/")


def test_hostile_names_are_shown_as_they_are() -> None:
    board("<script>alert(1)</script>", {"<b>bold</b>/..": 0.5, "=1+1": 0.25}, metric="accuracy")
    html = get("/leaderboard/matrix/")
    assert "<script>alert" not in html
    assert "<b>bold" not in html
    assert "/model/?name=%3Cb%3Ebold%3C%2Fb%3E%2F.." in html
    rows = list(csv.reader(io.StringIO(sent("/leaderboard/matrix/table/csv/"))))
    assert [row[1] for row in rows[1:]] == ["<b>bold</b>/..", "'=1+1"]
    assert "<script>" not in sent("/leaderboard/matrix/table/md/").replace("\\<script\\>", "")
    assert "\\textless{}script\\textgreater{}" in sent("/leaderboard/matrix/table/tex/")


@pytest.mark.usefixtures("three")
def test_the_matrix_as_files_says_how_it_came_about() -> None:
    said = json.loads(sent("/leaderboard/matrix/table/json/", {"by": "borda", "w-speech": "2"}))
    assert (said["ranked_by"], said["missing"], said["scale"]) == ("borda", "last", "metric")
    assert said["datasets"][1] == {
        "key": "score:speech",
        "name": "Speech",
        "metric": "error rate",
        "lower_is_better": True,
        "weight": 2.0,
        "scale": None,
    }
    # Points .5 + 2 * 2 for b.
    assert said["rows"][0] == {
        "rank": 1,
        "model": "b",
        "borda": 4.5,
        "win_rate": 0.75,
        "mean": 0.6,
        "datasets": 2,
        "score:moods": 0.6,
        "score:speech": 1.0,
    }
    markdown = sent("/leaderboard/matrix/table/md/").splitlines()
    assert markdown[0] == "| Rank | Model | Mean win rate | Mean | Borda count | Datasets | Moods | Speech |"
    assert markdown[2] == r"| 1 | a | 0\.75 | 0\.9 | 3 | 2 | 0\.9 | 3 |"
    assert "1 & a & $0.75$ & $0.9$ & 3 & 2 & $0.9$ & 3 \\\\" in sent("/leaderboard/matrix/table/tex/")
    assert "Tables are not written in this format." in get("/leaderboard/matrix/table/xlsx/", status=404)


def test_a_board_as_a_file() -> None:
    results = [
        {"model": "@sum", "score": 0.5, "ci": "0.4 - 0.6", "updated": "2024-09", "source": "https://example.org/"},
        {"model": "b_1", "score": 0.75},
        {"model": "none", "score": None},
    ]
    wishes = DatasetWishes("Moods", "text_classification", results=[read_declared(each) for each in results])
    add_dataset(None, wishes)
    dataset = Dataset.objects.get(slug="moods")
    place = {"best": 1, "worst": 2, "group": None, "top1": None, "top3": None, "to_best": None}
    content = {
        "metric": "",
        "level": 0.95,
        "detectable": None,
        "declared_only": True,
        "groups": [],
        "pairs": [],
        "seed": 1,
    }
    content["models"] = {str(dataset.results.get(model="@sum").pk): place}
    BoardStatistics.objects.update_or_create(
        dataset=dataset, defaults={"version": dataset.version, "computed_at": clock.now(), "content": content}
    )
    assert list(csv.reader(io.StringIO(sent("/leaderboard/moods/table/csv/")))) == [
        [
            "Rank",
            "Best rank",
            "Worst rank",
            "Model",
            "Score",
            "Low",
            "High",
            "Items",
            "Badge",
            "Baseline",
            "Updated",
            "Source",
            "Results",
        ],
        ["1", "", "", "b_1", "0.75", "", "", "", "unverified", "", "", "", "1"],
        ["2", "1", "2", "'@sum", "0.5", "0.4", "0.6", "", "unverified", "", "2024-09-01", "https://example.org/", "1"],
        ["", "", "", "none", "", "", "", "", "unverified", "", "", "", "1"],
    ]
    assert "| 1 | – | – | b\\_1 | 0\\.75 | – |" in sent("/leaderboard/moods/table/md/")
    assert "1 & -- & -- & b\\_1 & $0.75$ & -- & -- & --" in sent("/leaderboard/moods/table/tex/")
    said = json.loads(sent("/leaderboard/moods/table/json/"))
    assert said["lower_is_better"] is False
    assert said["rows"][2]["rank"] is None
    assert "There is no dataset at this address." in get("/leaderboard/none/table/csv/", status=404)


@pytest.mark.usefixtures("three")
def test_a_matrix_asks_the_database_as_often_for_many_as_for_few(django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        Dataset.objects.bulk_create([_copy(number)])
    rows = [
        Result(
            dataset=dataset,
            model=f"m{place}",
            revision=1,
            score=place / 300,
            badge="declared",
            created_at=dataset.created_at,
        )
        for dataset in Dataset.objects.filter(slug__startswith="copy-")
        for place in range(210)
    ]
    Result.objects.bulk_create(rows)
    found: CaptureQueriesContext
    with django_assert_max_num_queries(6) as found:
        html = get("/leaderboard/matrix/")
    assert len(found) >= 3
    assert len(shown(html)) == 200
    assert "200 models, 50 datasets" in html
    assert "10 models with fewer results are not compared here" in html


def _copy(number: int) -> Dataset:
    there = Dataset.objects.get(slug="moods")
    return Dataset(
        name=f"Copy {number}",
        slug=f"copy-{number}",
        task_type=there.task_type,
        metric="accuracy",
        model_count=210,
        created_at=there.created_at,
        changed_at=there.changed_at,
    )
