"""Pages of Codabench follow submissions over their socket, in the words of the contract (section 2.7)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.live.conftest import QuietSite
from tests.integration.live.streams import PATIENCE_S, socket_of
from tests.integration.live.test_following import put, report, say
from tests.integration.live.test_workers import claim
from tests.running_site import PASSWORD
from tests.small_bundles import ECHO, files_of, result, scored_by, write_zip
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from podium.sdk.client import PodiumClient

pytestmark = pytest.mark.slow


def cookies(site: QuietSite, name: str) -> str:
    """The cookies of somebody who is signed in."""
    with httpx.Client(base_url=site.far.url, timeout=60) as browser:
        form = browser.get("/accounts/login/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert found is not None
        fields = {"csrfmiddlewaretoken": found[1], "login": name, "password": PASSWORD}
        answer = browser.post("/accounts/login/", data=fields, headers={"Origin": site.far.url})
        assert answer.status_code == 302, answer.text
        return f"sessionid={browser.cookies['sessionid']}"


@contextmanager
def following(site: QuietSite, cookie: str, *submissions: Any) -> Iterator[ClientConnection]:
    """An open page that has asked for submissions."""
    url = f"ws{site.far.url[4:]}/submission_output/"
    with connect(url, additional_headers={"Cookie": cookie}, origin=site.far.url) as socket:  # type: ignore[arg-type]
        assert heard(socket) == {"type": "connection_ready", "status": "connected"}
        socket.send(json.dumps({"submission_ids": list(submissions)}))
        yield socket


def heard(socket: ClientConnection) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(socket.recv(timeout=PATIENCE_S))
    return said


def log_of(messages: list[dict[str, Any]], kind: str = "program") -> str:
    return "".join(each["message"] for each in messages if each["kind"] == kind)


def until_log(socket: ClientConnection, ending: str) -> str:
    """What the live messages say of a program up to where it ends so."""
    text = ""
    while not text.endswith(ending):
        said = heard(socket)
        assert said["type"] == "message"
        text += log_of([said["data"]])
    return text


def until_status(socket: ClientConnection, status: str) -> dict[str, Any]:
    while True:
        said = heard(socket)
        if said["type"] == "message" and said["data"].get("status") == status:
            return said


def begin(site: QuietSite, folder: Path, **more: Any) -> tuple[int, int]:
    """A competition of otto's, and a submission to it by anna: the ids of its phase and of the submission."""
    bundle = scored_by(folder, ECHO, **more)
    with site.client() as client:
        made = client.import_bundle(bundle, publish=True)
        phase = client.competition(made.id).phases[0].id
    httpx.post(
        f"{site.far.url}/api/competitions/{made.id}/register/",
        headers={"Authorization": f"Token {site.annas_token}"},
        timeout=60,
    ).raise_for_status()
    with PodiumClient(site.far.url, site.annas_token) as anna:
        return phase, anna.submit(phase, result(folder)).id


@pytest.fixture
def order(quiet: QuietSite, tmp_path: Path) -> Iterator[dict[str, Any]]:
    _, made = begin(quiet, tmp_path)
    with quiet.worker() as worker:
        taken = claim(worker, 10).json()
    assert taken["id"] == made
    yield taken
    report(quiet, taken, status="Failed", outcome="failed")


def test_who_comes_later_catches_up_and_then_hears_what_is_new_once(quiet: QuietSite, order: dict[str, Any]) -> None:
    made = order["id"]
    cookie = cookies(quiet, "anna")
    with connect(socket_of(order, quiet.near.url)) as worker, following(quiet, cookie, made) as first:
        assert heard(first) == {"type": "catchup", "submission_id": made, "data": ""}
        worker.send(say("one\n"))
        assert until_log(first, "one\n") == "one\n"
        worker.send(say("oh\n", "stderr"))
        assert heard(first) == {
            "type": "message",
            "submission_id": made,
            "data": {"kind": "stderr", "message": "oh\n"},
        }
        with following(quiet, cookie, made) as second:
            caught = heard(second)
            assert (caught["type"], caught["submission_id"]) == ("catchup", made)
            lines = [json.loads(line) for line in caught["data"].splitlines()]
            assert (log_of(lines), log_of(lines, "stderr")) == ("one\n", "oh\n")
            worker.send(say("two\n"))
            assert until_log(first, "two\n") == until_log(second, "two\n") == "two\n"


def test_states_and_detailed_results_are_told(quiet: QuietSite, tmp_path: Path) -> None:
    tree = tmp_path / "one"
    tree.mkdir()
    _, made = begin(quiet, tree)
    with quiet.worker() as worker:
        order = claim(worker, 10).json()
    with following(quiet, cookies(quiet, "anna"), made) as page:
        assert heard(page)["type"] == "catchup"
        report(quiet, order, status="Failed", outcome="failed", status_details="Enough.").raise_for_status()
        told = until_status(page, "Failed")
        assert told == {
            "type": "message",
            "submission_id": made,
            "data": {"kind": "status_update", "status": "Failed"},
        }
        put(order["scoring_stdout"], quiet, b"late\n")


def test_somebody_elses_submission_has_nothing_to_say(quiet: QuietSite, order: dict[str, Any], tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    with quiet.client() as client:
        competition = client.import_bundle(scored_by(others), publish=True)
        ottos = client.submit(client.competition(competition.id).phases[0].id, result(others)).id
    with following(quiet, cookies(quiet, "anna"), 999_999, ottos, order["id"]) as page:
        # Nothing is said of what is not there and of what is not hers; what was asked for next is answered.
        assert heard(page)["submission_id"] == order["id"]
    with following(quiet, cookies(quiet, "otto"), ottos, order["id"]) as page:
        assert [heard(page)["submission_id"] for _ in range(2)] == [ottos, order["id"]]
    with quiet.worker() as worker:
        taken = claim(worker, 10, slot=1).json()
    report(quiet, taken, status="Failed", outcome="failed").raise_for_status()


@pytest.mark.parametrize("cookie", ["", "sessionid=made-up", "sessionid=", "other=1"])
def test_who_is_not_signed_in_is_refused(quiet: QuietSite, cookie: str) -> None:
    url = f"ws{quiet.far.url[4:]}/submission_output/"
    with pytest.raises(InvalidStatus) as refused, connect(url, additional_headers={"Cookie": cookie}):
        pass
    assert refused.value.response.status_code == 403


def test_a_page_of_another_site_is_refused(quiet: QuietSite) -> None:
    url = f"ws{quiet.far.url[4:]}/submission_output/"
    headers = {"Cookie": cookies(quiet, "anna")}
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(url, additional_headers=headers, origin="https://evil.example"),  # type: ignore[arg-type]
    ):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("nonsense", ["no json", "[]", "{}", '{"submission_ids": 3}', b"\xff\xfe"])
def test_what_nobody_understands_ends_the_socket(quiet: QuietSite, nonsense: str | bytes) -> None:
    with following(quiet, cookies(quiet, "anna")) as page:
        page.send(nonsense)
        with pytest.raises(ConnectionClosed):
            page.recv(timeout=PATIENCE_S)


def test_ids_that_are_none_are_passed_over(quiet: QuietSite, order: dict[str, Any]) -> None:
    with following(quiet, cookies(quiet, "anna"), "x", None, True, [], -1, 2**70, order["id"]) as page:
        assert heard(page)["submission_id"] == order["id"]


def test_hidden_output_is_told_to_the_organizer_alone(quiet: QuietSite, tmp_path: Path) -> None:
    scored_by(tmp_path)
    tree = tmp_path / "bundle"
    about = json.loads((tree / "competition.yaml").read_text())
    about["phases"][0]["hide_output"] = True
    (tree / "competition.yaml").write_text(json.dumps(about))
    with quiet.client() as client:
        made = client.import_bundle(write_zip(tmp_path / "hidden.zip", files_of(tree)), publish=True)
        phase = client.competition(made.id).phases[0].id
    headers = {"Authorization": f"Token {quiet.annas_token}"}
    httpx.post(f"{quiet.far.url}/api/competitions/{made.id}/register/", headers=headers, timeout=60).raise_for_status()
    with PodiumClient(quiet.far.url, quiet.annas_token) as anna:
        sent = anna.submit(phase, result(tmp_path)).id
    with quiet.worker() as worker:
        order = claim(worker, 10).json()
    assert order["id"] == sent
    with (
        connect(socket_of(order, quiet.near.url)) as worker,
        following(quiet, cookies(quiet, "anna"), sent) as participant,
        following(quiet, cookies(quiet, "otto"), sent) as organizer,
    ):
        assert heard(participant)["data"] == heard(organizer)["data"] == ""
        worker.send(say("secret\n"))
        assert until_log(organizer, "secret\n") == "secret\n"
        report(quiet, order, status="Failed", outcome="failed").raise_for_status()
        until_status(organizer, "Failed")
        # The participant hears the end, and nothing of the log before it.
        said = heard(participant)
        assert said["data"] == {"kind": "status_update", "status": "Failed"}
    with following(quiet, cookies(quiet, "anna"), sent) as participant:
        assert heard(participant)["data"] == ""
