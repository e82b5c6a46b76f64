"""Open pages of a board hear of everything that changes it, also of what is no event of the competition."""

from __future__ import annotations

import pytest
from django.db import transaction
from tests.integration.server import scene as scenes
from tests.integration.server.scene import Scene

from podium.server.accounts.credentials import Credential, credential_of
from podium.server.history.models import Event
from podium.server.leaderboards.models import Column, Entry
from podium.server.leaderboards.services import rebuild_stale_boards
from podium.server.leaderboards.services.versions import new_version
from podium.server.submissions.queries.following import (
    Follower,
    Place,
    follow_board,
    place_from,
    place_of,
)
from podium.server.submissions.queries.telling import tell

pytestmark = pytest.mark.django_db
VISITOR: Credential = credential_of("", "")


@pytest.fixture
def scene() -> Scene:
    """A board whose second column is the average rank over the first."""
    made = scenes.make_scene()
    Column.objects.filter(key="f1").update(computation="avg_rank", computation_indexes=[0])
    return made


def _follower(scene: Scene) -> Follower:
    subject = follow_board(None, scene.phase.pk)
    return Follower(1, VISITOR, subject, place_of(subject))


def test_ranks_that_are_made_again_are_told_once(scene: Scene) -> None:
    for name, value in (("anna", 0.5), ("bert", 0.75)):
        person = scenes.make_person(name)
        scenes.join(scene.competition, person)
        scenes.scored(scene, person, {"accuracy": value, "duration": 1.0}, on_board=True)
    follower = _follower(scene)
    assert tell([follower]) == []
    events = Event.objects.count()
    assert rebuild_stale_boards() == 1
    assert Event.objects.count() == events
    assert Entry.objects.get(owner__username="anna").values["f1"] == 2.0
    (told,) = tell([follower])
    assert told.changed
    assert not told.gone
    assert tell([told.follower]) == []


def test_a_board_of_another_phase_is_not_told_of(scene: Scene) -> None:
    follower = _follower(scene)
    with transaction.atomic():
        new_version(scene.competition.leaderboards.get().pk, scene.phases[0].pk)
    assert tell([follower]) == []


def test_a_page_that_comes_back_later_is_told_what_it_missed(scene: Scene) -> None:
    follower = _follower(scene)
    text = str(follower.place)
    board = scene.competition.leaderboards.get().pk
    # Versions are drawn at random, so that a newer one may well be a smaller number.
    for _ in range(8):
        with transaction.atomic():
            new_version(board, scene.phase.pk)
        late = Follower(1, VISITOR, follower.subject, place_from(follower.subject, text))
        (told,) = tell([late])
        assert told.changed
        text = str(told.follower.place)
        assert tell([Follower(1, VISITOR, follower.subject, place_from(follower.subject, text))]) == []


def test_a_place_that_makes_no_sense_counts_as_just_read(scene: Scene) -> None:
    subject = follow_board(None, scene.phase.pk)
    assert place_from(subject, "x-y") == place_of(subject)
    assert place_from(subject, "") == place_of(subject)
    assert isinstance(place_from(subject, f"-{'9' * 40}"), Place)
