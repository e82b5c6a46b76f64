"""How workers ask for runs: long-polls that end with a run, with the wait, or with the process."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.live.conftest import QuietSite, web_process
from tests.small_bundles import result, scored_by

pytestmark = pytest.mark.slow


def submit(site: QuietSite, folder: Path) -> int:
    """Import a competition and submit to it; the submission's id."""
    with site.client() as client:
        made = client.import_bundle(scored_by(folder), publish=True)
        return client.submit(client.competition(made.id).phases[0].id, result(folder)).id


def claim(worker: httpx.Client, wait_s: float = 0, slot: int = 0) -> httpx.Response:
    return worker.post("/live/worker/claim", json={"slot": slot, "wait_s": wait_s})


def give_up(site: QuietSite, order: dict[str, Any]) -> None:
    """Fail the attempt for good, so that the run waits for nobody."""
    fields = {"secret": order["secret"], "status": "Failed", "outcome": "failed", "status_details": "Enough."}
    httpx.patch(f"{site.near.url}/api/submissions/{order['id']}/", data=fields).raise_for_status()


@contextmanager
def waiting(site: QuietSite, wait_s: float) -> Iterator[Future[httpx.Response]]:
    """A claim that waits in the near web process, in a thread of its own."""
    with site.worker() as worker, ThreadPoolExecutor(1) as elsewhere:
        asked = elsewhere.submit(claim, worker, wait_s)
        yield asked


def test_a_claim_ends_empty_when_the_wait_is_over(quiet: QuietSite) -> None:
    with quiet.worker() as worker:
        started = time.monotonic()
        answer = claim(worker, 0.3)
        assert (answer.status_code, answer.content) == (204, b"")
        assert time.monotonic() - started >= 0.3


def test_a_waiting_claim_gets_a_run_as_soon_as_another_process_commits_one(quiet: QuietSite, tmp_path: Path) -> None:
    with waiting(quiet, 30) as asked:
        submission = submit(quiet, tmp_path)
        answer = asked.result(20)
    assert answer.status_code == 200
    order = answer.json()
    assert (order["id"], order["is_scoring"], order["attempt"]) == (submission, True, 1)
    give_up(quiet, order)


def test_a_client_that_left_is_given_nothing(quiet: QuietSite, tmp_path: Path) -> None:
    body = b'{"slot": 0, "wait_s": 30}'
    head = (
        f"POST /live/worker/claim HTTP/1.1\r\nHost: {quiet.near.url[7:]}\r\nAuthorization: Worker {quiet.worker_token}"
        f"\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", int(quiet.near.url.rsplit(":", 1)[1]))) as leaving:
        leaving.sendall(head + body)
        with quiet.worker() as worker:
            # The connection is taken up before a later one.
            assert claim(worker, 0, slot=1).status_code == 204
    submission = submit(quiet, tmp_path)
    with quiet.worker() as worker:
        order = claim(worker, 10, slot=1).json()
    assert (order["id"], order["attempt"]) == (submission, 1)
    give_up(quiet, order)


def test_a_claim_that_waits_is_ended_when_the_process_ends(quiet: QuietSite) -> None:
    headers = {"Authorization": f"Worker {quiet.worker_token}"}
    with web_process(quiet.environment) as third, ThreadPoolExecutor(1) as elsewhere:
        with httpx.Client(base_url=third.url, headers=headers, timeout=60) as worker:
            asked = elsewhere.submit(claim, worker, 30)
            with httpx.Client(base_url=third.url, headers=headers) as other:
                assert claim(other, 0, slot=1).status_code == 204
            third.process.send_signal(signal.SIGTERM)
            assert asked.result(20).status_code == 204
        assert third.process.wait(20) == 0


def test_a_slot_that_asks_again_has_lost_what_it_had(quiet: QuietSite, tmp_path: Path) -> None:
    submission = submit(quiet, tmp_path)
    with quiet.worker() as worker:
        first = claim(worker, 10).json()
        second = claim(worker, 10).json()
    assert [order["id"] for order in (first, second)] == [submission, submission]
    assert (second["attempt"], second["secret"] != first["secret"]) == (2, True)
    lost = httpx.post(f"{quiet.near.url}/live/worker/renew", json={"id": submission, "secret": first["secret"]})
    kept = httpx.post(f"{quiet.near.url}/live/worker/renew", json={"id": submission, "secret": second["secret"]})
    assert (lost.status_code, kept.status_code) == (409, 204)
    give_up(quiet, second)


def test_a_run_that_is_handed_back_goes_to_the_next_who_asks(quiet: QuietSite, tmp_path: Path) -> None:
    submission = submit(quiet, tmp_path)
    with quiet.worker() as worker:
        first = claim(worker, 10).json()
        told = {"id": submission, "secret": first["secret"], "reason": "The worker was stopped."}
        assert worker.post("/live/worker/give-back", json=told).status_code == 204
        second = claim(worker, 10, slot=1).json()
    assert (second["id"], second["attempt"]) == (submission, 2)
    give_up(quiet, second)


@pytest.mark.parametrize("authorization", [None, "Worker wrong", "Worker", "Token {}", "Bearer x"])
def test_whoever_is_no_worker_is_told_so(quiet: QuietSite, authorization: str | None) -> None:
    headers = {"Authorization": authorization.format(quiet.token)} if authorization else {}
    for path in ("claim", "greet"):
        answer = httpx.post(f"{quiet.near.url}/live/worker/{path}", json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "worker-unknown")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"slot": "1"}', b'{"slot": -1}', b'{"wait_s": 1e9}', b'{"slot": true}', b'{"slot": NaN}'],
)
def test_a_claim_that_makes_no_sense_is_refused(quiet: QuietSite, body: bytes) -> None:
    with quiet.worker() as worker:
        answer = worker.post("/live/worker/claim", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]


def test_a_body_beyond_a_mebibyte_is_refused(quiet: QuietSite) -> None:
    with quiet.worker() as worker:
        assert worker.post("/live/worker/claim", content=b" " * (1 << 20) + b"{}").status_code == 413


def renew(site: QuietSite, order: dict[str, Any], wait_s: float) -> httpx.Response:
    told = {"id": order["id"], "secret": order["secret"], "wait_s": wait_s}
    return httpx.post(f"{site.near.url}/live/worker/renew", json=told, timeout=60)


def test_a_renewal_that_waits_hears_that_the_run_was_cancelled(quiet: QuietSite, tmp_path: Path) -> None:
    submission = submit(quiet, tmp_path)
    with quiet.worker() as worker:
        order = claim(worker, 10).json()
    started = time.monotonic()
    assert renew(quiet, order, 0.3).status_code == 204
    assert time.monotonic() - started >= 0.3
    with ThreadPoolExecutor(1) as elsewhere:
        asked = elsewhere.submit(renew, quiet, order, 30)
        # A look that shows that the renewal arrived would be the server's; a second one in its place does as well.
        assert renew(quiet, order, 0.2).status_code == 204
        cancelled = httpx.post(
            f"{quiet.far.url}/api/submissions/{submission}/cancel_submission/",
            headers={"Authorization": f"Token {quiet.token}"},
            timeout=60,
        )
        assert cancelled.json() == {"canceled": True}
        # Sooner than its own wait would be over.
        answer = asked.result(20)
    assert (answer.status_code, answer.json()["code"]) == (409, "attempt-lost")
    assert renew(quiet, order, 30).status_code == 409


def test_a_renewal_that_waits_is_ended_when_the_process_ends(quiet: QuietSite, tmp_path: Path) -> None:
    submit(quiet, tmp_path)
    with quiet.worker() as worker:
        order = claim(worker, 10).json()
    told = {"id": order["id"], "secret": order["secret"]}
    with web_process(quiet.environment) as third, ThreadPoolExecutor(1) as elsewhere:
        with httpx.Client(base_url=third.url, timeout=60) as client:
            asked = elsewhere.submit(client.post, "/live/worker/renew", json={**told, "wait_s": 30})
            assert httpx.post(f"{third.url}/live/worker/renew", json={**told, "wait_s": 0.2}).status_code == 204
            third.process.send_signal(signal.SIGTERM)
            assert asked.result(20).status_code == 204
        assert third.process.wait(20) == 0
    give_up(quiet, order)


@pytest.mark.parametrize("body", [{"id": 1.0, "secret": 3}, {"id": -1}, {"id": 1, "secret": "x", "wait_s": 31}, {}])
def test_a_renewal_that_makes_no_sense_is_refused(quiet: QuietSite, body: dict[str, object]) -> None:
    answer = httpx.post(f"{quiet.near.url}/live/worker/renew", json=body)
    assert answer.status_code in {400, 403}, answer.text


def test_a_lease_that_is_named_must_be_the_live_one(quiet: QuietSite, tmp_path: Path) -> None:
    submission = submit(quiet, tmp_path)
    with quiet.worker() as worker:
        order = claim(worker, 10).json()
        told = {"id": submission, "secret": order["secret"]}
        for path in ("renew", "give-back"):
            wrong = worker.post(f"/live/worker/{path}", json=told, headers={"Podium-Lease": order["lease"] + "0"})
            assert (wrong.status_code, wrong.json()["code"]) == (409, "attempt-lost")
        right = worker.post("/live/worker/renew", json=told, headers={"Podium-Lease": order["lease"]})
        assert right.status_code == 204
    give_up(quiet, order)


def test_a_worker_that_leaves_is_given_nothing_until_it_greets_again(quiet: QuietSite, tmp_path: Path) -> None:
    with waiting(quiet, 30) as asked, quiet.worker() as worker:
        assert worker.post("/live/worker/leave", json={}).status_code == 204
        # The claim that waits is answered, also in another process, at the next commit or look.
        assert asked.result(20).status_code == 204
        submission = submit(quiet, tmp_path)
        assert claim(worker, 0.5).status_code == 204
        assert worker.post("/live/worker/greet", json={"slots": 1}).status_code == 200
        order = claim(worker, 10).json()
    assert (order["id"], order["attempt"]) == (submission, 1)
    give_up(quiet, order)


def test_a_stranger_cannot_send_a_worker_away(quiet: QuietSite) -> None:
    assert httpx.post(f"{quiet.near.url}/live/worker/leave", json={}).status_code == 403
