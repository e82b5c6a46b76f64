"""What an organizer hides of a submission's output is hidden on its page, in the API and as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from tests.integration.server.competition_material import described
from tests.integration.server.flow import CODE, Flow, SteppedClock, begin, claimed, put, say, score, worker
from tests.small_bundles import zipped

from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase

pytestmark = pytest.mark.django_db

PREDICTION = {"prediction_stdout", "prediction_stderr", "prediction_result"}
SCORING = {"scoring_stdout", "scoring_stderr", "scoring_result", "detailed_results"}
LOGS = {kind for kind in PREDICTION | SCORING if kind.endswith(("stdout", "stderr"))}


@pytest.fixture
def written(tmp_path: Path, time: SteppedClock) -> tuple[Flow, int]:
    """A submission whose two steps wrote everything that they may; each log says its own name."""
    flow = begin(tmp_path, described(enable_detailed_results=True))
    made = flow.take_in(CODE)
    for step, kinds in (("Scoring", PREDICTION), ("Finished", SCORING)):
        order = claimed(worker())
        for kind in kinds:
            link = order["detailed_results_url" if kind == "detailed_results" else kind]
            put(link, f"Here speaks {kind}.".encode() if kind in LOGS else zipped({kind: b"x"}))
        if step == "Finished":
            score(order, {"accuracy": 0.5})
        say(order, step, exit_code=0)
    return flow, made


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def kinds_on_the_page(person: Person, made: int) -> set[str]:
    page = client_of(person).get(f"/submissions/{made}/").text
    linked = {kind for kind in PREDICTION | SCORING if f"/files/{made}/{kind}/" in page}
    quoted = {kind for kind in LOGS if f"Here speaks {kind}." in page}
    assert quoted <= linked
    return linked


def kinds_in_the_api(person: Person, made: int) -> set[str]:
    answer = client_of(person).get(f"/api/submissions/{made}/get_details/")
    if answer.status_code == 403:
        return set()
    body = answer.json()
    results = {"prediction_result": "prediction_result", "scoring_result": "scoring_result"}
    results |= {"detailed_result": "detailed_results"}
    return {log["name"] for log in body["logs"]} | {kind for key, kind in results.items() if body.get(key)}


def kinds_as_files(person: Person, made: int) -> set[str]:
    client = client_of(person)
    answers = {kind: client.get(f"/submissions/{made}/files/{made}/{kind}/") for kind in PREDICTION | SCORING}
    assert {answer.status_code for answer in answers.values()} <= {302, 404}
    return {kind for kind, answer in answers.items() if answer.status_code == 302}


ROUTES = [kinds_on_the_page, kinds_in_the_api, kinds_as_files]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ((), PREDICTION | SCORING),
        (("hide_prediction_output",), SCORING),
        (("hide_score_output",), PREDICTION),
        (("hide_prediction_output", "hide_score_output"), set()),
        (("hide_output",), set()),
    ],
)
def test_a_participant_gets_what_is_not_hidden_and_the_organizer_everything(
    written: tuple[Flow, int], route: object, hidden: tuple[str, ...], left: set[str]
) -> None:
    flow, made = written
    assert callable(route)
    Phase.objects.filter(pk=flow.phase_id).update(**dict.fromkeys(hidden, True))
    assert route(flow.anna, made) == left
    assert route(flow.otto, made) == PREDICTION | SCORING


@pytest.mark.parametrize("route", ROUTES)
def test_the_page_that_scoring_wrote_is_shown_where_the_bundle_says_so(
    written: tuple[Flow, int], route: object
) -> None:
    flow, made = written
    assert callable(route)
    Competition.objects.update(show_detailed_results_in_submission_panel=False)
    assert route(flow.anna, made) == (PREDICTION | SCORING) - {"detailed_results"}
    assert route(flow.otto, made) == PREDICTION | SCORING


def test_the_detailed_results_can_do_nothing_but_be_looked_at(tmp_path: Path, time: SteppedClock) -> None:
    flow = begin(tmp_path, described(enable_detailed_results=True))
    made = flow.take_in()
    order = claimed(worker())
    put(order["detailed_results_url"], b"<script>document.cookie = 'mine=1'</script>")
    client = client_of(flow.anna)
    address = f"/submissions/{made}/detailed-results/document/"
    answer = client.get(address, headers={"Sec-Fetch-Dest": "iframe"})
    assert b"".join(answer.streaming_content) == b"<script>document.cookie = 'mine=1'</script>"  # type: ignore[attr-defined]
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    # Without allow-same-origin its origin is nobody's: no cookies, no storage, no look at other pages.
    assert policy["sandbox"] == "allow-scripts"
    assert {policy[name] for name in ("default-src", "connect-src", "form-action", "base-uri")} == {"'none'"}
    assert policy["frame-ancestors"] == "'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies
    # Opened by itself it leads to the page with the frame, in whatever way it is opened.
    for opened_as in ("document", "embed", "object", "script", "worker"):
        alone = client.get(address, headers={"Sec-Fetch-Dest": opened_as})
        assert (alone.status_code, alone.headers["Location"]) == (303, f"/submissions/{made}/detailed-results/")
    assert Client().get(address).status_code == 302
    # Where the bundle does not show them there, and they stand on no board, there is neither the page nor the frame.
    Competition.objects.update(show_detailed_results_in_submission_panel=False)
    for hidden in (address, f"/submissions/{made}/detailed-results/"):
        assert client.get(hidden, headers={"Sec-Fetch-Dest": "iframe"}).status_code == 404
        shown = client_of(flow.otto).get(hidden, headers={"Sec-Fetch-Dest": "iframe"})
        assert shown.status_code == 200
        # Read to its end by the test client, which does not end the database's connection with it.
        assert shown.getvalue()
