"""What of a competition's files participants get, and that reference data reach them by no route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from tests.integration.server.access.rows import ROLES, STAFF
from tests.integration.server.scene import Scene, a_file
from tests.integration.server.test_access_matrix import ROWS, prepared

from podium.rules.errors import NotAllowed
from podium.server.competitions.models import Solution
from podium.server.files.links import check_link, download_url
from podium.server.files.models import DataSet, DataSetType
from podium.server.submissions.models import Submission

pytestmark = pytest.mark.django_db

PROGRAMS = {DataSetType.SCORING_PROGRAM, DataSetType.INGESTION_PROGRAM}
OUTSIDERS = tuple(role for role in ROLES if role not in STAFF)


@dataclass
class Offer:
    """A scene whose task has a file of every kind; `files` by kind."""

    scene: Scene
    files: dict[DataSetType, DataSet]
    submission: Submission

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role != "visitor":
            client.force_login(self.scene.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def switched(self, *, programs: bool = False, input_data: bool = False) -> None:
        self.scene.competition.make_programs_available = programs
        self.scene.competition.make_input_data_available = input_data
        self.scene.competition.save()

    def seen(self, role: str) -> set[DataSetType]:
        """The kinds of files that the API lists for somebody, which must be those on the page."""
        pk = self.scene.competition.pk
        answer = self.client(role).get(f"/api/competitions/{pk}/get_files/")
        assert answer.status_code == 200
        keys = {each["key"] for each in answer.json()["files"]}
        page = self.client(role).get(f"/competitions/{pk}/files/").text
        listed = {kind for kind, data in self.files.items() if str(data.key) in keys}
        assert listed == {kind for kind, data in self.files.items() if f"/files/{data.key}/" in page}
        return listed


@pytest.fixture
def offer() -> Offer:
    scene = prepared(published=True)
    owner = scene.people["organizer"]
    kinds = (
        DataSetType.SCORING_PROGRAM,
        DataSetType.INGESTION_PROGRAM,
        DataSetType.INPUT_DATA,
        DataSetType.REFERENCE_DATA,
        DataSetType.STARTING_KIT,
        DataSetType.PUBLIC_DATA,
        DataSetType.SOLUTION,
    )
    files = {kind: a_file(owner, kind, f"{kind}.zip") for kind in kinds}
    for slot in ("scoring_program", "ingestion_program", "input_data", "reference_data"):
        setattr(scene.task, slot, files[DataSetType(slot)])
    scene.task.save()
    for phase in scene.phases:
        phase.starting_kit = files[DataSetType.STARTING_KIT]
        phase.public_data = files[DataSetType.PUBLIC_DATA]
        phase.save()
    Solution.objects.create(name="Sample", data=files[DataSetType.SOLUTION]).tasks.add(scene.task)
    return Offer(scene, files, scene.submissions[0])


class TestWhatIsOffered:
    @pytest.mark.parametrize("programs", [False, True])
    @pytest.mark.parametrize("input_data", [False, True])
    def test_participants_get_what_the_two_switches_say(self, offer: Offer, programs: bool, input_data: bool) -> None:
        offer.switched(programs=programs, input_data=input_data)
        expected = {DataSetType.STARTING_KIT, DataSetType.PUBLIC_DATA}
        expected |= PROGRAMS if programs else set()
        expected |= {DataSetType.INPUT_DATA} if input_data else set()
        assert offer.seen("participant") == expected

    @pytest.mark.parametrize("role", STAFF)
    def test_those_who_run_the_competition_get_everything(self, offer: Offer, role: str) -> None:
        assert offer.seen(role) == set(offer.files)

    def test_every_listed_file_is_fetched_from_page_and_api(self, offer: Offer) -> None:
        offer.switched(programs=True, input_data=True)
        pk = offer.scene.competition.pk
        for role in ("participant", "organizer"):
            for kind in offer.seen(role):
                data = offer.files[kind]
                for address in (f"/competitions/{pk}/files/{data.key}/", f"/datasets/download/{data.key}/"):
                    location = offer.client(role).get(address).headers["Location"]
                    assert location.startswith(f"/blobs/{data.blob_id}/"), (role, kind, address)

    def test_the_bundle_is_for_those_who_run_the_competition(self, offer: Offer) -> None:
        address = f"/api/competitions/{offer.scene.competition.pk}/get_files/"
        bundle = offer.scene.competition.bundle
        assert bundle is not None
        assert offer.client("participant").get(address).json()["bundle"] is None
        shown = offer.client("organizer").get(address).json()["bundle"]
        assert shown["name"] == bundle.name
        assert f"/blobs/{bundle.blob_id}/" in shown["url"]

    def test_a_phase_with_one_task_does_not_name_it_and_a_competition_without_files_says_so(self, offer: Offer) -> None:
        pk = offer.scene.competition.pk
        assert "Scoring program of" not in offer.client("organizer").get(f"/competitions/{pk}/files/").text
        for phase in offer.scene.phases:
            phase.starting_kit = phase.public_data = None
            phase.save()
        assert "No files." in offer.client("participant").get(f"/competitions/{pk}/files/").text

    def test_input_data_that_are_the_reference_data_stay_with_the_organizers(self, offer: Offer) -> None:
        offer.switched(input_data=True)
        reference = offer.files[DataSetType.REFERENCE_DATA]
        DataSet.objects.filter(pk=offer.files[DataSetType.INPUT_DATA].pk).update(blob=reference.blob)
        assert DataSetType.INPUT_DATA not in offer.seen("participant")
        assert DataSetType.INPUT_DATA in offer.seen("organizer")


class TestReferenceData:
    """Reference data are what a participant would win with."""

    @pytest.fixture(autouse=True)
    def generous(self, offer: Offer) -> None:
        offer.switched(programs=True, input_data=True)

    @pytest.mark.parametrize("role", OUTSIDERS)
    def test_no_route_of_the_site_names_or_links_them(self, offer: Offer, role: str) -> None:
        assert list(routes_that_tell(offer, role)) == []

    def test_the_same_search_finds_them_where_they_may_be_seen(self, offer: Offer) -> None:
        found = set(routes_that_tell(offer, "organizer"))
        assert {
            "GET competitions/<int:pk>/files/",
            "GET api/competitions/<int:pk>/",
            "GET api/competitions/<int:pk>/get_files/",
            "GET api/phases/<int:pk>/",
        } <= found

    @pytest.mark.parametrize("role", OUTSIDERS)
    def test_no_route_that_takes_a_key_gives_them_away(self, offer: Offer, role: str) -> None:
        data = offer.files[DataSetType.REFERENCE_DATA]
        pk = offer.scene.competition.pk
        client = offer.client(role)
        answers = {
            "page": client.get(f"/competitions/{pk}/files/{data.key}/"),
            "download": client.get(f"/datasets/download/{data.key}/"),
            "completed": client.put(f"/api/datasets/completed/{data.key}/"),
            "listed": client.get("/api/datasets/", {"key": str(data.key)}),
            "submitted": client.post(
                "/api/submissions/", {"phase": offer.scene.phase.pk, "data": str(data.key)}, "application/json"
            ),
            "as a file of a submission": client.get(
                f"/submissions/{offer.submission.pk}/files/{offer.submission.pk}/reference_data/"
            ),
        }
        for name, answer in answers.items():
            # The way to sign in names the address that was asked for.
            assert f"/blobs/{data.blob_id}" not in answer.text + answer.headers.get("Location", ""), name
            assert name == "listed" or answer.status_code in {302, 401, 403, 404}, name
            assert answer.headers.get("Location", "/accounts/login/").startswith("/accounts/login/"), name
        if role != "visitor":
            assert answers["listed"].json()["count"] == 0

    def test_a_signed_link_to_another_file_does_not_open_them(self, offer: Offer) -> None:
        data, kit = offer.files[DataSetType.REFERENCE_DATA], offer.files[DataSetType.STARTING_KIT]
        given = urlsplit(download_url(str(kit.blob_id), kit.file_name))
        query = parse_qs(given.query)
        expires, signature = query["expires"][0], query["signature"][0]
        check_link("GET", given.path, expires, signature)
        for path in (f"/blobs/{data.blob_id}/{kit.file_name}", f"{given.path}/../../{data.blob_id}/x"):
            with pytest.raises(NotAllowed):
                check_link("GET", path, expires, signature)


def routes_that_tell(offer: Offer, role: str) -> Iterator[str]:
    """Every route of the site, by every method it has, whose answer names or links the reference data."""
    for row in ROWS:
        with transaction.atomic():
            more = {"content_type": row.content_type} if row.content_type else {}
            send = getattr(offer.client(role), row.method.lower())
            if tells(
                send(row.path(offer.scene), row.data(offer.scene), **more), offer.files[DataSetType.REFERENCE_DATA]
            ):
                yield str(row)
            transaction.set_rollback(True)


def tells(answer: HttpResponse, data: DataSet) -> bool:
    body = b"".join(answer) if answer.streaming else answer.content
    text = body.decode(errors="replace") + answer.headers.get("Location", "")
    return str(data.key) in text or f"/blobs/{data.blob_id}" in text
