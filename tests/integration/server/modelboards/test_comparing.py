"""Models that were scored here are compared item by item, from predictions to the page."""

from __future__ import annotations

from math import comb

import pytest
from tests.integration.server.modelboards.scored_material import ITEMS, SENTIMENT, answers, send, sentiment
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.pages.test_model_compare import texts
from tests.integration.server.pages.test_model_matrix import get

from podium.rules.modelboards.declared import read_declared
from podium.server.accounts.people import Person
from podium.server.jobs.internal.models import InternalJob
from podium.server.modelboards.queries.side_by_side import side_by_side
from podium.server.modelboards.services import add_result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_here")]


@pytest.fixture
def two(owner: Person, sender: Person) -> None:
    """First is right on items 0 to 80, Second on 71 to 137: 71 items only the first got right, 57 only the second."""
    sentiment(owner)
    send(sender, "First", answers(81))
    send(sender, "Second", answers(67, start=71))
    do_jobs()


@pytest.mark.slow
@pytest.mark.usefixtures("two")
def test_what_was_scored_here_is_paired_and_what_was_declared_is_not(sender: Person) -> None:
    # One test, as each scoring takes its time.
    paired_by_what_the_board_knows_already()
    another_metric_is_compared_by_a_job()
    a_scored_and_a_declared_model_are_unpaired(sender)


def paired_by_what_the_board_knows_already() -> None:
    html = get("/compare/", {"model": ["First", "Second"]})
    # McNemar's exact test: 57 or fewer heads of 128 tosses of a fair coin, on either side.
    p = 2 * sum(comb(128, heads) for heads in range(58)) / 2**128
    estimate = f"First − Second +{14 / ITEMS:.4g}"
    (said,) = (each for each in texts(html) if each.startswith(estimate))
    assert said.endswith(f"{p:.3f} {p:.3f} Cannot be told apart. paired, McNemar's exact test")
    assert "263 items" in html
    assert "hx-trigger" not in html


def another_metric_is_compared_by_a_job() -> None:
    query = {"model": ["First", "Second"], "metric": "macro_f1"}
    assert "Some models are being compared item by item now." in get("/compare/", query)
    do_jobs()
    html = get("/compare/", query)
    assert "Some models are being compared" not in html
    (shared,) = side_by_side(["First", "Second"], "macro_f1").shared
    (pair,) = shared.pairs
    assert pair.difference is not None
    assert pair.difference.estimate == pytest.approx(pair.first.score - pair.second.score)
    assert pair.difference.low < pair.difference.estimate < pair.difference.high
    assert (pair.paired, pair.difference.method) == (True, "paired-bootstrap")
    assert not InternalJob.objects.filter(kind="model-comparison", state="failed").exists()


def a_scored_and_a_declared_model_are_unpaired(sender: Person) -> None:
    jobs = InternalJob.objects.filter(kind="model-comparison").count()
    add_result(sender, SENTIMENT, read_declared({"model": "Said", "score": 0.9, "ci": "0.88 - 0.92"}))
    html = get("/compare/", {"model": ["First", "Said"]})
    assert any("Said is better. unpaired, by the two intervals" in each for each in texts(html))
    assert InternalJob.objects.filter(kind="model-comparison").count() == jobs
