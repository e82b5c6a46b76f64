from collections.abc import Callable
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.server.scene import Scene
from tests.small_bundles import files_of, zipped

from podium.server.competitions.models import Competition

As = Callable[[str | None], Client]
HELLO = Path(__file__).parents[4] / "examples" / "hello"


def upload(folder: Path, *, without: str = "") -> SimpleUploadedFile:
    files = {name: content for name, content in files_of(folder).items() if name != without}
    return SimpleUploadedFile("hello.zip", zipped(files), "application/zip")


def test_a_bundle_becomes_an_unpublished_competition(scene: Scene, as_: As) -> None:
    answer = as_("user").post("/competitions/import/", {"file": upload(HELLO)}, follow=True)
    made = Competition.objects.get(created_by=scene.people["user"])
    assert answer.redirect_chain[0][0] == f"/competitions/{made.pk}/"
    assert not made.published
    assert "Not published." in answer.content.decode()


def test_the_box_publishes_it_at_once(scene: Scene, as_: As) -> None:
    as_("user").post("/competitions/import/", {"file": upload(HELLO), "publish": "on"})
    assert Competition.objects.get(created_by=scene.people["user"]).published


def test_every_problem_is_shown_with_its_place_and_nothing_is_made(scene: Scene, as_: As) -> None:
    broken = upload(HELLO, without="logo.png")
    page = as_("user").post("/competitions/import/", {"file": broken})
    assert page.status_code == 400
    assert "logo.png" in page.content.decode()
    assert '<table class="problems stack">' in page.content.decode()
    assert "competition.yaml:" in page.content.decode()
    assert not Competition.objects.filter(created_by=scene.people["user"]).exists()


def test_a_script_gets_the_problems_as_a_fragment(scene: Scene, as_: As) -> None:
    none = SimpleUploadedFile("bundle.zip", b"this is not a zip")
    answer = as_("user").post("/competitions/import/", {"file": none}, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert answer.content.decode().startswith('<div class="note bad" role="alert">')
    assert "bundle.zip" in answer.content.decode()


def test_no_file_is_named_as_the_reason(scene: Scene, as_: As) -> None:
    assert "Choose a bundle." in as_("user").post("/competitions/import/", {}).content.decode()
