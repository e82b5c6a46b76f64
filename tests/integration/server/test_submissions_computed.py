"""What the board computes from scores is shown with the submission too."""

from __future__ import annotations

import pytest
from tests.integration.server.scene import Scene, make_scene, scored

from podium.server.accounts.people import Person, person_of
from podium.server.leaderboards.models import Column, Leaderboard
from podium.server.submissions.queries.detail import submission_detail
from podium.server.submissions.queries.listing import own_submissions

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """A competition whose fourth column is the mean of accuracy and f1."""
    made = make_scene()
    board = Leaderboard.objects.get(competition=made.competition, index=0)
    Column.objects.create(
        leaderboard=board,
        index=3,
        key="overall",
        title="Overall",
        sorting="desc",
        computation="avg",
        computation_indexes=[0, 1],
    )
    return made


def participant(scene: Scene) -> Person:
    found = person_of(scene.people["participant"])
    assert found is not None
    return found


def test_the_list_and_the_page_show_the_computed_value_last(scene: Scene) -> None:
    row = scored(scene, scene.people["participant"], {"accuracy": 0.5, "f1": 0.75, "overall": 9.0})
    # (0.5 + 0.75) / 2; the 9 that the program sent for a computed column does not count.
    expected = [("accuracy", 0.5), ("f1", 0.75), ("overall", 0.625)]
    assert list(own_submissions(participant(scene))[0].scores) == expected
    (part,) = submission_detail(participant(scene), row.pk).parts
    assert [(score.key, score.value) for score in part.scores] == expected


def test_without_all_its_operands_there_is_no_computed_value(scene: Scene) -> None:
    scored(scene, scene.people["participant"], {"accuracy": 0.5})
    assert own_submissions(participant(scene))[0].scores == (("accuracy", 0.5),)


def test_a_hidden_computed_column_stays_hidden_from_participants(scene: Scene) -> None:
    Column.objects.filter(key="overall").update(hidden=True)
    row = scored(scene, scene.people["participant"], {"accuracy": 0.5, "f1": 0.75})
    assert "overall" not in dict(own_submissions(participant(scene))[0].scores)
    (part,) = submission_detail(participant(scene), row.pk).parts
    assert [score.key for score in part.scores] == ["accuracy", "f1"]
    organizer = person_of(scene.people["organizer"])
    (part,) = submission_detail(organizer, row.pk).parts
    assert [score.key for score in part.scores] == ["accuracy", "f1", "overall"]
