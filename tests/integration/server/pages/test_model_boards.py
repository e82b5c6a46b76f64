"""The pages of model boards."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.safestring import SafeString

from podium.rules.modelboards.declared import read_declared
from podium.server.modelboards.models import Dataset
from podium.server.modelboards.services import DatasetWishes, add_dataset, add_result
from podium.server.pages.modelboards import parts

pytestmark = pytest.mark.django_db


def dataset(name: str = "Sentiment", *, task_type: str = "text_classification", **changes: object) -> None:
    models = [
        {"model": "Mistral", "score": 0.5, "ci": "0.4 - 0.6", "updated": "2024-09"},
        {"model": "<b>Bold</b>", "score": 0.75, "updated": "Oct 2025", "source": "https://example.org/?a=1&b=2"},
        {"model": "Unscored", "score": None},
    ]
    wishes = DatasetWishes(name, task_type, results=[read_declared(each) for each in models], **changes)  # type: ignore[arg-type]
    add_dataset(None, wishes)


def page(path: str, status: int = 200, **query: str) -> str:
    answer = Client().get(path, query)
    assert answer.status_code == status
    return answer.content.decode()


def models(html: str) -> list[str]:
    return [
        unescape(name) for name in re.findall(r'<th scope="row" class="person"><a href="[^"]*"><bdi>(.*?)</bdi>', html)
    ]


def test_an_empty_list_says_how_to_fill_it() -> None:
    html = page("/leaderboard/")
    assert "No model is compared here yet." in html
    assert "POST /api/leaderboard/add_dataset" in html


def test_the_list_shows_the_first_models_and_finds_by_words_and_task_type() -> None:
    dataset("Sentiment", description="Moods of the market.\nMore.")
    dataset("Names", task_type="named_entity_recognition")
    html = page("/leaderboard/")
    assert "2 datasets" in html
    assert "Moods of the market." in html
    line = r"<li><span class=\"n\">(\d)</span> <span><bdi>(.*?)</bdi></span> <b class=\"n\">(.*?)</b>"
    assert re.findall(line, html)[:2] == [
        ("1", "&lt;b&gt;Bold&lt;/b&gt;", "0.75"),
        ("2", "Mistral", "0.5"),
    ]
    assert re.findall(r"<h2><a href=\"(.*?)\"", page("/leaderboard/", q="NAME")) == ["/leaderboard/names/"]
    assert re.findall(r"<h2><a href=\"(.*?)\"", page("/leaderboard/", task="text_classification")) == [
        "/leaderboard/sentiment/"
    ]
    assert "No dataset is like this." in page("/leaderboard/", q="nothing")
    assert "2 datasets" in page("/leaderboard/", task="unknown", q="\0")


def test_a_board_ranks_and_escapes_what_people_wrote() -> None:
    dataset(description="A *fine* set. <script>alert(1)</script>", url="https://example.org/data")
    html = page("/leaderboard/sentiment/")
    assert models(html) == ["<b>Bold</b>", "Mistral", "Unscored"]
    assert "<b>Bold" not in html
    assert "alert(1)</script>" not in html
    assert "<em>fine</em>" in html
    assert 'class="small" href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer"' in html
    assert 'aria-label="0.4 to 0.6"' in html
    assert re.findall(r'<td class="n rank">(?:<span.*?>)?(.*?)<', html) == ["1", "2", "–"]
    assert "higher is better" in html


def test_a_board_where_the_lowest_is_the_best_says_so() -> None:
    dataset(lower_is_better=True)
    html = page("/leaderboard/sentiment/")
    assert models(html) == ["Mistral", "<b>Bold</b>", "Unscored"]
    assert "lower is better" in html


def test_a_board_is_sorted_and_searched_by_its_address() -> None:
    dataset()
    assert models(page("/leaderboard/sentiment/", sort="model")) == ["<b>Bold</b>", "Mistral", "Unscored"]
    assert models(page("/leaderboard/sentiment/", sort="-updated")) == ["Unscored", "<b>Bold</b>", "Mistral"]
    assert models(page("/leaderboard/sentiment/", model="MIST")) == ["Mistral"]
    assert models(page("/leaderboard/sentiment/", sort="nonsense")) == ["<b>Bold</b>", "Mistral", "Unscored"]
    html = page("/leaderboard/sentiment/", model="nobody", sort="model")
    assert "No model is like this." in html


@pytest.mark.parametrize("scores", [[1e308, -1e308], [5e-324, 0.0], [1.0, 1.0]])
def test_any_scores_can_be_drawn(scores: list[float]) -> None:
    results = [
        read_declared({"model": f"m{place}", "score": score, "ci": [score, score]})
        for place, score in enumerate(scores)
    ]
    add_dataset(None, DatasetWishes("Extremes", "text_classification", results=results))
    html = page("/leaderboard/extremes/")
    assert "nan" not in html
    assert len(models(html)) == 2


def test_a_dataset_that_is_not_there() -> None:
    assert "There is no dataset at this address." in page("/leaderboard/nothing/", 404)


def attributes(html: str) -> dict[str, str]:
    (tag,) = re.findall(r'<div id="board"(.*?)>', html)
    return {name: unescape(value) for name, value in re.findall(r'data-([a-z]+)="(.*?)"', tag)}


def test_an_open_board_hears_what_is_new_and_reads_only_that() -> None:
    dataset()
    before = attributes(page("/leaderboard/sentiment/", sort="model"))
    assert before["live"].startswith("/live/leaderboard/sentiment/?after=-")
    assert before["of"] == "2"
    read = {"HX-Request": "true"}
    assert Client().get(before["news"], headers=read).status_code == 204
    add_result(None, "Sentiment", read_declared({"model": "Llama3", "score": 0.6}))
    answer = Client().get(before["news"], headers=read)
    part = answer.content.decode()
    assert models(part) == ["<b>Bold</b>", "Llama3", "Mistral", "Unscored"]
    assert "<html" not in part
    assert attributes(part)["of"] == "3"
    assert attributes(part)["live"] != before["live"]


def test_the_rows_are_made_once_for_all_pages_that_show_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset()
    made = []
    monkeypatch.setattr(parts, "board_rows_html", lambda *_: made.append(1) or SafeString("<tr>"))
    for _ in range(3):
        page("/leaderboard/sentiment/")
        page("/leaderboard/sentiment/", sort="model")
    assert len(made) == 2
    add_result(None, "Sentiment", read_declared({"model": "Llama3", "score": 0.6}))
    page("/leaderboard/sentiment/")
    assert len(made) == 3


def test_the_open_list_hears_of_every_dataset() -> None:
    html = page("/leaderboard/")
    (address,) = re.findall(r'<div id="datasets" data-live="(.*?)"', html)
    assert address.startswith("/live/leaderboard/?after=-")
    (news,) = re.findall(r'data-news="(.*?)"', html)
    read = {"HX-Request": "true"}
    assert Client().get(unescape(news), headers=read).status_code == 204
    dataset("Names")
    part = Client().get(unescape(news), headers=read).content.decode()
    assert '<a href="/leaderboard/names/">' in part
    assert "<html" not in part
    add_result(None, "Names", read_declared({"model": "Llama3", "score": 0.99}))
    assert "<bdi>Llama3</bdi>" in page("/leaderboard/")


def test_datasets_are_found_by_language_and_by_what_they_are_made_of() -> None:
    dataset("Moods")
    dataset("Photos", task_type="multimodal_vqa")
    Dataset.objects.filter(name="Moods").update(languages=["en", "pt-BR"])
    Dataset.objects.filter(name="Photos").update(languages=["en"])
    found = r'<h2><a href="/leaderboard/(.*?)/"'
    assert re.findall(found, page("/leaderboard/", language="pt-BR")) == ["moods"]
    assert re.findall(found, page("/leaderboard/", language="en")) == ["photos", "moods"]
    # A part of a language's name is no language, and what no dataset has leaves none out.
    assert re.findall(found, page("/leaderboard/", language="pt")) == ["photos", "moods"]
    assert re.findall(found, page("/leaderboard/", modality="image")) == ["photos"]
    assert re.findall(found, page("/leaderboard/", modality="text", language="pt-BR")) == ["moods"]
    assert "No dataset is like this." in page("/leaderboard/", modality="image", language="pt-BR")
    html = page("/leaderboard/")
    assert '<option value="pt-BR">pt-BR</option>' in html
    assert "en, pt-BR · 3 models" in html


def test_the_list_has_fifty_datasets_on_a_page() -> None:
    now = timezone.now()
    Dataset.objects.bulk_create(
        Dataset(name=f"Set {n}", slug=f"set-{n}", task_type="line_qa", created_at=now, changed_at=now)
        for n in range(51)
    )
    found = r'<h2><a href="/leaderboard/(.*?)/"'
    first = page("/leaderboard/", q="set")
    assert len(re.findall(found, first)) == 50
    assert 'href="/leaderboard/?q=set&amp;page=2">Datasets after' in first
    assert re.findall(found, page("/leaderboard/", q="set", page="2")) == ["set-0"]
    assert re.findall(found, page("/leaderboard/", page="99")) == ["set-0"]
    assert len(re.findall(found, page("/leaderboard/", page="x"))) == 50


def test_a_date_that_has_not_come_is_marked_and_stretches_no_drawing() -> None:
    dataset()
    add_result(None, "Sentiment", read_declared({"model": "Early", "score": 0.1, "updated": "Dec 9998"}))
    assert '9998-12-01 <span class="quiet">not yet on arrival, ' in page("/leaderboard/sentiment/")
    drawn = page("/leaderboard/sentiment/", tab="time")
    assert "Early" in drawn
    assert "9998" not in drawn
