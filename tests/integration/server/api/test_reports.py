"""What workers report over HTTP, with nothing but the secret of their attempt."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.flow import Flow, SteppedClock, claimed, status_of, worker

from podium.rules.deadlines import LEASE
from podium.server.submissions.models import Attempt, Score, Submission
from podium.server.submissions.services.sweep import sweep


@pytest.fixture
def order(flow: Flow) -> dict[str, Any]:
    flow.take_in()
    return claimed(worker())


def report(order: dict[str, Any], method: str = "patch", **fields: str) -> Any:
    return Caller().report(
        f"submissions/{order['id']}/", urlencode({"secret": order["secret"], **fields}), method=method
    )


def send_scores(order: dict[str, Any], scores: object, secret: str | None = None) -> Any:
    body = {"secret": secret or order["secret"], "scores": scores}
    return Caller().post(f"upload_submission_scores/{order['id']}/", body)


@pytest.mark.parametrize("method", ["patch", "put"])
def test_a_status_is_answered_by_200(order: dict[str, Any], method: str) -> None:
    assert report(order, method, status="Preparing").status_code == 200


def test_a_status_may_come_as_json_too(order: dict[str, Any]) -> None:
    response = Caller().send("patch", f"submissions/{order['id']}/", {"secret": order["secret"], "status": "Running"})
    assert response.status_code == 200


def test_a_wrong_secret_is_refused_in_the_contracts_words(order: dict[str, Any]) -> None:
    for fields in ({"status": "Running"}, {"secret": "no", "status": "Finished"}, {"secret": "0" * 32, "md5": "x"}):
        body = only_explains(Caller().report(f"submissions/{order['id']}/", urlencode(fields)), 403, "secret-wrong")
        assert body["detail"] == "Submission secrets do not match"
    only_explains(send_scores(order, {"accuracy": 1}, "no"), 403, "secret-wrong")
    only_explains(report({**order, "id": order["id"] + 1}, status="Running"), 403, "secret-wrong")


def test_reports_in_any_order_and_number_end_in_one_set_of_scores(order: dict[str, Any]) -> None:
    assert report(order, status="Finished").status_code == 200
    assert status_of(order["id"]) == "Scoring"
    for _ in range(2):
        assert send_scores(order, {"accuracy": 0.5}).status_code == 200
        assert report(order, status="Finished").status_code == 200
    assert status_of(order["id"]) == "Finished"
    assert Score.objects.count() == 1


def test_late_reports_of_a_lost_attempt_are_409_and_change_nothing(order: dict[str, Any], time: SteppedClock) -> None:
    time.add(seconds=LEASE.total_seconds() + 1)
    assert sweep() == 1
    only_explains(report(order, status="Finished"), 409, "attempt-lost")
    only_explains(send_scores(order, {"accuracy": 1.0}), 409, "attempt-lost")
    only_explains(report(order, md5="0"), 409, "attempt-lost")
    assert status_of(order["id"]) == "Scoring"
    assert not Score.objects.exists()


def test_scores_must_be_there(order: dict[str, Any]) -> None:
    response = Caller().post(f"upload_submission_scores/{order['id']}/", {"secret": order["secret"]})
    assert only_explains(response, 400, "scores-required")["message"] == "'scores' required."
    assert status_of(order["id"]) == "Scoring"


@pytest.mark.parametrize(
    "text",
    [
        '{"accuracy": NaN}',
        '{"accuracy": -Infinity}',
        '{"accuracy": 1e999}',
        "[0.5]",
        '{"accuracy": [1]}',
        '{"a\\u0000": 1}',
    ],
)
def test_scores_that_are_none_fail_the_submission_with_a_reason(order: dict[str, Any], text: str) -> None:
    content = f'{{"secret": "{order["secret"]}", "scores": {text}}}'
    path = f"/api/upload_submission_scores/{order['id']}/"
    response = Caller().client.post(path, content, content_type="application/json")
    body = only_explains(response, 400, "scores-invalid")
    row = Submission.objects.get(pk=order["id"])
    assert (row.status, row.status_details, row.reason_hint) == ("Failed", body["message"], body["hint"])


def test_a_failure_carries_what_our_workers_know(order: dict[str, Any]) -> None:
    fields = {
        "status": "Failed",
        "status_details": "The scoring program used more than 4 GB of memory.",
        "outcome": "memory-limit",
        "code": "memory-limit",
        "hint": "Use less memory.",
        "exit_code": "137",
        "runtime": "science",
    }
    assert report(order, **fields).status_code == 200
    row = Submission.objects.get(pk=order["id"])
    assert (row.status, row.reason_code, row.reason_hint) == ("Failed", "memory-limit", "Use less memory.")


def test_what_a_codabench_worker_says_before_it_fails_is_kept(order: dict[str, Any]) -> None:
    trouble = {"type": "Docker_Image_Pull_Fail", "error_message": "manifest unknown", "is_scoring": "True"}
    for _ in range(2):
        assert report(order, **trouble).status_code == 200
    assert report(order, status="Failed", status_details="Pull for x failed! Check the logs.").status_code == 200
    row = Submission.objects.get(pk=order["id"])
    said = "The worker could not fetch the container image of the competition: manifest unknown"
    assert (row.reason_code, row.status_details) == ("runtime-unavailable", said)
    assert report(order, status="Failed", status_details="Again").status_code == 200
    assert Submission.objects.get(pk=order["id"]).status_details == said


def test_words_of_a_worker_that_nobody_knows_are_shown_with_what_came_before(order: dict[str, Any]) -> None:
    assert report(order, type="Else", error_message="The fan stood still.").status_code == 200
    assert report(order, status="Failed", status_details="Too hot.").status_code == 200
    assert Submission.objects.get(pk=order["id"]).status_details == "Too hot. The fan stood still."


def test_the_md5_of_what_was_sent_is_kept(flow: Flow, order: dict[str, Any]) -> None:
    # As `printf hello | md5sum` tells.
    assert report(order, md5="5D41402ABC4B2A76B9719D911017C592").status_code == 200
    assert Caller(flow.anna).get(f"submissions/{order['id']}/").json()["md5"] == "5d41402abc4b2a76b9719d911017c592"
    only_explains(report(order, md5="5d41"), 400, "md5-invalid")


def test_a_lease_that_is_named_must_be_that_of_the_attempt(order: dict[str, Any]) -> None:
    path, fields = f"submissions/{order['id']}/", urlencode({"secret": order["secret"], "status": "Finished"})
    job, _, attempt = order["lease"].partition(".")
    for wrong in (f"{job}.{int(attempt) + 1}", f"{int(job) + 1}.{attempt}", "x"):
        only_explains(Caller().report(path, fields, lease=wrong), 409, "attempt-lost")
        caller = Caller()
        caller.headers = {"Podium-Lease": wrong}
        body = {"secret": order["secret"], "scores": {"accuracy": 0.5}}
        answer = caller.post(f"upload_submission_scores/{order['id']}/", body)
        only_explains(answer, 409, "attempt-lost")
    assert not Attempt.objects.get().reported_done
    assert Caller().report(path, fields, lease=order["lease"]).status_code == 200
    assert Attempt.objects.get().reported_done


@pytest.mark.parametrize("fields", [{"status": "Done"}, {"status": "Failed", "exit_code": "99999999999"}])
def test_what_cannot_be_understood_is_a_bad_request(order: dict[str, Any], fields: dict[str, str]) -> None:
    assert report(order, **fields).status_code == 400
    assert status_of(order["id"]) == "Scoring"


def test_nul_in_a_workers_words_is_no_reason_to_refuse_them(order: dict[str, Any]) -> None:
    assert report(order, status="Failed", status_details="a\0b").status_code == 200
    assert Submission.objects.get(pk=order["id"]).status_details == "a b"


def test_the_secret_is_in_no_answer(flow: Flow, order: dict[str, Any]) -> None:
    for path in (f"submissions/{order['id']}/", "submissions/", f"submissions/{order['id']}/get_details/"):
        for person in (flow.anna, flow.otto):
            assert order["secret"] not in Caller(person).get(path).content.decode()
