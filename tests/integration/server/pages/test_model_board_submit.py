"""The Submit page: what was typed is checked, shown, sent, and told in the words of the API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.server.modelboards.scored_material import SENTIMENT, answers, patched_process, send, sentiment
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.scene import Scene

from podium.rules.modelboards.declared import read_declared
from podium.server.accounts.people import Person, person_of
from podium.server.configuration import configuration
from podium.server.modelboards.models import Dataset, Predictions, ReferenceSet, Result
from podium.server.modelboards.services import DatasetWishes, add_dataset, add_result

pytestmark = pytest.mark.django_db
Browse = Callable[[str | None], Client]
SUBMIT = "/submit/"
LLAMA = {"kind": "declared", "dataset_name": "Moods", "model": "Llama3", "score": "0.92", "ci": "0.90 - 0.94"}


@pytest.fixture(autouse=True)
def scored_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*patched_process())  # type: ignore[arg-type]


def who(scene: Scene, name: str) -> Person:
    found = person_of(scene.people[name])
    assert found is not None
    return found


@pytest.fixture
def moods(scene: Scene) -> None:
    results = [read_declared({"model": f"m{place}", "score": score}) for place, score in enumerate((0.99, 0.95, 0.5))]
    add_dataset(who(scene, "organizer"), DatasetWishes("Moods", "text_classification", results=results))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration(), "open_modelboards", True)


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def said(client: Client, data: dict[str, Any], status: int = 200) -> str:
    answer = client.post(SUBMIT, data)
    assert answer.status_code == status, text(answer.content.decode())
    return answer.content.decode()


def shown_json(html: str) -> list[Any]:
    """The bodies of requests and answers on a page."""
    found = []
    for block in re.findall(r"<pre[^>]*>(.*?)</pre>", html, re.DOTALL):
        body = unescape(block).partition("{")
        if body[1] and body[0].strip() in {"", "POST /api/leaderboard/add_model", "POST /api/leaderboard/add_dataset"}:
            found.append(json.loads("{" + body[2]))
    return found


def test_a_preview_tells_the_rank_and_sends_nothing(as_: Browse, moods: None) -> None:
    html = said(as_("participant"), LLAMA | {"then": "preview"})
    # Two of the three others have more than 0.92.
    assert "Llama3 would be 3rd of 4 on “Moods”. Nothing is sent yet." in text(html)
    assert re.search(r'<tr class="mine"><td class="n">3</td><th scope="row">Llama3</th>', html)
    assert 'value="0.92"' in html
    assert not Result.objects.filter(model="Llama3").exists()


def test_what_is_sent_is_on_the_board_and_the_api_says_the_same_to_the_same_request(as_: Browse, moods: None) -> None:
    client = as_("participant")
    html = said(client, LLAMA | {"then": "send"})
    assert "Llama3 is now 3rd of 4 on “Moods”" in text(html)
    request, answer = shown_json(html)
    assert request == {"dataset_name": "Moods", "model": "Llama3", "score": 0.92, "ci": [0.9, 0.94]}
    row = Result.objects.get(model="Llama3", superseded_at=None)
    assert (row.score, row.ci_low, row.ci_high, row.badge) == (0.92, 0.9, 0.94, "declared")
    again = client.post("/api/leaderboard/add_model", request, content_type="application/json")
    assert again.json() == answer
    assert Result.objects.filter(model="Llama3").count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"score": "nan"}, "score must be a finite number"),
        ({"score": "high"}, "score must be a finite number"),
        ({"score": "0.99"}, "ci must lie around the score"),
        ({"ci": "about 1"}, "ci must name two bounds"),
        ({"source": "javascript:alert(1)"}, "source must be an http or https address."),
        ({"model": ""}, "This field is required."),
        ({"model": "\u202e"}, "model must be a text of 1 to 200 visible letters."),
    ],
)
def test_what_does_not_do_is_said_and_what_was_typed_stays(
    as_: Browse, moods: None, changes: dict[str, str], message: str
) -> None:
    html = said(as_("participant"), LLAMA | {"then": "send", "submitted_by": "<i>Us</i>"} | changes, 400)
    assert message in text(html)
    assert 'value="&lt;i&gt;Us&lt;/i&gt;"' in html
    assert not Result.objects.filter(model="Llama3").exists()


def test_an_unknown_dataset_and_somebody_elses_result_are_refused_with_the_reason(
    scene: Scene, as_: Browse, moods: None
) -> None:
    client = as_("participant")
    assert "Dataset not found." in text(said(client, LLAMA | {"dataset_name": "Mood", "then": "send"}, 404))
    add_result(who(scene, "organizer"), "Moods", read_declared({"model": "Llama3", "score": 0.1}))
    html = said(client, LLAMA | {"then": "send"}, 403)
    assert "Somebody else declared this model's result here." in text(html)
    _, answer = shown_json(html)
    again = client.post("/api/leaderboard/add_model", shown_json(html)[0], content_type="application/json", headers={})
    assert again.json() == answer


def test_a_visitor_is_told_why_not_and_sent_to_sign_in(as_: Browse, moods: None) -> None:
    html = as_(None).get(SUBMIT, {"kind": "declared", "dataset": "moods"}).content.decode()
    assert "Only people who are signed in send something here" in text(html)
    assert 'href="/accounts/login/?next=%2Fsubmit%2F%3Fkind%3Ddeclared%26dataset%3Dmoods"' in html
    assert '<form class="form" method="post"' not in html
    # What programs do is shown to everybody.
    assert "curl -X POST" in html
    answer = as_(None).post(SUBMIT, LLAMA | {"then": "send"})
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.usefixtures("opened", "moods")
def test_open_boards_let_anybody_declare(as_: Browse) -> None:
    said(as_(None), LLAMA | {"then": "send"})
    assert Result.objects.get(model="Llama3").badge == "unverified"


@pytest.mark.usefixtures("opened", "moods")
@pytest.mark.parametrize("kind", ["declared", "dataset", "predictions"])
def test_open_boards_show_visitors_a_request_without_a_token(scene: Scene, as_: Browse, kind: str) -> None:
    sentiment(who(scene, "organizer"), count=4)
    asked = {"kind": kind, "dataset": "sentiment"}
    html = as_(None).get(SUBMIT, asked).content.decode()
    assert "curl -X POST" in html
    assert "X-API-Key" not in html
    assert "PODIUM_TOKEN" not in html
    assert "This site takes it without an API token too, and marks it as unverified." in text(html)
    # What is sent with a token belongs to whoever has the account.
    assert "X-API-Key: $PODIUM_TOKEN" in unescape(as_("participant").get(SUBMIT, asked).content.decode())


def test_a_dataset_is_added_and_the_api_says_the_same(as_: Browse) -> None:
    client = as_("participant")
    fields = {"kind": "dataset", "name": " Moods  of the market", "task_type": "text_classification"}
    html = said(client, fields | {"evaluation_metric": "accuracy", "metric_direction": "desc"})
    made = Dataset.objects.get(name="Moods of the market")
    assert made.owner is not None
    assert made.owner.username == "participant"
    request, answer = shown_json(html)
    assert answer["dataset_id"] == str(made.key)
    assert client.post("/api/leaderboard/add_dataset", request, content_type="application/json").json() == answer
    assert "“Moods of the market” is here." in text(html)


def test_somebody_elses_dataset_is_not_changed(as_: Browse, moods: None) -> None:
    html = said(as_("participant"), {"kind": "dataset", "name": "Moods", "task_type": "line_qa"}, 403)
    assert "The dataset of this name belongs to somebody else." in text(html)
    assert 'value="Moods"' in html


def test_a_dataset_comes_with_its_references(as_: Browse) -> None:
    client = as_("participant")
    files = {
        "references": SimpleUploadedFile("gold.csv", b"id,label\n1,yes\n2,no\n"),
        "inputs": SimpleUploadedFile("asked.csv", b"id,text\n1,up\n2,down\n"),
    }
    html = said(client, {"kind": "dataset", "name": "Moods", "task_type": "text_classification", **files})
    assert "Its references are being checked." in text(html)
    assert "put_references" in html
    do_jobs()
    assert Dataset.objects.get(name="Moods").item_count == 2
    mine = text(client.get("/my-work/model-boards/").content.decode())
    assert "Moods 0 models references 1 accepted, 2 items count" in mine


def test_references_that_are_wrong_are_explained_to_their_owner(as_: Browse) -> None:
    client = as_("participant")
    wrong = SimpleUploadedFile("gold.csv", b"id,label\n1,yes\n1,no\n")
    said(client, {"kind": "dataset", "name": "Moods", "task_type": "text_classification", "references": wrong})
    do_jobs()
    assert ReferenceSet.objects.get().state == "refused"
    mine = text(client.get("/my-work/model-boards/").content.decode())
    assert "What is wrong with the references of Moods" in mine
    assert "gold.csv:3" in mine


def test_inputs_go_with_references(as_: Browse) -> None:
    inputs = SimpleUploadedFile("asked.csv", b"id,text\n1,up\n")
    html = said(as_("participant"), {"kind": "dataset", "name": "Moods", "task_type": "line_qa", "inputs": inputs}, 400)
    assert "Inputs go with references." in text(html)
    assert not Dataset.objects.exists()


def predictions(content: bytes, then: str = "send", **more: str) -> dict[str, Any]:
    sent = SimpleUploadedFile("answers.csv", content)
    return {"kind": "predictions", "dataset_name": SENTIMENT, "then": then, "file": sent, **more}


def test_a_check_tells_lines_and_stores_nothing_and_a_good_file_is_sent_from_there(scene: Scene, as_: Browse) -> None:
    sentiment(who(scene, "organizer"), count=4)
    client = as_("participant")
    page = client.get(SUBMIT, {"kind": "predictions", "dataset": "sentiment"}).content.decode()
    assert "/api/leaderboard/template?dataset=Sentiment&amp;format=csv" in page
    asked = client.post(SUBMIT, predictions(b"id,label\ns0,yes\ns0,yes\ns9,no\n", "check"))
    waiting = client.get(asked.headers["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    do_jobs()
    told = text(client.get(asked.headers["Location"]).content.decode())
    assert "This file would be refused" in told
    assert "answers.csv:3" in told
    assert not Predictions.objects.exists()
    good = client.post(SUBMIT, predictions(answers(3, count=4), "check")).headers["Location"]
    do_jobs()
    assert "It has an answer to each of 4 items." in text(client.get(good).content.decode())
    assert not Predictions.objects.exists()
    sent = client.post(good, {"model": "Llama3"})
    made = Predictions.objects.get()
    assert sent.headers["Location"] == f"/predictions/{made.key}/"
    assert (made.name, made.model, made.digest) == ("answers.csv", "Llama3", made.blob_id)
    assert as_("organizer").get(good).status_code == 404


def test_predictions_are_followed_on_a_page_of_their_own(scene: Scene, as_: Browse) -> None:
    sentiment(who(scene, "organizer"), count=40)
    client = as_("participant")
    where = client.post(SUBMIT, predictions(answers(30, count=40), model="Llama3")).headers["Location"]
    before = client.get(where).content.decode()
    assert "Waiting to be scored" in before
    (news,) = re.findall(r'data-news="(.*?)"', before)
    read = {"HX-Request": "true"}
    assert client.get(unescape(news), headers=read).status_code == 204
    do_jobs()
    part = client.get(unescape(news), headers=read).content.decode()
    assert "<html" not in part
    # 30 of 40 are right: 0.75, and Wilson's interval of that.
    assert "40 items were scored." in text(part)
    assert re.search(r'<tr class="mine"><th scope="row">Accuracy</th><td class="n">0.75</td>', part)
    assert "0.5981 to 0.8581" in text(part)
    assert "Scored" in text(client.get("/my-work/model-boards/").content.decode())
    whole = client.get(where).content.decode()
    assert "POST /api/leaderboard/submit_predictions" in whole
    (shown,) = shown_json(whole)
    asked = client.get(f"/api/leaderboard{where}", headers={"Accept": "application/json"})
    assert shown == asked.json()
    # The dataset's owner and administrators see them too; nobody else learns that there are any.
    seen = {name: as_(name).get(where).status_code for name in ("organizer", "admin", "user", "collaborator")}
    assert seen == {"organizer": 200, "admin": 200, "user": 404, "collaborator": 404}
    assert as_(None).get(where).headers["Location"].startswith("/accounts/login/")


def test_predictions_that_are_wrong_say_why_by_line(scene: Scene, as_: Browse) -> None:
    sentiment(who(scene, "organizer"), count=4)
    client = as_("participant")
    where = client.post(SUBMIT, predictions(b"id,label\ns0,yes\ns1,maybe\n", model="Llama3")).headers["Location"]
    do_jobs()
    told = text(client.get(where).content.decode())
    assert "Refused" in told
    assert "answers.csv:3" in told
    assert not Result.objects.exists()


def test_what_cannot_be_scored_is_said_before_a_file_is_chosen(as_: Browse, moods: None) -> None:
    html = as_("participant").get(SUBMIT, {"kind": "predictions", "dataset": "moods"}).content.decode()
    assert "“Moods” has no references." in text(html)
    assert "multipart" not in html


def test_predictions_without_a_name_keep_nothing(scene: Scene, as_: Browse) -> None:
    sentiment(who(scene, "organizer"), count=4)
    html = said(as_("participant"), predictions(answers(3, count=4)), 400)
    assert "model must be a text of 1 to 200 visible letters." in text(html)
    assert not Predictions.objects.exists()


def test_results_that_were_sent_as_lists_are_told_of_as_lists(scene: Scene, as_: Browse) -> None:
    sentiment(who(scene, "organizer"), count=4)
    client = as_("participant")
    lists = {"modelResults": ["positive"] * 4, "sentence_ids": ["nothing", "s1", "s2", "s3"]}
    told = {"benchmarkDatasetName": "Sentiment", "modelName": "Llama3", **lists}
    client.post("/public/submit_model", told, content_type="application/json")
    do_jobs()
    html = client.get(f"/predictions/{Predictions.objects.get().key}/").content.decode()
    assert '<td class="full">sentence_ids[0]</td>' in html
    assert "There is no item 'nothing'." in text(html)
    # There never was a file that could be sent again.
    assert "curl" not in html
    assert "@modelResults.jsonl" not in html


@pytest.mark.usefixtures("opened")
def test_who_sends_without_signing_in_finds_the_board(scene: Scene, as_: Browse) -> None:
    sentiment(who(scene, "organizer"), count=4)
    page = as_(None).get(SUBMIT, {"kind": "predictions", "dataset": "sentiment"}).content.decode()
    # A check is told to whoever asked for it, who must be somebody.
    assert 'value="check"' not in page
    answer = as_(None).post(SUBMIT, predictions(answers(3, count=4), model="Llama3"))
    assert answer.headers["Location"] == "/leaderboard/sentiment/"
    do_jobs()
    assert Result.objects.get().badge in {"scored", "unverified"}


def test_my_page_has_what_i_sent_and_nothing_of_others(scene: Scene, as_: Browse) -> None:
    sentiment(who(scene, "organizer"), count=4)
    send(who(scene, "participant"), "Llama3", answers(3, count=4))
    assert "Llama3" in as_("participant").get("/my-work/model-boards/").content.decode()
    owner = text(as_("organizer").get("/my-work/model-boards/").content.decode())
    assert "Sentiment 0 models" in owner
    assert "Llama3" not in owner
    nobody = text(as_("user").get("/my-work/model-boards/").content.decode())
    assert "You have sent no predictions." in nobody
    assert "You have added no dataset." in nobody
