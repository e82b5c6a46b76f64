"""Models next to each other, and the page of one."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from tests.integration.server.pages.test_model_matrix import get, sent

from podium.rules.modelboards.declared import read_declared
from podium.server import clock
from podium.server.jobs.internal.models import InternalJob
from podium.server.modelboards.models import BoardStatistics, Comparison, Dataset, Result
from podium.server.modelboards.queries.comparisons import digest_of
from podium.server.modelboards.services import DatasetWishes, add_dataset
from podium.server.pages.modelboards.model_address import model_url

pytestmark = pytest.mark.django_db


def board(name: str, *results: dict[str, Any], **changes: Any) -> Dataset:
    told = [read_declared(each) for each in results]
    changes = {"task_type": "text_classification", "metric": "accuracy"} | changes
    add_dataset(None, DatasetWishes(name, results=told, **changes))
    return Dataset.objects.get(name=name)


def result(model: str, score: float, ci: str = "", **more: Any) -> dict[str, Any]:
    return {"model": model, "score": score, "ci": ci, **more}


def texts(html: str, row: str = "tr") -> list[str]:
    rows = re.findall(rf"<{row}[ >].*?</{row}>", html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", each)).split()).lstrip("> ") for each in rows]


@pytest.fixture
def moods() -> Dataset:
    # Both intervals are 3.92 standard errors of .01 wide.
    return board("Moods", result("a", 0.9, "0.8804 - 0.9196"), result("b", 0.8, "0.7804 - 0.8196"), result("c", 0.85))


@pytest.mark.usefixtures("moods")
def test_declared_intervals_are_compared_unpaired_and_marked_so() -> None:
    html = get("/compare/", {"model": ["a", "b"]})
    # The error of the difference is .01 * sqrt(2) = .014142, 1.96 of which are .02772; .1 is 7.07 of them.
    assert "a − b +0.1 +0.07228 to +0.1277 < 0.001 < 0.001 a is better. unpaired, by the two intervals" in texts(html)
    assert "a b 1 0 0 0" in texts(html)
    assert "2 models, 1 shared dataset" in html
    assert "hx-trigger" not in html


@pytest.mark.usefixtures("moods")
def test_without_an_interval_nothing_can_be_said() -> None:
    html = get("/compare/", {"model": ["a", "c"]})
    assert "a − c +0.05 – – – Cannot be said: no interval is known of c." in texts(html)
    assert "a c 0 0 0 1" in texts(html)


def test_a_lower_score_is_better_where_the_dataset_says_so() -> None:
    board("Speech", result("a", 0.9, "0.89 - 0.91"), result("b", 0.8, "0.79 - 0.81"), metric="wer")
    html = get("/compare/", {"model": ["a", "b"]})
    assert any(each.endswith("b is better. unpaired, by the two intervals") for each in texts(html))
    assert "a b 0 1 0 0" in texts(html)
    assert re.findall(r"<b>(0\.\d+)</b>", html) == ["0.8"]


def test_several_comparisons_are_judged_together() -> None:
    # Differences of .03 with an error of .014142: z = 2.1213, p = .0339; twice that among two is .0678.
    for name in ("One", "Two"):
        board(name, result("a", 0.83, "0.8104 - 0.8496"), result("b", 0.8, "0.7804 - 0.8196"))
    html = get("/compare/", {"model": ["a", "b"]})
    said = "Not told apart: a would be better if this were the only one of 2 comparisons."
    assert sum(f"0.034 0.068 {said}" in each for each in texts(html)) == 2
    assert "a b 0 0 2 0" in texts(html)


@pytest.mark.usefixtures("moods")
def test_three_models_are_compared_with_each_other_or_with_one() -> None:
    html = get("/compare/", {"model": ["a", "b", "c"]})
    assert [each[:5] for each in texts(html) if " − " in each] == ["a − b", "a − c", "b − c"]
    html = get("/compare/", {"model": ["a", "b", "c"], "base": "b"})
    assert [each[:5] for each in texts(html) if " − " in each] == ["a − b", "c − b"]


def test_a_metric_can_be_chosen() -> None:
    more = {"detailed_scores": {"f1": 0.7}}
    board("Moods", result("a", 0.9, "0.88 - 0.92", **more), result("b", 0.8, "0.78 - 0.82", **more))
    html = get("/compare/", {"model": ["a", "b"], "metric": "f1"})
    assert "a − b 0 – – – Cannot be said: no interval is known of a and b." in texts(html)
    assert '<option value="f1" selected>' in html
    html = get("/compare/", {"model": ["a", "b"], "metric": "Accuracy"})
    assert "a is better." in html
    html = get("/compare/", {"model": ["a", "b"], "metric": "speed"})
    assert "no such score: a, b" in html


@pytest.fixture
def scored(moods: Dataset) -> Dataset:
    """a and b were scored here."""
    from podium.server.files.models import Blob

    kept = Blob.objects.create(sha256="0" * 64, size_bytes=1, touched_at=clock.now())
    metric = {"score": 0.9, "low": 0.88, "high": 0.92}
    moods.results.filter(model__in=["a", "b"]).update(kept=kept, count=500, metrics={"accuracy": metric, "mcc": metric})
    return moods


def numbers(dataset: Dataset) -> list[int]:
    return list(dataset.results.filter(model__in=["a", "b"]).order_by("model").values_list("pk", flat=True))


def test_items_are_compared_by_a_job_and_the_page_comes_back(scored: Dataset) -> None:
    html = get("/compare/", {"model": ["a", "b", "c"]})
    assert "Some models are being compared item by item now." in html
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in html
    assert 'hx-get="/compare/?model=a&amp;model=b&amp;model=c" hx-trigger="every 1s"' in html
    assert "a − b +0.1 – – – Not known yet: the items have to be compared first." in texts(html)
    job = InternalJob.objects.get(kind="model-comparison")
    assert job.payload == {"dataset": scored.pk, "results": numbers(scored), "metric": "accuracy"}
    # Whoever looks again asks for nothing twice, and a page that looks for news is told that there are none.
    get("/compare/", {"model": ["b", "a"]})
    assert InternalJob.objects.filter(kind="model-comparison").count() == 1
    path = "/compare/?model=a&model=b"
    assert Client().get(path, headers={"HX-Request": "true"}).status_code == 204
    _computed(scored, {"estimate": 0.1, "low": 0.05, "high": 0.15, "p": 0.004, "method": "mcnemar"})
    part = Client().get(path, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="comparison">')
    assert "a − b +0.1 +0.05 to +0.15 0.004 0.004 a is better. paired, McNemar's exact test" in texts(part)
    assert "500 items" in part


def test_a_comparison_stays_when_others_come_to_the_board(scored: Dataset) -> None:
    _computed(scored, {"estimate": 0.1, "low": 0.05, "high": 0.15, "p": 0.004, "method": "t"})
    board("Moods", result("newcomer", 0.95))
    assert "a is better. paired, paired t test" in " ".join(texts(get("/compare/", {"model": ["a", "b"]})))
    assert not InternalJob.objects.filter(kind="model-comparison").exists()
    # Another result of one of the two is something else.
    board("Moods", result("b", 0.81, "0.8 - 0.82"))
    assert "unpaired" in " ".join(texts(get("/compare/", {"model": ["a", "b"]})))


def test_what_cannot_be_computed_is_said_and_not_tried_all_the_time(scored: Dataset) -> None:
    path = "/compare/?model=a&model=b"
    get(path)
    job = InternalJob.objects.get(kind="model-comparison")
    InternalJob.objects.filter(pk=job.pk).update(state="failed", ended_at=clock.now())
    part = Client().get(path, headers={"HX-Request": "true"}).content.decode()
    assert "These models could not be compared item by item." in part
    assert "hx-trigger" not in part
    assert any(each.startswith("a − b") for each in texts(part))
    assert InternalJob.objects.filter(kind="model-comparison").count() == 1
    InternalJob.objects.filter(pk=job.pk).update(ended_at=clock.now() - timedelta(minutes=11))
    get(path)
    assert InternalJob.objects.filter(kind="model-comparison").count() == 2


def test_a_pair_reads_the_other_way_round_too(scored: Dataset) -> None:
    _computed(scored, {"estimate": 0.1, "low": 0.05, "high": 0.15, "p": 0.5, "method": "t"})
    html = get("/compare/", {"model": ["b", "a"]})
    assert "b − a −0.1 −0.15 to −0.05 0.500 0.500 Cannot be told apart. paired, paired t test" in texts(html)


def test_what_the_board_knows_needs_no_job(scored: Dataset) -> None:
    first, second = numbers(scored)
    content = {"level": 0.95, "pairs": [[first, second, 0.1, 0.02, 0.18, 0.01, "paired-bootstrap"]]}
    BoardStatistics.objects.create(dataset=scored, version=scored.version, computed_at=clock.now(), content=content)
    html = get("/compare/", {"model": ["a", "b"]})
    assert "a − b +0.1 +0.02 to +0.18 0.010 0.010 a is better. paired, paired bootstrap" in texts(html)
    # Of another version of the board they are not asked, and of another metric they say nothing.
    get("/compare/", {"model": ["a", "b"], "metric": "mcc"})
    Dataset.objects.update(version=scored.version + 1)
    get("/compare/", {"model": ["a", "b"]})
    asked = InternalJob.objects.filter(kind="model-comparison").order_by("pk").values_list("payload", flat=True)
    assert [each["metric"] for each in asked] == ["mcc", "accuracy"]


def _computed(dataset: Dataset, difference: dict[str, Any]) -> None:
    first, second = numbers(dataset)
    Comparison.objects.create(
        dataset=dataset,
        version=dataset.version,
        digest=digest_of([first, second]),
        metric="accuracy",
        content={
            "metric": "accuracy",
            "level": 0.95,
            "models": [],
            "pairs": [[first, second, difference | {"distinguishable": difference["p"] < 0.05}]],
            "detectable": None,
        },
        computed_at=clock.now(),
    )


@pytest.mark.usefixtures("moods")
def test_models_are_chosen_without_a_script() -> None:
    html = get("/compare/")
    assert "No models are chosen yet." in html
    assert re.findall(r'name="model" value="(\w)"( checked)?', html) == [("a", ""), ("b", ""), ("c", "")]
    html = get("/compare/", {"model": ["b"], "find": "A"})
    assert "One model alone cannot be compared." in html
    assert re.findall(r'name="model" value="(\w)"( checked)?', html) == [("b", " checked"), ("a", "")]
    assert "No other model is called like" in get("/compare/", {"find": "nobody"})
    answer = Client().get("/compare/?model=a&model=b&find=&metric=&base=")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/compare/?model=a&model=b")


def test_nothing_there_to_compare_says_how_to_begin() -> None:
    assert "As soon as two models have scores on one dataset" in get("/compare/")


def test_models_without_a_common_dataset_and_unknown_ones() -> None:
    board("One", result("a", 0.5))
    board("Two", result("b", 0.5))
    html = get("/compare/", {"model": ["a", "b", "nobody"]})
    assert "These models share no dataset." in html
    assert "No score is known of nobody." in html


def test_too_many_models_are_refused_in_words() -> None:
    names = [f"m{number}" for number in range(11)]
    assert "11 models are chosen." in get("/compare/", {"model": names}, 400)
    assert "Choose 2 to 10 different models." in get("/compare/table/csv/", {"model": ["a"]}, 400)


@pytest.mark.usefixtures("moods")
def test_a_comparison_as_files() -> None:
    rows = list(csv.reader(io.StringIO(sent("/compare/table/csv/", {"model": ["a", "b"]}))))
    assert rows[0][:5] == ["Dataset", "Metric", "First", "Second", "First score"]
    assert rows[1][:6] == ["Moods", "accuracy", "a", "b", "0.9", "0.8"]
    assert float(rows[1][6]) == pytest.approx(0.1)
    assert rows[1][-2:] == ["unpaired", "a is better."]
    said = json.loads(sent("/compare/table/json/", {"model": ["a", "c"]}))
    assert (said["models"], said["complete"], said["rows"][0]["p"]) == (["a", "c"], True, None)
    assert "Holm" in sent("/compare/table/md/", {"model": ["a", "b"]})
    assert "\\begin{tabular}" in sent("/compare/table/tex/", {"model": ["a", "b"]})


NAMES = [
    "org/model-7b",
    "a b",
    "Größe 模型 🦙",
    "<b>&amp;\"'",
    "50%2F",
    "what?#now",
    "..",
    "a/../b",
    "/a//b/",
    "x/",
    "back\\slash",
    "+1;drop",
    "table",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_model_has_a_page(name: str) -> None:
    board("Moods", result(name, 0.5))
    html = get(model_url(name))
    assert f"<h1>{escape(name)}</h1>" in html
    assert "/leaderboard/moods/" in html
    # What a browser makes of such a path: it takes out dots, and proxies take out double slashes.
    path = model_url(name).partition("?")[0]
    assert not set(path.removeprefix("/model/").split("/")) & {"..", "."}
    assert "//" not in path


def test_a_model_shows_rank_spread_and_every_result_it_had() -> None:
    link = "https://example.org/?a=1&b=2"
    dataset = board("Moods", result("a", 0.9), result("b", 0.7, "0.6 - 0.8", source=link), result("none", 0.1))
    board("Moods", result("b", 0.8, "0.7 - 0.9", source=link))
    board("Speech", result("b", 5.0), result("a", 2.0), metric="wer")
    dataset.refresh_from_db()
    mine = Result.objects.get(dataset=dataset, model="b", superseded_at=None)
    content = {"models": {str(mine.pk): {"best": 1, "worst": 2}}}
    BoardStatistics.objects.create(dataset=dataset, version=dataset.version, computed_at=clock.now(), content=content)
    html = get("/model/b")
    assert "Results on 2 datasets" in html
    rows = texts(html)[1:]
    assert rows[0].startswith("Moods Text classification · accuracy · higher is better 2 of 3 1 to 2 0.8 0.7 to 0.9")
    assert "0.7 (0.6 - 0.8)" in rows[0]
    assert rows[1].startswith("Speech Text classification · wer · lower is better 2 of 2 – 5")
    assert 'href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer"' in html
    assert "2 results" in html
    Dataset.objects.filter(pk=dataset.pk).update(version=dataset.version + 1)
    assert "1 to 2" not in get("/model/b/")


def test_a_model_that_is_not_there() -> None:
    for path in ("/model/nobody", "/model/%00", "/model/" + "x" * 500, "/model/%20"):
        assert "No model" in get(path, status=404)


def test_a_model_without_a_score_is_not_ranked() -> None:
    board("Moods", {"model": "a", "score": None}, result("b", 0.5))
    assert "– not ranked, it has no score" in texts(get("/model/a"))[1]


def test_models_are_found_by_words_and_ticked_to_compare() -> None:
    assert "No model has a score here yet." in get("/model/")
    board("Moods", result("org/Alpha", 0.5), result("beta", 0.5))
    board("Speech", result("beta", 0.5))
    html = get("/model/")
    assert re.findall(r'</a></th>|<a href="(/model/[^"?]+)"', html)[::2] == ["/model/beta", "/model/org/Alpha"]
    assert 'action="/compare/"' in html
    assert "beta" not in texts(get("/model/", {"q": "alpha"}))[1]
    assert "No model is called like this." in get("/model/", {"q": "gamma"})


@pytest.mark.usefixtures("moods")
@pytest.mark.parametrize("path", ["/compare", "/leaderboard", "/leaderboard/matrix", "/model/a", "/model"])
def test_addresses_work_without_a_final_slash(path: str) -> None:
    assert Client().get(path, follow=True).status_code == 200


@pytest.mark.usefixtures("moods")
def test_many_shared_datasets_need_no_more_queries(django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        board(f"Set {number}", result("a", 0.9, "0.88 - 0.92"), result("b", 0.8, "0.78 - 0.82"))
    with django_assert_max_num_queries(6):
        html = get("/compare/", {"model": ["a", "b"]})
    assert "13 shared datasets" in html
    with django_assert_max_num_queries(6):
        assert "Results on 13 datasets" in get("/model/a")
