"""What a board costs: the queries of its hot paths, however long it is and however much its people have sent.

They are counted, not timed: nearly all of the time of a short query is Django's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.server import scene as scenes
from tests.integration.server.scene import Scene

from podium.rules.board.submission_rules import Happening, SubmissionRule
from podium.server.accounts.models import User
from podium.server.accounts.people import person_of
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries import Asked, BoardPage, contract_json, ready_leaderboard, ready_phase_board
from podium.server.leaderboards.services import hold_board
from podium.server.leaderboards.services.versions import new_version
from podium.server.leaderboards.services.writing import write_entries
from podium.server.submissions.models import Score, Submission
from podium.server.submissions.services.board import refresh_board

pytestmark = pytest.mark.django_db

PAGE = BoardPage(1, 100)


@pytest.fixture
def scene() -> Scene:
    made = scenes.make_scene(rule=SubmissionRule.FORCE_LATEST_MULTIPLE)
    _fill(made, 3)
    return made


def _fill(scene: Scene, number: int) -> None:
    """So many more people, each with an entry."""
    before = len(scene.people)
    for place in range(before, before + number):
        person = scene.people[f"person{place}"] = scenes.make_person(f"person{place}")
        _record(scene, person, place / 100)


def _record(scene: Scene, person: User, accuracy: float = 0.5) -> list[str]:
    """Somebody's next scores, from their rows to the commit of the entry, and what that asks of the database."""
    made = scenes.scored(scene, person, {"accuracy": accuracy, "f1": 0.5, "duration": 1.0})
    submission = Submission.objects.select_related("phase").get(pk=made.pk)
    # The scene has put it there already.
    with transaction.atomic():
        hold_board(scene.phase.pk)
        (entry,) = Entry.objects.filter(submission_id=made.pk)
        write_entries(entry.leaderboard_id, entry.phase_id, removed=[entry.pk])
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        hold_board(scene.phase.pk)
        refresh_board(submission, Happening.SCORED)
    return [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]


def _queries(act: Callable[[], object]) -> list[str]:
    """What is asked of the database, savepoints aside. The first time fills what a process keeps."""
    act()
    with CaptureQueriesContext(connection) as asked:
        act()
    return [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]


def test_a_page_as_json(scene: Scene) -> None:
    def read() -> object:
        return contract_json(scene.phase.pk, None, page=PAGE)

    # The boards of the phase, columns, tasks; standing; how many entries; the entries.
    costs = _queries(read)
    assert len(costs) == 6
    _fill(scene, 4)
    assert len(_queries(read)) == 6
    assert len(_queries(lambda: contract_json(scene.phase.pk, None, page=BoardPage(2, 4)))) == 8


@pytest.mark.parametrize("who", [None, "participant", "organizer"])
def test_a_page_that_is_kept_and_one_that_the_reader_has(scene: Scene, who: str | None) -> None:
    person = None if who is None else person_of(scene.people[who])
    board = scene.competition.leaderboards.get()
    for read, pk, costs in ((ready_phase_board, scene.phase.pk, 2), (ready_leaderboard, board.pk, 3)):
        kept = read(Asked(person, page=PAGE), pk)
        assert kept.content is not None
        # The version of the board, and the standing of the person.
        assert len(_queries(partial(read, Asked(person, page=PAGE), pk))) == costs
        known = Asked(person, page=PAGE, known=kept.etag)
        assert read(known, pk).content is None
        asked = _queries(partial(read, known, pk))
        assert len(asked) == costs
        assert not any('"leaderboards_entry"' in each for each in asked)


def test_the_page_for_people(scene: Scene) -> None:
    board = scene.competition.leaderboards.get()

    def read() -> None:
        new_version(board.pk, scene.phase.pk)
        address = f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/"
        assert Client().get(address).status_code == 200

    costs = _queries(read)
    _fill(scene, 5)
    assert len(_queries(read)) == len(costs)
    assert sum('"leaderboards_entry"' in each for each in costs) == 1
    assert len(costs) <= 28


def test_recording_a_score(scene: Scene) -> None:
    person = scene.people["participant"]
    _record(scene, person)
    first = _record(scene, person)
    for _ in range(10):
        _record(scene, person)
    last = _record(scene, person)
    assert len(last) == len(first)
    assert Score.objects.filter(submission__owner=person).count() >= 13 * 3
    # One entry is written, and none of the others is read in full.
    about_entries = [each for each in last if '"leaderboards_entry"' in each]
    assert [each.split()[0] for each in about_entries] == ["SELECT", "INSERT"]
    assert '"cells"' not in about_entries[0]
    # Without what every event of a competition costs, and waking others.
    own = [each for each in last if "history_" not in each and "NOTIFY" not in each.upper()]
    assert len(own) <= 18
