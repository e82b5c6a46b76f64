from collections.abc import Callable

from django.test import Client
from tests.integration.server.scene import Scene

from podium.server.competitions.models import Competition, Participant

As = Callable[[str | None], Client]


def test_joining_shows_the_terms_and_needs_them_accepted(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/join/"
    page = as_("user").get(address).content.decode()
    assert "Use <em>one</em> account." in page
    refused = as_("user").post(address, {})
    assert refused.status_code == 400
    assert "You can only take part if you accept the terms." in refused.content.decode()
    assert not Participant.objects.filter(user=scene.people["user"]).exists()


def test_joining_waits_for_the_organizer_or_leads_to_the_first_submission(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/join/"
    waiting = as_("user").post(address, {"accept": "on"}, follow=True).content.decode()
    assert "The organizer was asked." in waiting
    assert Participant.objects.get(user=scene.people["user"]).status == "pending"
    Competition.objects.update(registration_auto_approve=True)
    answer = as_("organizer").post(address, {"accept": "on"})
    assert answer.headers["Location"] == f"/competitions/{scene.competition.pk}/submit/"


def test_an_organizer_approves_and_denies(scene: Scene, as_: As) -> None:
    waiting = Participant.objects.get(user=scene.people["pending"])
    listed = f"/competitions/{scene.competition.pk}/participants/"
    assert "1 waiting for a decision" in as_("organizer").get(listed).content.decode()
    as_("organizer").post(f"{listed}{waiting.pk}/", {"status": "approved"})
    assert Participant.objects.get(pk=waiting.pk).status == "approved"
    as_("collaborator").post(f"{listed}{waiting.pk}/", {"status": "denied"})
    assert Participant.objects.get(pk=waiting.pk).status == "denied"


def test_a_decision_that_was_taken_already_is_refused(scene: Scene, as_: As) -> None:
    denied = Participant.objects.get(user=scene.people["denied"])
    answer = as_("organizer").post(
        f"/competitions/{scene.competition.pk}/participants/{denied.pk}/", {"status": "denied"}
    )
    assert answer.status_code == 400
