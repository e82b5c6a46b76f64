"""An explanation may quote what a program wrote: where its output is hidden, so is the quotation."""

from __future__ import annotations

import pytest
from tests.integration.server.scene import Scene, failed, make_scene

from podium.server.accounts.people import Person, person_of
from podium.server.competitions.models import Phase
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.contract import submission_json
from podium.server.submissions.queries.detail import submission_detail
from podium.server.submissions.queries.listing import own_submissions

pytestmark = pytest.mark.django_db

QUOTED = "expected 210 predictions"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def person(scene: Scene, name: str) -> Person:
    found = person_of(scene.people[name])
    assert found is not None
    return found


def failure(scene: Scene, **hidden: bool) -> Submission:
    """A submission whose scoring program failed, in a phase that hides something."""
    Phase.objects.filter(pk=scene.phase.pk).update(**hidden)
    row = failed(scene, scene.people["participant"])
    Submission.objects.filter(pk=row.pk).update(failed_step="scoring")
    return row


@pytest.mark.parametrize("hidden", ["hide_output", "hide_score_output"])
def test_a_participant_does_not_read_what_a_hidden_scoring_program_wrote(scene: Scene, hidden: str) -> None:
    row = failure(scene, **{hidden: True})
    participant = person(scene, "participant")
    told = (
        repr(submission_detail(participant, row.pk)),
        repr(submission_json(participant, row.pk)),
        repr(own_submissions(participant)),
    )
    for text in told:
        assert QUOTED not in text
        assert "The organizer keeps its output from participants." in text


def test_that_a_worker_was_lost_is_told_all_the_same(scene: Scene) -> None:
    row = failure(scene, hide_output=True)
    assert "not heard of any more" in repr(submission_detail(person(scene, "participant"), row.pk))


@pytest.mark.parametrize("name", ["organizer", "collaborator", "admin"])
def test_who_runs_the_competition_reads_everything(scene: Scene, name: str) -> None:
    row = failure(scene, hide_output=True)
    assert QUOTED in submission_detail(person(scene, name), row.pk).status_details
    assert QUOTED in submission_json(person(scene, name), row.pk)["status_details"]


def test_a_hidden_prediction_does_not_hide_why_scoring_failed(scene: Scene) -> None:
    row = failure(scene, hide_prediction_output=True)
    assert QUOTED in submission_detail(person(scene, "participant"), row.pk).status_details
