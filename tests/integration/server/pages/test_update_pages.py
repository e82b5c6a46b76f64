"""Updating a competition by its page: the form, what would change, and the button that does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.server.scene import Scene, sent
from tests.small_bundles import zipped

from podium.blobs.archives import ZipSource
from podium.rules.runs import SubmissionStatus
from podium.server.accounts.people import person_of
from podium.server.competitions.models import Competition
from podium.server.exports.services import export_competition
from podium.server.files.services import store

As = Callable[[str | None], Client]


@pytest.fixture
def members(scene: Scene) -> dict[str, bytes]:
    """The competition of the scene as a bundle, by its members."""
    owner = person_of(scene.people["organizer"])
    assert owner is not None
    bundle = export_competition(owner, scene.competition.pk)
    with ZipSource(store().path(bundle.sha256)) as source:
        return {name: source.read(name, limit_bytes=1 << 20) for name in source.names()}


def bundle(members: dict[str, bytes], **said: str) -> SimpleUploadedFile:
    """The bundle with another text in its competition.yaml: what stands there as values, by what comes in its place."""
    text = members["competition.yaml"].decode()
    for new, old in said.items():
        assert old in text
        text = text.replace(old, new)
    return SimpleUploadedFile("seeds.zip", zipped({**members, "competition.yaml": text.encode()}), "application/zip")


def address(scene: Scene) -> str:
    return f"/competitions/{scene.competition.pk}/update/"


def hidden(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html)}


def test_organizers_find_the_button_and_nobody_else_does(scene: Scene, as_: As) -> None:
    for name in ("organizer", "collaborator", "admin"):
        assert address(scene) in as_(name).get(f"/competitions/{scene.competition.pk}/").content.decode()
    for name in ("participant", "user", None):
        assert address(scene) not in as_(name).get(f"/competitions/{scene.competition.pk}/").content.decode()


def test_one_sees_what_changes_and_then_it_is_changed(scene: Scene, as_: As, members: dict[str, bytes]) -> None:
    browser = as_("organizer")
    answer = browser.post(address(scene), {"file": bundle(members, Sorting="Classify Wheat Seeds")}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[0][0].startswith(f"{address(scene)}?proposal=")
    assert "title: &quot;Classify Wheat Seeds&quot; -&gt; &quot;Sorting&quot;" in page
    assert Competition.objects.get(pk=scene.competition.pk).title == "Classify Wheat Seeds"
    done = browser.post(address(scene), hidden(page), follow=True)
    assert done.redirect_chain == [(f"/competitions/{scene.competition.pk}/", 302)]
    assert "is updated: 1 change." in done.content.decode()
    assert Competition.objects.get(pk=scene.competition.pk).title == "Sorting"
    # The same once more is no longer what was seen.
    late = browser.post(address(scene), hidden(page))
    assert late.status_code == 409
    assert "is not as it was when you looked" in late.content.decode()


def test_no_change_is_said_and_offers_nothing_to_confirm(scene: Scene, as_: As, members: dict[str, bytes]) -> None:
    page = as_("organizer").post(address(scene), {"file": bundle(members)}, follow=True).content.decode()
    assert "Nothing changes" in page
    assert "proposal" not in hidden(page)


def test_what_would_be_lost_is_listed_with_its_line(scene: Scene, as_: As, members: dict[str, bytes]) -> None:
    sent(scene, scene.people["participant"], status=SubmissionStatus.SUBMITTED)
    text = members["competition.yaml"].decode()
    start, end = text.index("  - index: 1"), text.index("  - index: 2")
    answer = as_("organizer").post(address(scene), {"file": bundle(members, **{"": text[start:end]})})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "The phase “" not in page
    assert "Development phase&quot; has 1 submission" in page
    assert "competition.yaml:" in page


def test_a_script_gets_an_address_or_the_problems_as_a_fragment(
    scene: Scene, as_: As, members: dict[str, bytes]
) -> None:
    browser = as_("organizer")
    headers = {"HX-Request": "true"}
    moved = browser.post(address(scene), {"file": bundle(members, Sorting="Classify Wheat Seeds")}, headers=headers)
    assert moved.headers["HX-Redirect"].startswith(f"{address(scene)}?proposal=")
    broken = browser.post(address(scene), {"file": SimpleUploadedFile("x.zip", b"no zip")}, headers=headers)
    assert broken.status_code == 400
    assert broken.content.decode().startswith('<div class="note bad" role="alert">')


@pytest.mark.parametrize("text", ["", "made-up", "a" * 3000, "\x00", "é"])
def test_an_address_that_names_no_proposal_explains_itself(scene: Scene, as_: As, text: str) -> None:
    answer = as_("organizer").get(address(scene), {"proposal": text})
    assert answer.status_code == 400
    assert "Send the bundle again" in answer.content.decode()


def test_no_file_is_named_as_the_reason(scene: Scene, as_: As) -> None:
    assert "Choose a bundle." in as_("organizer").post(address(scene), {}).content.decode()


def test_somebody_else_s_proposal_shows_nothing(scene: Scene, as_: As, members: dict[str, bytes]) -> None:
    answer = as_("organizer").post(address(scene), {"file": bundle(members, Sorting="Classify Wheat Seeds")})
    theirs = as_("admin").get(answer.headers["Location"])
    assert theirs.status_code == 400
    assert "Sorting" not in theirs.content.decode()
