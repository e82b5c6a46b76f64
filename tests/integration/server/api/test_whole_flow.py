"""A competition from its import to its board, by the API alone, with a worker that reports over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from tests.integration.server.api.caller import Caller
from tests.integration.server.competition_material import DESCRIPTION, make_person, write_bundle
from tests.integration.server.flow import RESULT, SteppedClock, assert_all_chains_fit, claimed, put, worker
from tests.integration.server.own_jobs import do_jobs
from tests.small_bundles import zipped

from podium.server.files.services import complete_upload, store


def announce_and_upload(caller: Caller, content: bytes, kind: str = "submission") -> Any:
    """What every client does before it submits or imports, and what it is answered at last; the PUT itself is the
    front's."""
    wanted = {"type": kind, "request_sassy_file_name": "mine.zip", "file_size": len(content)}
    announced = caller.post("datasets/", wanted)
    assert announced.status_code == 201
    ticket = UUID(urlsplit(announced.json()["sassy_url"]).path.rsplit("/", 1)[-1])
    complete_upload(ticket, store().put_stream([content], max_bytes=1 << 20))
    done = caller.send("put", f"datasets/completed/{announced.json()['key']}/")
    assert done.status_code == 200
    return done.json()


def told(order: dict[str, Any], **fields: str) -> Any:
    return Caller().report(f"submissions/{order['id']}/", urlencode({"secret": order["secret"], **fields}))


@pytest.mark.django_db
def test_from_a_bundle_to_a_place_on_the_board(tmp_path: Path, time: SteppedClock) -> None:
    organizer, anna = Caller(make_person("otto")), Caller(make_person("anna"))
    bundle = write_bundle(tmp_path, DESCRIPTION).read_bytes()
    number = announce_and_upload(organizer, bundle, "competition_bundle")["status_id"]
    assert do_jobs() == 1
    made = organizer.get(f"competitions/{number}/creation_status/").json()
    assert (made["status"], made["title"], made["published"]) == ("Finished", "Count the sheep", False)
    pk = made["resulting_competition"]
    assert anna.get("competitions/").json() == []
    assert organizer.post(f"competitions/{pk}/toggle_publish/").json() == {"published": True}
    assert [each["title"] for each in anna.get("competitions/").json()] == ["Count the sheep"]

    joined = anna.post(f"competitions/{pk}/register/")
    assert (joined.status_code, joined.json()) == (201, {"participant_status": "approved"})
    detail = anna.get(f"competitions/{pk}/").json()
    assert detail["participant_status"] == "approved"
    phase = detail["phases"][0]["id"]
    assert anna.get(f"can_make_submission/{phase}/").json() == {"can": True, "reason": None}

    sent = anna.post("submissions/", {"phase": phase, "data": announce_and_upload(anna, zipped(RESULT))["key"]})
    assert sent.status_code == 201
    submission = sent.json()["id"]
    order = claimed(worker())
    assert told(order, status="Running", status_details="scoring_hostname-lab").status_code == 200
    assert told(order, md5="0" * 32).status_code == 200
    put(order["scoring_stdout"], b"counting\n")
    scores = Caller().post(
        f"upload_submission_scores/{submission}/",
        {"secret": order["secret"], "scores": {"accuracy": 0.9, "seconds": 1}},
    )
    assert (scores.status_code, scores.content) == (200, b"")
    assert told(order, status="Finished", exit_code="0").status_code == 200

    shown = anna.get(f"submissions/{submission}/").json()
    assert shown["status"] == "Finished"
    assert [(each["column_key"], each["score"]) for each in shown["scores"]] == [
        ("accuracy", "0.9000000000"),
        ("seconds", "1.0000000000"),
    ]
    assert anna.post(f"submissions/{submission}/submission_leaderboard_connection/").json() == {}
    (entry,) = Caller().get(f"phases/{phase}/get_leaderboard/").json()["submissions"]
    assert (entry["id"], entry["owner"]) == (submission, "anna")
    details = anna.get(f"submissions/{submission}/get_details/").json()
    assert [log["name"] for log in details["logs"]] == ["scoring_stdout"]
    assert details["data_file"].startswith("http://testserver/blobs/")
    assert_all_chains_fit()
