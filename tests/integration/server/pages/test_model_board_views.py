"""The ways to look at a model board: every state of its page stands in the address."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests.integration.server.modelboards.scored_material import SENTIMENT, answers, patched_process, person, send
from tests.integration.server.modelboards.scored_material import sentiment as scored_dataset
from tests.integration.server.own_jobs import do_jobs

from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.rules.modelboards.declared import read_declared
from podium.server.modelboards.models import BoardStatistics, Dataset, Result
from podium.server.modelboards.queries import dataset_named
from podium.server.modelboards.services import DatasetWishes, add_dataset, add_result, mark_baseline

pytestmark = pytest.mark.django_db
BOARD = "/leaderboard/sentiment/"


def declare(*models: dict[str, object], **changes: object) -> None:
    results = [read_declared(each) for each in models]
    add_dataset(None, DatasetWishes(SENTIMENT, "text_classification", results=results, **changes))  # type: ignore[arg-type]


def page(client: Client | None = None, status: int = 200, **query: object) -> str:
    answer = (client or Client()).get(f"{BOARD}?{urlencode(query, doseq=True)}")
    assert answer.status_code == status
    return answer.content.decode()


def models(html: str) -> list[str]:
    return [
        unescape(name) for name in re.findall(r'<th scope="row" class="person"><a href="[^"]*"><bdi>(.*?)</bdi>', html)
    ]


def ranks(html: str) -> list[str]:
    return re.findall(r'<td class="n rank[^"]*">(?:<span[^>]*>)?([^<]*)<', html)


def heads(html: str) -> list[str]:
    table = html.partition("<thead>")[2].partition("</thead>")[0]
    return re.findall(r"<a [^>]*>(.*?)</a>", table)


@pytest.fixture
def moods() -> None:
    declare(
        {"model": "Old", "score": 0.6, "updated": "2024-01-31", "f1": 1, "detailed_scores": {"f1": 0.5, "loss": 2}},
        {"model": "New", "score": 0.9, "ci": "0.8 - 0.95", "submitted_by": "lab A", "detailed_scores": {"f1": 0.7}},
        {"model": "Twin", "score": 0.9, "submitted_by": "lab B"},
        {"model": "Mute", "score": None},
    )


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, ["New", "Twin", "Old", "Mute"]),
        ({"sort": "-rank"}, ["Old", "New", "Twin", "Mute"]),
        ({"sort": "model"}, ["Mute", "New", "Old", "Twin"]),
        ({"sort": "-model"}, ["Twin", "Old", "New", "Mute"]),
        ({"sort": "score"}, ["Old", "New", "Twin", "Mute"]),
        ({"sort": "-metric:f1"}, ["New", "Old", "Twin", "Mute"]),
        ({"sort": "metric:loss"}, ["Old", "New", "Twin", "Mute"]),
        ({"sort": "by"}, ["New", "Twin", "Old", "Mute"]),
        ({"sort": "updated"}, ["Old", "New", "Twin", "Mute"]),
        ({"sort": "spread"}, ["New", "Twin", "Old", "Mute"]),
        ({"sort": "to_best"}, ["New", "Twin", "Old", "Mute"]),
        ({"sort": "-count"}, ["New", "Twin", "Old", "Mute"]),
        ({"sort": "results"}, ["New", "Twin", "Old", "Mute"]),
        ({"sort": "nonsense"}, ["New", "Twin", "Old", "Mute"]),
        ({"model": "TWI"}, ["Twin"]),
        ({"by": "lab A"}, ["New"]),
        ({"interval": "with"}, ["New"]),
        ({"interval": "without"}, ["Twin", "Old", "Mute"]),
        ({"interval": "maybe"}, ["New", "Twin", "Old", "Mute"]),
        ({"badge": "unverified"}, ["New", "Twin", "Old", "Mute"]),
        ({"badge": ["scored", "rerun"]}, []),
        ({"page": "2"}, ["New", "Twin", "Old", "Mute"]),
        ({"page": "9" * 40, "at": "never", "show": "\0", "tab": "none"}, ["New", "Twin", "Old", "Mute"]),
    ],
)
@pytest.mark.usefixtures("moods")
def test_the_address_sorts_and_narrows(query: dict[str, str], wanted: list[str]) -> None:
    html = page(**query)
    assert models(html) == wanted
    # Ranks stay those of the whole board.
    place = {"New": "1", "Twin": "1", "Old": "3", "Mute": "–"}
    assert ranks(html) == [place[name] for name in wanted]


def test_a_model_that_is_worse_and_tied_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*patched_process())  # type: ignore[arg-type]
    # Each has a standard error of 0.04/3.92 = 0.0102, a difference one of 0.0144. That of 0.03 to the best is 2.08 of
    # them: told apart alone (more than 1.96), but not among five models, of which no two differ (Tukey: 2.73).
    scores = {"A": 0.9, "B": 0.895, "C": 0.89, "D": 0.885, "E": 0.87}
    declare(*({"model": name, "score": each, "ci": [each - 0.02, each + 0.02]} for name, each in scores.items()))
    do_jobs()
    html = page()
    assert len(re.findall(r'class="n rank tie', html)) == 5
    # One model is called so: in its row, and in what a phone unfolds below it.
    assert len(re.findall(r">worse<span", html)) == 2
    assert "“Worse” beside a difference is said of that model and the best alone." in html
    add_result(None, SENTIMENT, read_declared({"model": "E", "score": 0.5, "ci": [0.48, 0.52]}))
    do_jobs()
    html = page()
    # Far behind, it is worse, and in no bracket with the best.
    assert len(re.findall(r">worse<span", html)) == 2
    assert "“Worse” beside" not in html


@pytest.mark.usefixtures("moods")
def test_columns_are_chosen_by_the_address() -> None:
    assert heads(page()) == [
        *("Rank", "Model", "Score ↑", "Data allow", "To the best", "n", "f1 ↑", "Date", "Results"),
    ]
    assert heads(page(columns=["metric:loss", "by", "nothing"])) == ["Rank", "Model", "Score ↑", "loss ↓", "Sent by"]
    assert 'aria-sort="descending"><a href="/leaderboard/sentiment/?sort=score">' in page(sort="-score")


@pytest.mark.usefixtures("moods")
def test_forms_and_links_keep_the_rest_of_the_state() -> None:
    html = page(sort="-model", by="lab A", columns="by", at="2099-01-01", show="all")
    for form in re.findall(r'<form method="get".*?</form>', html, re.DOTALL):
        assert '<input type="hidden" name="sort" value="-model">' in form
    assert 'href="/leaderboard/sentiment/?sort=-model&amp;show=all&amp;at=2099-01-01&amp;columns=by"' in html
    assert '<input id="at" type="date" name="at" value="2099-01-01">' in html


def test_a_board_as_it_was_and_the_best_of_each_model() -> None:
    declare({"model": "A", "score": 0.5}, {"model": "B", "score": 0.4})
    add_result(None, SENTIMENT, read_declared({"model": "A", "score": 0.3}))
    add_result(None, SENTIMENT, read_declared({"model": "C", "score": 0.45}))
    days = {("A", 1): (1, 10), ("B", 1): (2, None), ("A", 2): (10, None), ("C", 1): (20, None)}
    for (model, revision), (came, went) in days.items():
        Result.objects.filter(model=model, revision=revision).update(
            created_at=datetime(2026, 3, came, 12, tzinfo=UTC),
            superseded_at=datetime(2026, 3, went, 12, tzinfo=UTC) if went else None,
        )
    assert models(page()) == ["C", "B", "A"]
    assert models(page(at="2026-03-01")) == ["A"]
    assert models(page(at="2026-03-09")) == ["A", "B"]
    assert models(page(at="2026-03-10")) == ["B", "A"]
    assert models(page(at="2026-03-10T11:59:59")) == ["A", "B"]
    assert models(page(at="2026-03-10T13:00:00+02:00")) == ["A", "B"]
    assert "No model had a result then." in page(at="2026-02-28")
    assert "This is the board as it stood on 10 Mar 2026, 23:59 UTC." in page(at="2026-03-10")
    best = page(show="best")
    assert models(best) == ["A", "C", "B"]
    assert "best of 2" in best
    assert "flatters a model" in best
    everything = page(show="all")
    assert models(everything) == ["A", "C", "B", "A"]
    assert ranks(everything) == ["1", "2", "3", "4"]
    assert "1 of 2" in everything
    assert everything.count(">earlier<") == 1
    assert "latest of 2" in page()


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*patched_process())
    owner, sender = person("owner"), person("sender")
    scored_dataset(owner, inputs=b"id,text\n" + b"\n".join(b"s%d,<i>Mood</i> %d" % (n, n) for n in range(263)))
    for name, right in (("Better", 240), ("Alike", 238), ("Worse", 120)):
        send(sender, name, answers(right))
    do_jobs()
    add_result(owner, SENTIMENT, read_declared({"model": "Bare", "score": 0.1}))
    do_jobs()


@pytest.mark.usefixtures("scored")
def test_a_scored_board_says_what_can_be_told_apart() -> None:
    html = page()
    assert models(html) == ["Better", "Alike", "Worse", "Bare"]
    assert "The data do not tell the best model from 1 other model." in html
    assert re.search(r"0\.00760?\d* <span class=\"quiet\"><span title=\"Not told apart from the best: ", html)
    assert 'not told apart<span class="sr"> from the best</span>' in html
    assert 'worse<span class="sr"> than the best</span>' in html
    # Equal but for two items: in one bracket, with the ranks 1 and 2; what was only declared has no spread.
    assert re.findall(r'<td class="n rank( tie[^"]*)">', html) == [" tie tie-top", " tie tie-end"]
    assert 'title="No interval of it is known."' in html
    assert "Two models that differ by less are mostly not told apart" in html
    assert '<td class="n opt">263</td>' in html
    # Another day, or the best of each, have no statistics of their own.
    assert "not told apart" not in page(show="best").partition("<tbody>")[2]
    assert 'title="It is known only of the results that count now."' in page(show="best")
    Dataset.objects.update(version=10**6)
    assert "when it was computed what the data allow" in page()
    BoardStatistics.objects.all().delete()
    Dataset.objects.update(version=10**6 + 1)
    assert 'title="Nothing is computed yet: it takes results that were scored here, or two with an interval."' in page()


@pytest.mark.usefixtures("scored")
def test_each_tab_answers_its_question() -> None:
    assert "How far apart are the models?" in page(tab="forest")
    assert "How has the best score moved?" in page(tab="time")
    pairs = page(tab="pairs")
    assert "Which models can be told apart?" in pairs
    cells = re.findall(r"<td(?: class=\"h\d\")?(?: title=\"[^\"]*\")?>(.?)</td>", pairs)
    assert cells == ["", "=", "+", "=", "", "+", "−", "−", ""]
    classes = page(tab="classes", value="class.recall")
    # 240 of the 262 whose label is yes are right: 0.916.
    assert "Recall by class" in classes
    assert ">0.916<" in classes
    confusion = page(tab="confusion", result=Result.objects.get(model="Worse").pk)
    assert "What does Worse take for what?" in confusion
    assert 'title="yes taken for no: 142 of 262"' in confusion
    assert "No two results tell a size" in page(tab="price")
    assert "?tab=price" not in page()


@pytest.mark.usefixtures("scored")
def test_items_are_browsed_by_whoever_may() -> None:
    assert "tab=items" not in page()
    assert "The items of this dataset are private." in page(tab="items")
    assert "&lt;i&gt;Mood" not in page(tab="items")
    owner = Client()
    owner.force_login(Dataset.objects.get().owner)  # type: ignore[arg-type]
    seen = page(owner, tab="items", first="worst")
    assert "What did Better answer? Page 1 of" in seen
    assert "&lt;i&gt;Mood&lt;/i&gt; 240" in seen
    assert "&lt;i&gt;Mood" not in page(tab="items")
    Dataset.objects.update(items_public=True, version=10**6)
    assert "&lt;i&gt;Mood&lt;/i&gt; 0" in page(tab="items")
    assert "&lt;i&gt;Mood&lt;/i&gt; 262" in page(tab="items", page=6)
    assert "There are 6 pages of items." in page(tab="items", page=7)


def test_score_against_a_price() -> None:
    declare(
        {"model": "Small", "score": 0.5, "params": 1e9, "price": "cheap"},
        {"model": "Large", "score": 0.9, "params": 1e11},
        {"model": "Waste", "score": 0.4, "params": 1e10, "layers": True},
    )
    html = page(tab="price")
    assert "Which models give the best score for their params?" in html
    rows = re.findall(
        r'<th scope="row"><bdi>(\w+)</bdi></th><td class="n">([^<]*)</td><td class="n">[^<]*</td><td class="n">(\w+)<',
        html,
    )
    assert rows == [
        ("Large", "100,000,000,000", "no"),
        ("Small", "1,000,000,000", "no"),
        ("Waste", "10,000,000,000", "yes"),
    ]


def test_a_baseline_is_shown_and_not_ranked() -> None:
    owner, stranger = person("owner"), person("stranger")
    results = [
        read_declared({"model": name, "score": score}) for name, score in (("People", 0.9), ("A", 0.8), ("B", 0.7))
    ]
    add_dataset(owner, DatasetWishes(SENTIMENT, "text_classification", results=results))
    with pytest.raises(NotAllowed):
        mark_baseline(stranger, SENTIMENT, "People", "human")
    with pytest.raises(UserError, match="human, random, other"):
        mark_baseline(owner, SENTIMENT, "People", "alien")
    with pytest.raises(NotFound):
        mark_baseline(owner, SENTIMENT, "Nobody", "human")
    with pytest.raises(NotFound):
        mark_baseline(owner, "Nothing", "People", "human")
    client = Client()
    client.force_login(Dataset.objects.get().owner)  # type: ignore[arg-type]
    answer = client.post(f"{BOARD}baselines/", {"model": "People", "baseline": "human"})
    assert answer.headers["Location"] == BOARD
    html = page(client)
    assert models(html) == ["People", "A", "B"]
    assert ranks(html) == ["–", "1", "2"]
    assert "human baseline" in html
    assert [each.model for each in dataset_named(SENTIMENT).top] == ["A", "B"]
    assert 'data-title="Rank">1 <span class="quiet">of 2<' in Client().get("/model/A").content.decode()
    assert "not ranked, it is a baseline" in Client().get("/model/People").content.decode()
    # A new result of it is none to rank either, and has no rank to differ from.
    assert add_result(owner, SENTIMENT, read_declared({"model": "A", "score": 0.85, "rank": 1})) == []
    assert add_result(owner, SENTIMENT, read_declared({"model": "People", "score": 0.95, "rank": 1})) == [
        "People: rank 1 was declared, the scores give none, as it is a baseline."
    ]
    assert ranks(page()) == ["–", "1", "2"]
    assert "marked People as a baseline" in Client().get(f"{BOARD}log/").content.decode()
    mark_baseline(owner, SENTIMENT, "People", "")
    assert ranks(page()) == ["1", "2", "3"]


def test_long_boards_have_pages() -> None:
    declare(*({"model": f"m{number:03}", "score": 1 - number / 1000} for number in range(201)))
    first = page()
    assert len(models(first)) == 200
    assert 'href="/leaderboard/sentiment/?page=2">Rows after' in first
    assert ranks(page(page=2)) == ["201"]
    assert models(page(page=3)) == ["m200"]


def test_hostile_names_and_scores_stay_what_they_are() -> None:
    names = [
        "<script>alert(1)</script>",
        "W" * 200,
        "نموذج",
        "🚀" * 50,
        "=cmd|' /c calc'!A1",
        "../..//x",
        'a" onload="b',
    ]
    scores = [1e308, -1e308, 5e-324, -5, 0.1, 1e15, 0]
    declare(*({"model": name, "score": score, "params": score} for name, score in zip(names, scores, strict=True)))
    for tab in ("table", "forest", "time", "price"):
        html = page(tab=tab)
        assert "<script>alert" not in html
        assert 'onload="b' not in html.replace("&quot;", '"x')
        assert re.search(r"\b(nan|inf)\b", html.lower()) is None
    assert set(models(page())) == set(names)
