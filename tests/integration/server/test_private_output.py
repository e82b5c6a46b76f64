"""What a scoring program writes below `private` is for the organizers only, whichever way a participant asks."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.test import Client
from tests.integration.server.flow import Flow, SteppedClock, begin, claimed, finish_scoring, put, worker
from tests.small_bundles import zipped

from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.files.services import store
from podium.server.submissions.models import RunFile, Submission
from podium.server.submissions.queries.files import submission_files

pytestmark = pytest.mark.django_db

WRITTEN = {"scores.txt": b"accuracy:0.5\n", "metadata": b"exitCode: 0\n", "plots/private/a.svg": b"<svg/>"}
SECRET = {"private/priv.txt": b"truth: 42", "private/deep/er.txt": b"truth: 43"}


def written(flow: Flow, content: bytes) -> int:
    made = flow.take_in()
    order = claimed(worker())
    put(order["scoring_result"], content)
    finish_scoring(order, {"accuracy": 0.5})
    return made


def members(sha256: str) -> Mapping[str, bytes]:
    with store().open(sha256) as file, zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def links_for(person: Person, made: int) -> set[str]:
    """The hashes of the files behind every link to the output of scoring that a person is given."""
    client = client_of(person)
    found = client.get(f"/api/submissions/{made}/get_details/").json()["scoring_result"]
    redirect = client.get(f"/submissions/{made}/files/{made}/scoring_result/").headers.get("Location", "")
    return {link.split("/blobs/")[1].split("/")[0] for link in (found or "", redirect) if "/blobs/" in link}


@pytest.fixture
def flow(tmp_path: Path, time: SteppedClock) -> Flow:
    return begin(tmp_path)


def test_participants_get_everything_but_what_is_private(flow: Flow) -> None:
    made = written(flow, zipped(WRITTEN | SECRET))
    (sha256,) = links_for(flow.anna, made)
    assert members(sha256) == WRITTEN


def test_organizers_get_all_of_it(flow: Flow) -> None:
    made = written(flow, zipped(WRITTEN | SECRET))
    (sha256,) = links_for(flow.otto, made)
    assert members(sha256) == WRITTEN | SECRET


def test_what_holds_nothing_private_is_kept_once(flow: Flow) -> None:
    made = written(flow, zipped(WRITTEN))
    assert links_for(flow.anna, made) == links_for(flow.otto, made)


@pytest.mark.parametrize(
    "name", ["private/x", "./private/x", "Private/x", "PRIVATE/y/z", "private\\x", "private//x", "private"]
)
def test_names_that_mean_the_same_folder_are_private_too(flow: Flow, name: str) -> None:
    made = written(flow, zipped({**WRITTEN, name: b"hidden"}))
    kept = submission_files(flow.anna, made).scoring_result
    assert kept is None or b"hidden" not in members(kept.sha256).values()


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\3\4 and no more", zipped(SECRET)[:-30]])
def test_output_that_cannot_be_read_is_for_organizers_alone(flow: Flow, content: bytes) -> None:
    made = written(flow, content)
    assert links_for(flow.anna, made) == set()
    assert len(links_for(flow.otto, made)) == 1


def test_what_arrives_after_the_end_is_set_apart_as_well(flow: Flow) -> None:
    """Workers of Codabench send the output last."""
    made = flow.take_in()
    order = claimed(worker())
    finish_scoring(order, {"accuracy": 0.5})
    assert links_for(flow.anna, made) == set()
    put(order["scoring_result"], zipped(WRITTEN | SECRET))
    (sha256,) = links_for(flow.anna, made)
    assert members(sha256) == WRITTEN


def test_no_page_names_the_whole_output_to_a_participant(flow: Flow) -> None:
    made = written(flow, zipped(WRITTEN | SECRET))
    whole = RunFile.objects.get(kind="scoring_result").ticket.blob_id
    client = client_of(flow.anna)
    Submission.objects.filter(pk=made).update(is_public=True)
    for path in (
        f"/submissions/{made}/",
        f"/competitions/{flow.competition_id}/submissions/",
        f"/api/submissions/{made}/",
        f"/api/submissions/{made}/get_details/",
        f"/api/submissions/?phase={flow.phase_id}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert str(whole) not in answer.text, path
        assert "priv.txt" not in answer.text, path
