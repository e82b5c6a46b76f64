"""Importing a bundle by its page: the form, the wait, and what came of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.scene import Scene
from tests.small_bundles import files_of, zipped

from podium.rules.runs import RunState
from podium.server.competitions.models import Competition
from podium.server.files.models import DataSet, DataSetType
from podium.server.jobs.internal import services as jobs
from podium.server.jobs.internal.models import InternalJob

As = Callable[[str | None], Client]
HELLO = Path(__file__).parents[4] / "examples" / "hello"


def upload(folder: Path, *, without: str = "") -> SimpleUploadedFile:
    files = {name: content for name, content in files_of(folder).items() if name != without}
    return SimpleUploadedFile("hello.zip", zipped(files), "application/zip")


def sent(client: Client, file: SimpleUploadedFile, **more: str) -> str:
    """Send a bundle; the address of the page that tells what becomes of it."""
    answer = client.post("/competitions/import/", {"file": file, **more})
    assert answer.status_code == 302, answer.content
    address = str(answer.headers["Location"])
    assert address.startswith("/competitions/import/")
    return address


def text(answer: HttpResponse) -> str:
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def bundles() -> int:
    return DataSet.objects.filter(type=DataSetType.COMPETITION_BUNDLE, file_name="hello.zip").count()


def test_a_bundle_becomes_an_unpublished_competition(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, upload(HELLO))
    waiting = text(client.get(address))
    assert "It waits for its turn." in waiting
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in waiting
    assert f'href="{address}">Refresh</a>' in waiting
    assert do_jobs() == 1
    made = Competition.objects.get(created_by=scene.people["user"])
    page = text(client.get(address))
    assert f'href="/competitions/{made.pk}/">Open the competition</a>' in page
    assert "http-equiv" not in page
    assert "hx-get" not in page
    assert not made.published
    assert made.bundle is not None
    assert (made.bundle.name, made.bundle.file_name) == (made.title, "hello.zip")


def test_the_box_publishes_it_at_once(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, upload(HELLO), publish="on")
    do_jobs()
    assert Competition.objects.get(created_by=scene.people["user"]).published
    assert "imported and published." in text(client.get(address))


def test_every_problem_is_shown_with_its_place_and_nothing_is_kept_but_these(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, upload(HELLO, without="logo.png"))
    assert bundles() == 1
    do_jobs()
    page = text(client.get(address))
    assert "logo.png" in page
    assert '<table class="problems stack">' in page
    assert "competition.yaml:" in page
    assert not Competition.objects.filter(created_by=scene.people["user"]).exists()
    assert bundles() == 0


def test_what_is_no_zip_is_named_by_its_own_name(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, SimpleUploadedFile("bundle.zip", b"this is not a zip"))
    do_jobs()
    page = text(client.get(address))
    assert '<div class="note bad" role="alert">' in page
    assert "bundle.zip" in page
    assert "&quot;" not in page.split("<h1>")[0]


def test_a_script_is_led_to_the_page(scene: Scene, as_: As) -> None:
    answer = as_("user").post("/competitions/import/", {"file": upload(HELLO)}, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/competitions/import/")


def test_no_file_is_named_as_the_reason(scene: Scene, as_: As) -> None:
    assert "Choose a bundle." in as_("user").post("/competitions/import/", {}).content.decode()


def test_a_bundle_beyond_the_quota_is_refused_before_it_is_stored(scene: Scene, as_: As) -> None:
    owner = scene.people["user"]
    owner.quota_bytes = 10
    owner.save()
    answer = as_("user").post("/competitions/import/", {"file": upload(HELLO)})
    assert answer.status_code == 507
    assert "Your files take" in answer.content.decode()
    assert not InternalJob.objects.exists()
    assert bundles() == 0


def test_a_script_hears_only_what_is_new(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, upload(HELLO))
    poll = text(client.get(address)).split('hx-get="', 1)[1].split('"', 1)[0]
    assert client.get(poll, headers={"HX-Request": "true"}).status_code == 204
    order = jobs.take_next(["import"])
    assert order is not None
    jobs.note_progress(order, 3_000_000, 10_000_000, "Storing its files")
    part = text(client.get(poll, headers={"HX-Request": "true"}))
    assert part.startswith('<div id="import" hx-get=')
    assert "Storing its files: 3.0 MB of 10.0 MB." in part
    assert '<progress max="10000000" value="3000000"' in part


def test_a_cancelled_import_makes_nothing_and_keeps_nothing(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, upload(HELLO))
    page = text(client.post(f"{address}cancel/", follow=True))
    assert "The import was cancelled" in page
    assert do_jobs() == 0
    assert bundles() == 0
    assert not Competition.objects.filter(created_by=scene.people["user"]).exists()
    # Once more changes nothing.
    assert "The import was cancelled" in text(client.post(f"{address}cancel/", follow=True))


def test_what_is_imported_cannot_be_cancelled_any_more(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, upload(HELLO))
    do_jobs()
    assert "Open the competition" in text(client.post(f"{address}cancel/", follow=True))
    assert bundles() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_finds_it_not_even_an_administrator(scene: Scene, as_: As, method: str) -> None:
    address = sent(as_("user"), upload(HELLO))
    for other in ("participant", "admin"):
        path = address if method == "get" else f"{address}cancel/"
        assert getattr(as_(other), method)(path).status_code == 404
    assert InternalJob.objects.get().state == RunState.WAITING


def test_an_import_whose_competition_was_deleted_says_so(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, upload(HELLO))
    do_jobs()
    Competition.objects.filter(created_by=scene.people["user"]).delete()
    assert "has been deleted since" in text(client.get(address))


def test_names_of_files_are_shown_as_text(scene: Scene, as_: As) -> None:
    client = as_("user")
    address = sent(client, SimpleUploadedFile("<script>alert(1)</script>.zip", b"no zip"))
    do_jobs()
    assert "<script>alert" not in text(client.get(address))
