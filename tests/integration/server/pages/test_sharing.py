"""What a submission shows to others: its file where it was made public, and the manual way from phase to phase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.scene import Scene, scored, sent

from podium.rules.errors import NotAllowed
from podium.rules.runs import SubmissionStatus
from podium.server.accounts.people import Person, person_of
from podium.server.competitions.models import Competition, Phase
from podium.server.files.services import complete_upload, open_ticket, store
from podium.server.submissions.models import Attempt, RunFile, Submission
from podium.server.submissions.services.sharing import set_public

As = Callable[[str | None], Client]
EVERYBODY = [None, "user", "pending", "denied", "participant", "collaborator", "organizer", "admin"]


def person(scene: Scene, name: str) -> Person:
    found = person_of(scene.people[name])
    assert found is not None
    return found


@pytest.fixture
def row(scene: Scene) -> Submission:
    return scored(scene, scene.people["participant"], {"accuracy": 0.9}, on_board=True)


def address(row: Submission) -> str:
    return f"/submissions/{row.pk}/files/{row.pk}/data/"


def fetched(as_: As, row: Submission) -> set[str | None]:
    """Those who may download what was sent, by the page and by its key alike."""
    found = []
    for where in (address(row), f"/datasets/download/{row.data.key}/"):
        responses = {name: as_(name).get(where) for name in EVERYBODY}
        found.append({name for name, each in responses.items() if _leads_to_a_file(each)})
    assert found[0] == found[1]
    return found[0]


def _leads_to_a_file(response: Any) -> bool:
    return response.status_code == 302 and "/accounts/login/" not in response.headers["Location"]


def test_a_public_submission_is_for_everybody_who_sees_the_competition(scene: Scene, as_: As, row: Submission) -> None:
    assert fetched(as_, row) == {"participant", "collaborator", "organizer", "admin"}
    page = as_("participant").post(f"/submissions/{row.pk}/", {"do": "public"}, follow=True).content.decode()
    assert "Everybody who sees the competition can download it now." in page
    assert 'value="private">Make private</button>' in page
    assert fetched(as_, row) == set(EVERYBODY)
    results = as_(None).get(f"/competitions/{scene.competition.pk}/results/").content.decode()
    assert address(row) in results
    # Its page, logs and outputs stay closed.
    assert as_("user").get(f"/submissions/{row.pk}/").status_code == 404
    Competition.objects.update(published=False)
    assert not _leads_to_a_file(as_(None).get(address(row)))
    assert not _leads_to_a_file(as_("user").get(f"/datasets/download/{row.data.key}/"))
    assert as_("user").get(address(row)).status_code == 404


def test_staff_make_it_private_and_never_public(scene: Scene, as_: As, row: Submission) -> None:
    with pytest.raises(NotAllowed) as caught:
        set_public(person(scene, "admin"), row.pk, True)
    assert caught.value.code == "not-yours"
    set_public(person(scene, "participant"), row.pk)
    assert not set_public(person(scene, "collaborator"), row.pk)
    assert as_("user").get(address(row)).status_code == 404
    assert address(row) not in as_(None).get(f"/competitions/{scene.competition.pk}/results/").content.decode()


def test_the_competition_may_forbid_it_but_never_taking_it_back(scene: Scene, as_: As, row: Submission) -> None:
    owner = person(scene, "participant")
    set_public(owner, row.pk, True)
    Competition.objects.update(can_participants_make_submissions_public=False)
    assert not set_public(owner, row.pk, False)
    with pytest.raises(NotAllowed) as caught:
        set_public(owner, row.pk, True)
    assert caught.value.code == "sharing-off"
    assert "Make public" not in as_("participant").get(f"/submissions/{row.pk}/").content.decode()


def test_only_a_finished_one_can_be_made_public(scene: Scene, as_: As) -> None:
    failed = sent(scene, scene.people["participant"], status=SubmissionStatus.FAILED)
    response = as_("participant").post(f"/submissions/{failed.pk}/", {"do": "public"})
    assert response.status_code == 409
    assert not Submission.objects.get(pk=failed.pk).is_public


def test_the_api_turns_it_round(scene: Scene, as_: As, row: Submission) -> None:
    turn = f"/api/submissions/{row.pk}/toggle_public/"
    assert as_("participant").post(turn).json()["is_public"] is True
    assert as_("participant").post(turn).json()["is_public"] is False
    assert as_("participant").get(turn).status_code == 405
    assert as_("user").post(turn).status_code == 404


def test_organizers_run_a_phase_again_in_the_next_one(scene: Scene, as_: As, row: Submission) -> None:
    page = f"/competitions/{scene.competition.pk}/phases/"
    button = f'action="{page}{scene.phase.pk}/migrate/"'
    assert button not in as_("participant").get(page).content.decode()
    shown = as_("organizer").get(page).content.decode()
    assert button in shown
    assert "Run its successful submissions again in Final phase" in shown
    # The last phase has no next one.
    assert f"{scene.phases[-1].pk}/migrate/" not in shown


def test_a_phase_of_another_competition_is_not_there(scene: Scene, as_: As) -> None:
    address = f"/competitions/{scene.competition.pk}/phases/999999/migrate/"
    assert as_("organizer").post(address).status_code == 404


def test_the_board_leads_to_detailed_results_where_both_switches_and_the_phase_allow_it(
    scene: Scene, as_: As, row: Submission
) -> None:
    attempt = Attempt.objects.get(run__submission=row)
    ticket = open_ticket(1 << 20)
    complete_upload(ticket.pk, store().put_stream([b"<p>fine</p>"], max_bytes=1 << 20))
    RunFile.objects.update_or_create(attempt=attempt, kind="detailed_results", defaults={"ticket": ticket})
    link, page = f"/submissions/{row.pk}/detailed-results/", f"/competitions/{scene.competition.pk}/results/"

    def open_to_all() -> tuple[bool, bool]:
        return link in as_(None).get(page).content.decode(), as_("user").get(link).status_code == 200

    Competition.objects.update(enable_detailed_results=True)
    assert open_to_all() == (True, True)
    Phase.objects.update(hide_score_output=True)
    assert open_to_all() == (False, False)
    assert link in as_("organizer").get(page).content.decode()
    Phase.objects.update(hide_score_output=False)
    Competition.objects.update(show_detailed_results_in_leaderboard=False)
    assert open_to_all() == (False, False)
