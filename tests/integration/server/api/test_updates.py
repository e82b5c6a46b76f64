"""Updating a competition by the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.competition_material import described, write_bundle
from tests.integration.server.flow import Flow

from podium.server.competitions.models import Competition

pytestmark = pytest.mark.django_db


def address(flow: Flow) -> str:
    return f"v1/competitions/{flow.competition_id}/updates/"


def sent(flow: Flow, folder: Path, caller: Caller, **changes: Any) -> Any:
    content = write_bundle(folder, described(**changes)).read_bytes()
    return caller.form(address(flow), file=SimpleUploadedFile("sheep.zip", content))


def test_what_changes_is_said_and_then_done(flow: Flow, tmp_path: Path) -> None:
    otto = Caller(flow.otto)
    found = sent(flow, tmp_path, otto, title="More sheep").json()
    assert found["changes"] == [
        {
            "part": "competition",
            "name": "",
            "key": "title",
            "kind": "changed",
            "old": '"Count the sheep"',
            "new": '"More sheep"',
            "text": 'title: "Count the sheep" -> "More sheep"',
        }
    ]
    assert Competition.objects.get().title == "Count the sheep"
    wish = {"proposal": found["proposal"], "seen": found["seen"]}
    done = otto.post(f"{address(flow)}confirm/", wish)
    assert (done.status_code, done.json()["changes"]) == (200, found["changes"])
    assert done.json()["url"].endswith(f"/competitions/{flow.competition_id}/")
    assert Competition.objects.get().title == "More sheep"
    only_explains(otto.post(f"{address(flow)}confirm/", wish), 409, "update-changed")


def test_every_reason_against_it_is_in_the_answer(flow: Flow, tmp_path: Path) -> None:
    flow.take_in()
    answer = sent(flow, tmp_path, Caller(flow.otto), phases=[{"name": "Final", "start": "2030-02-01", "tasks": [0]}])
    body = only_explains(answer, 400, "bundle-invalid")
    (problem,) = [each for each in body["problems"] if each["severity"] == "error"]
    assert (problem["code"], problem["file"]) == ("phase-has-submissions", "competition.yaml")
    assert problem["line"] > 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "request-invalid"),
        ({"proposal": "x"}, 400, "request-invalid"),
        ({"proposal": 7, "seen": []}, 400, "request-invalid"),
        ({"proposal": "x", "seen": "y"}, 400, "proposal-unknown"),
        ({"proposal": "x" * 100_000, "seen": ""}, 400, "proposal-unknown"),
    ],
)
def test_what_confirms_nothing_is_refused(flow: Flow, body: object, status: int, code: str) -> None:
    only_explains(Caller(flow.otto).post(f"{address(flow)}confirm/", body), status, code)


def test_a_form_without_a_file_is_refused(flow: Flow) -> None:
    only_explains(Caller(flow.otto).form(address(flow), file="a text"), 400, "request-invalid")


def test_a_participant_may_not_and_confirms_nobody_else_s(flow: Flow, tmp_path: Path) -> None:
    only_explains(sent(flow, tmp_path, Caller(flow.anna), title="Mine"), 403, "not-allowed")
    found = sent(flow, tmp_path, Caller(flow.otto), title="More").json()
    wish = {"proposal": found["proposal"], "seen": found["seen"]}
    only_explains(Caller(flow.anna).post(f"{address(flow)}confirm/", wish), 403, "not-allowed")
    assert Competition.objects.get().title == "Count the sheep"
