"""Comparisons of models as programs ask for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.integration.server.own_jobs import do_jobs

from podium.rules.modelboards.declared import read_declared
from podium.server.accounts.people import Person
from podium.server.modelboards.services import DatasetWishes, add_dataset

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_here")]


@pytest.fixture(autouse=True)
def board(owner: Person) -> None:
    results = [
        {"model": "First", "score": 0.9, "ci": "0.88 - 0.92"},
        {"model": "Second", "score": 0.7, "ci": "0.66 - 0.74"},
        {"model": "No score", "score": None},
    ]
    declared = [read_declared(each) for each in results]
    add_dataset(owner, DatasetWishes("SST", "text_classification", metric="accuracy", results=declared))


def compare(**query: object) -> tuple[int, dict[str, Any]]:
    answer: Any = Client(raise_request_exception=False).get("/api/leaderboard/compare", query)
    return answer.status_code, answer.json()


def test_a_comparison_is_computed_when_it_is_asked_for() -> None:
    asked = {"dataset": "SST", "model": ["First", "Second"]}
    assert compare(**asked) == (200, {"status": "success", "state": "waiting"})
    do_jobs()
    status, told = compare(**asked)
    assert (status, told["state"], told["metric"]) == (200, "ready", "accuracy")
    assert [each["model"] for each in told["models"]] == ["First", "Second"]
    (pair,) = told["pairs"]
    names = [pair["first"], pair["second"]]
    # 0.9 - 0.7 = 0.2, with errors of 0.02 / 1.96 and 0.04 / 1.96: about twenty standard errors apart.
    assert (sorted(names), pair["distinguishable"]) == (["First", "Second"], True)
    assert abs(pair["estimate"]) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({}, 400, "Missing required fields: dataset"),
        ({"dataset": "None", "model": ["First", "Second"]}, 404, "Dataset not found."),
        ({"dataset": "SST", "model": ["First"]}, 400, "Name 2 to 10 models, each as model."),
        ({"dataset": "SST", "model": ["First", "First"]}, 400, "Name 2 to 10 models, each as model."),
        ({"dataset": "SST", "model": [f"m{n}" for n in range(11)]}, 400, "Name 2 to 10 models, each as model."),
        ({"dataset": "SST", "model": ["First", "Third"]}, 404, "There is no model 'Third' on this dataset."),
        ({"dataset": "SST", "model": ["First", "Second"], "metric": "luck"}, 400, "Text classification has no metric"),
    ],
)
def test_what_cannot_be_compared_is_said(query: dict[str, object], status: int, said: str) -> None:
    answered, told = compare(**query)
    assert (answered, told["status"]) == (status, "error")
    assert told["message"].startswith(said)
