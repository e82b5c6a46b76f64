"""The pages on which people find their own history, and organizers everybody's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.integration.server import scene as scenes
from tests.integration.server.scene import Scene

from podium.server.leaderboards.models import Column

As = Callable[[str | None], Client]
CHART = "Accuracy over time, in percent"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(scene: Scene) -> Scene:
    """The participant has sent two, and a rival one."""
    rival = scenes.make_person("rival")
    scenes.join(scene.competition, rival)
    for owner, accuracy in ((scene.people["participant"], 0.25), (rival, 0.9), (scene.people["participant"], 0.5)):
        scenes.scored(scene, owner, {"accuracy": accuracy, "duration": 9.0})
    return scene


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_my_competitions_are_those_i_am_in_and_those_i_run(scene: Scene, as_: As) -> None:
    title = scene.competition.title
    assert title in read(as_("participant"), "/my-work/")
    assert "You run no competition." in read(as_("participant"), "/my-work/running/")
    assert title in read(as_("organizer"), "/my-work/running/")
    assert "You take part in no competition." in read(as_("organizer"), "/my-work/")


@pytest.mark.parametrize("path", ["submit/", "submissions/"])
def test_participants_find_their_own_submissions_and_their_chart_alone(sent: Scene, as_: As, path: str) -> None:
    page = read(as_("participant"), f"/competitions/{sent.competition.pk}/{path}")
    own, rivals, second = sent.submissions[-3:]
    for row, shown in ((own, True), (rivals, False), (second, True)):
        assert (f'href="/submissions/{row.pk}/"' in page) is shown
    assert CHART in page
    assert page.count("<circle") == 2
    assert "rival" not in page
    # Nine seconds are no share.
    assert "Duration, s over time" not in page


def test_organizers_find_everybodys_with_one_chart_of_all(sent: Scene, as_: As) -> None:
    page = read(as_("organizer"), f"/competitions/{sent.competition.pk}/submissions/all/")
    assert CHART in page
    assert page.count("<circle") == 3
    assert "No. 1 by rival" in page


def test_a_hidden_column_has_a_chart_for_organizers_only(sent: Scene, as_: As) -> None:
    Column.objects.filter(key="accuracy").update(hidden=True)
    assert CHART not in read(as_("participant"), f"/competitions/{sent.competition.pk}/submissions/")
    assert CHART in read(as_("organizer"), f"/competitions/{sent.competition.pk}/submissions/all/")


def test_the_table_below_the_form_hears_what_is_new(sent: Scene, as_: As) -> None:
    page = read(as_("participant"), f"/competitions/{sent.competition.pk}/submit/")
    assert f'data-news="/competitions/{sent.competition.pk}/submissions/"' in page
    assert f'data-live="/live/competitions/{sent.competition.pk}/submissions/' in page
