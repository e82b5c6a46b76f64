"""Rescores as pages and the API ask for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.integration.server.flow import Flow, claimed, finish_scoring, put, say, worker
from tests.integration.server.rescoring import WHY, begin_rescore, score_again

from podium.server.accounts.models import User
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import add_to_board

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def organizer(flow: Flow) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=flow.otto.id))
    return client


def as_anna(flow: Flow) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=flow.anna.id))
    return client


def test_a_rescore_by_the_api(flow: Flow, organizer: Client) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    address = f"/api/v1/competitions/{flow.competition_id}/rescores/"
    made = organizer.post(address, {"reason": WHY, "submissions": [sent], "sample": 0}, JSON)
    assert made.status_code == 201
    number = made.json()["id"]
    waiting = organizer.get(f"/api/v1/rescores/{number}/").json()
    assert waiting["counts"] == {"waiting": 1, "running": 0, "scored": 0, "failed": 0, "left": 0}
    assert organizer.post(f"/api/v1/rescores/{number}/apply/").status_code == 409
    score_again({sent: {"accuracy": 0.75, "seconds": 2.0}})
    found = organizer.get(f"/api/v1/rescores/{number}/").json()
    assert (found["changed"], found["moved"], found["count"]) == (1, 0, 1)
    assert found["items"][0]["scores"][0] == {"column_key": "accuracy", "before": 0.5, "after": 0.75}
    assert found["items"][0]["ranks"][0] | {"leaderboard": 0} == {"leaderboard": 0, "before": 1, "after": 1}
    applied = organizer.post(f"/api/v1/rescores/{number}/apply/").json()
    assert (applied["state"], applied["decided_by"], applied["moved"]) == ("applied", "otto", None)
    assert applied["items"][0]["scores"][0] == {"column_key": "accuracy", "before": 0.5, "after": 0.75}
    assert [row["id"] for row in organizer.get(address).json()["rescores"]] == [number]
    assert organizer.get(f"/api/v1/rescores/{number}/?page=none").status_code == 400


def test_the_page_shows_the_end_of_what_a_failed_program_wrote(flow: Flow, organizer: Client) -> None:
    sent = flow.scored({"accuracy": 0.5})
    number = begin_rescore(flow)
    address = f"/competitions/{flow.competition_id}/rescores/{number}/"
    order = claimed(worker())
    put(order["scoring_stdout"], b"reading labels\n")
    put(order["scoring_stderr"], b"long before\n" * 1000 + b"ValueError: \x1b[31m<b>label 7</b>\x00\n")
    assert "ValueError" not in organizer.get(address).text
    say(order, "Failed", details="The scoring program ended with exit code 3.", exit_code=3)
    page = organizer.get(address).text
    assert "<summary>Scoring: errors and warnings</summary>" in page
    assert "ValueError: &lt;b&gt;label 7&lt;/b&gt;\n" in page
    assert page.count("long before") < 400
    assert "reading labels" not in page
    assert ">Scoring: output</a>" in page
    # Nobody else reads it: neither its owner, on the page of the submission, nor whoever guesses the address.
    assert as_anna(flow).get(address).status_code == 403
    assert "ValueError" not in as_anna(flow).get(f"/submissions/{sent}/").text


def test_every_log_of_both_scorings_is_offered_by_page_and_api(flow: Flow, organizer: Client) -> None:
    sent = flow.scored({"accuracy": 0.5})
    number = begin_rescore(flow, sample=1)
    for text, accuracy in (("first", 0.25), ("second", 0.75)):
        order = claimed(worker())
        put(order["scoring_stdout"], f"reading <i>labels</i>, {text}\n".encode())
        put(order["scoring_stderr"], f"a warning, {text}\n".encode())
        finish_scoring(order, {"accuracy": accuracy})
    (item,) = organizer.get(f"/api/v1/rescores/{number}/").json()["items"]
    assert [(log["scoring"], log["kind"]) for log in item["logs"]] == [
        (1, "scoring_stderr"),
        (1, "scoring_stdout"),
        (2, "scoring_stderr"),
        (2, "scoring_stdout"),
    ]
    texts = [b"".join(organizer.get(log["url"])) for log in item["logs"]]
    said = [f"{what}, {when}\n" for when in ("first", "second") for what in ("a warning", "reading <i>labels</i>")]
    assert [text.decode() for text in texts] == said
    assert [log["size_bytes"] for log in item["logs"]] == [len(text) for text in said]
    answer = organizer.get(item["logs"][1]["url"])
    assert b"".join(answer).startswith(b"reading")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    page = organizer.get(f"/competitions/{flow.competition_id}/rescores/{number}/").text
    for log in item["logs"]:
        assert f'href="{log["url"]}"' in page
        assert as_anna(flow).get(log["url"]).status_code == 403
    assert ">Scoring: output, second time</a>" in page
    base = f"/api/v1/rescores/{number}/logs/{sent}"
    for wrong in ("/3/scoring_stdout/", "/1/prediction_stdout/", "/1/nothing/"):
        assert organizer.get(base + wrong).status_code == 404


def test_where_a_failed_program_wrote_no_errors_its_output_is_shown(flow: Flow, organizer: Client) -> None:
    flow.scored({"accuracy": 0.5})
    number = begin_rescore(flow)
    order = claimed(worker())
    put(order["scoring_stderr"], b"")
    put(order["scoring_stdout"], b"no label 7\n")
    say(order, "Failed", details="The scoring program ended with exit code 3.", exit_code=3)
    page = organizer.get(f"/competitions/{flow.competition_id}/rescores/{number}/").text
    assert "<summary>Scoring: output</summary>" in page
    assert "no label 7" in page


@pytest.mark.parametrize(
    "wish", [{}, {"reason": ""}, {"reason": WHY, "sample": -1}, {"reason": WHY, "submissions": ["x"]}, []]
)
def test_the_api_says_what_is_wrong_with_a_wish(flow: Flow, organizer: Client, wish: Any) -> None:
    flow.scored({"accuracy": 0.5})
    answer = organizer.post(f"/api/v1/competitions/{flow.competition_id}/rescores/", wish, JSON)
    assert answer.status_code == 400, answer.content


def test_a_rescore_by_its_pages(flow: Flow, organizer: Client) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    home = f"/competitions/{flow.competition_id}/"
    assert f'href="{home}rescores/"' in organizer.get(f"{home}submissions/all/").content.decode()
    form = organizer.get(f"{home}rescores/").content.decode()
    assert "All of the competition (1)" in form
    begun = organizer.post(f"{home}rescores/", {"which": "all", "reason": WHY, "sample": "0"})
    assert begun.status_code == 302
    page = organizer.get(begun["Location"]).content.decode()
    assert "0 of 1 submission done" in page
    assert 'hx-trigger="every 2s"' in page
    # While it is open, no other is offered.
    assert "Another rescore is open" in organizer.get(f"{home}rescores/").content.decode()
    score_again({sent: {"accuracy": 0.75, "seconds": 2.0}})
    page = organizer.get(begun["Location"], headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="rescore">')
    assert "<del>0.50</del> <ins>0.75</ins>" in page
    assert organizer.post(begun["Location"], {"do": "apply"}).status_code == 302
    assert "Applied" in organizer.get(begun["Location"]).content.decode()
    anna = as_anna(flow)
    assert WHY in anna.get(f"{home}results/").content.decode()
    own = anna.get(f"/submissions/{sent}/").content.decode()
    assert WHY in own
    assert "<del>0.5</del> <ins>0.75</ins>" in own
    assert f"{home}rescores/" not in anna.get(f"{home}submissions/").content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"which": "all", "reason": ""}, "A reason is missing."),
        ({"which": "some", "reason": WHY, "submissions": "one"}, "is no number of a submission"),
        ({"which": "some", "reason": WHY, "submissions": ""}, "No submission was named."),
        ({"which": "some", "reason": WHY, "submissions": "999999"}, "has no submission 999999"),
        ({"which": "phase", "reason": WHY, "phase": "x"}, "No phase was chosen."),
        ({"which": "all", "reason": WHY, "sample": "many"}, "is no number"),
    ],
)
def test_the_form_says_what_is_wrong_and_keeps_what_was_written(
    flow: Flow, organizer: Client, sent: dict[str, str], said: str
) -> None:
    flow.scored({"accuracy": 0.5})
    answer = organizer.post(f"/competitions/{flow.competition_id}/rescores/", {"sample": "0"} | sent)
    assert answer.status_code in {400, 404}
    assert said in answer.content.decode()
    assert sent["reason"] in answer.content.decode()


def test_reasons_of_others_are_escaped(flow: Flow, organizer: Client) -> None:
    sent = flow.scored({"accuracy": 0.5})
    home = f"/competitions/{flow.competition_id}/"
    begun = organizer.post(f"{home}rescores/", {"which": "all", "reason": "<script>1</script>", "sample": "0"})
    score_again({sent: {"accuracy": 0.75}})
    organizer.post(begun["Location"], {"do": "apply"})
    for address in (begun["Location"], f"{home}results/", f"/submissions/{sent}/"):
        assert "<script>1" not in organizer.get(address).content.decode()
    assert Submission.objects.get().status == "Finished"


def test_a_rescore_is_not_found_below_another_competition(flow: Flow, organizer: Client) -> None:
    flow.scored({"accuracy": 0.5})
    made = organizer.post(
        f"/competitions/{flow.competition_id}/rescores/", {"which": "all", "reason": WHY, "sample": "0"}
    )
    number = made["Location"].rstrip("/").rsplit("/", 1)[-1]
    assert organizer.get(f"/competitions/{flow.competition_id + 1}/rescores/{number}/").status_code == 404
    assert organizer.post(made["Location"], {"do": "dance"}).status_code == 400
