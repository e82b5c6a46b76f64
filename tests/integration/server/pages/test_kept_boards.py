"""The part of a board that is kept for the next reader: whatever it shows, and whoever may see it, changes at once."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.server import scene as scenes
from tests.integration.server.scene import Scene

from podium.rules.board.marks import Mark
from podium.server import clock
from podium.server.accounts.people import Person, person_of
from podium.server.charts.models import Chart
from podium.server.competitions.models import Competition, Phase
from podium.server.competitions.services.publishing import remove_collaborator, unpublish
from podium.server.files.services import complete_upload, open_ticket, store
from podium.server.leaderboards.models import Column, Leaderboard
from podium.server.leaderboards.queries import stamp_of_phase
from podium.server.leaderboards.services.marks import mark_entry, unmark_entry
from podium.server.leaderboards.services.versions import new_versions
from podium.server.pages import kept_boards
from podium.server.pages.views import results
from podium.server.submissions.models import Attempt, RunFile
from podium.server.submissions.services.board import remove_from_board
from podium.server.submissions.services.sharing import set_public

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    made = scenes.make_scene()
    for name, accuracy in (("anna", 0.9), ("bert", 0.8)):
        made.people[name] = scenes.make_person(name)
        scenes.join(made.competition, made.people[name])
        scenes.scored(made, made.people[name], {"accuracy": accuracy}, on_board=True)
    return made


@pytest.fixture
def made() -> Iterator[mock.Mock]:
    """Counts how often the part is made."""
    with mock.patch.object(results, "_part", wraps=results._part) as part:
        yield part


def _read(scene: Scene, who: str | None = None, query: str = "", status: int = 200) -> str:
    client = Client()
    if who is not None:
        client.force_login(scene.people[who])
    address = f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/{query}"
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == status
    return answer.content.decode()


def _person(scene: Scene, name: str) -> Person:
    person = person_of(scene.people[name])
    assert person is not None
    return person


def _entry_of(scene: Scene, name: str) -> tuple[int, int]:
    """The board, and the submission of somebody that stands there."""
    entry = scene.competition.leaderboards.get().entries.get(owner__username=name)
    return entry.leaderboard_id, entry.submission_id


def test_what_many_open_pages_fetch_is_made_once(scene: Scene, made: mock.Mock) -> None:
    first = _read(scene)
    assert "anna" in first
    assert [_read(scene) for _ in range(3)] == [first] * 3
    # Somebody who has no row there sees the same.
    assert _read(scene, "user") == first
    assert made.call_count == 1
    # Another address is another part.
    assert _read(scene, query="?sort=score.accuracy") != first
    assert made.call_count == 2


def test_the_whole_page_holds_the_part_that_is_kept(scene: Scene, made: mock.Mock) -> None:
    part = _read(scene)
    page = Client().get(f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/").content.decode()
    assert part.strip() in page
    assert made.call_count == 1


def test_everybody_has_their_own_row_marked(scene: Scene) -> None:
    visitor = _read(scene)
    anna, bert = _read(scene, "anna"), _read(scene, "bert")
    assert "you</span>" not in visitor
    for own, name in ((anna, "anna"), (bert, "bert")):
        assert own.count("you</span>") == 1
        assert f'>{name}</a><span class="you">' in own
    assert _read(scene) == visitor


def test_another_score_is_there_at_once(scene: Scene) -> None:
    assert "0.950" not in _read(scene)
    scenes.scored(scene, scene.people["bert"], {"accuracy": 0.95}, on_board=True)
    assert "0.950" in _read(scene)
    assert "0.950" in _read(scene, "anna")


def test_what_leaves_the_board_is_gone_at_once(scene: Scene) -> None:
    assert "bert" in _read(scene)
    _, submission = _entry_of(scene, "bert")
    remove_from_board(_person(scene, "bert"), submission)
    assert "bert" not in _read(scene)


def test_a_submission_that_stands_nowhere_counts_at_once(scene: Scene) -> None:
    assert ">one of 1<" in _read(scene)
    scenes.scored(scene, scene.people["anna"], {"accuracy": 0.1}, on_board=False)
    # The scene writes rows; what ends for real is an event.
    with transaction.atomic():
        new_versions(scene.competition.pk)
    assert ">one of 2<" in _read(scene)


def test_a_hidden_entry_is_hidden_at_once_and_shown_to_those_who_may(scene: Scene) -> None:
    assert "anna" in _read(scene)
    board, submission = _entry_of(scene, "anna")
    organizer = _person(scene, "organizer")
    assert "anna" in _read(scene, "organizer")
    mark_entry(organizer, board, submission, Mark.HIDDEN, "a second account")
    assert "anna" not in _read(scene)
    assert "a second account" in _read(scene, "organizer")
    # What the organizer saw is not what others get.
    assert "anna" not in _read(scene)
    unmark_entry(organizer, board, submission)
    assert "anna" in _read(scene)


def test_a_hidden_column_is_hidden_from_others_whoever_looks_first(scene: Scene) -> None:
    Column.objects.filter(leaderboard__competition=scene.competition, key="f1").update(hidden=True)
    new_versions(scene.competition.pk)
    assert "score.f1" in _read(scene, "organizer")
    assert "score.f1" not in _read(scene)
    assert "score.f1" in _read(scene, "organizer")


def test_a_hidden_board_is_closed_at_once(scene: Scene) -> None:
    assert "anna" in _read(scene)
    # Whatever is kept: the rows themselves say whether a board is hidden.
    Leaderboard.objects.filter(competition=scene.competition).update(hidden=True)
    for who in ("user", "participant"):
        assert "anna" not in _read(scene, who, status=403)
    # A visitor is sent to sign in.
    assert _read(scene) == ""
    assert "anna" in _read(scene, "organizer")


def test_an_unpublished_competition_is_closed_at_once(scene: Scene) -> None:
    assert "anna" in _read(scene)
    unpublish(_person(scene, "organizer"), scene.competition.pk)
    for who in (None, "user", "participant"):
        assert "anna" not in _read(scene, who, status=404)
    assert "anna" in _read(scene, "organizer")


def test_a_right_that_was_taken_away_is_gone_at_once(scene: Scene) -> None:
    board, submission = _entry_of(scene, "anna")
    mark_entry(_person(scene, "organizer"), board, submission, Mark.HIDDEN, "a second account")
    assert "a second account" in _read(scene, "collaborator")
    remove_collaborator(_person(scene, "organizer"), scene.competition.pk, scene.people["collaborator"].pk)
    assert "a second account" not in _read(scene, "collaborator")


def test_a_file_that_is_made_public_or_private_again_is_so_at_once(scene: Scene) -> None:
    Competition.objects.filter(pk=scene.competition.pk).update(can_participants_make_submissions_public=True)
    _, submission = _entry_of(scene, "anna")
    address = f"/submissions/{submission}/files/{submission}/data/"
    assert address not in _read(scene)
    set_public(_person(scene, "anna"), submission, True)
    assert address in _read(scene)
    set_public(_person(scene, "anna"), submission, False)
    assert address not in _read(scene)


def test_a_chart_that_was_drawn_is_there_at_once(scene: Scene) -> None:
    assert "<figure" not in _read(scene)
    board = scene.competition.leaderboards.get()
    facts = {"head": ["Day", "Entries"], "rows": [["1 Jan", "2"]]}
    fields = {
        "leaderboard": board,
        "phase": scene.phase,
        "column_key": "accuracy",
        "facts": facts,
        "light": "",
        "dark": "",
    }
    stamp = stamp_of_phase(scene.phase.pk)
    chart = Chart.objects.create(
        kind="time", digest="1" * 64, stamp=stamp, title="T", description="D", drawn_at=clock.now(), **fields
    )
    assert "1" * 16 in _read(scene)
    Chart.objects.filter(pk=chart.pk).update(digest="2" * 64)
    assert "2" * 16 in _read(scene)


def test_detailed_results_are_there_at_once_and_a_board_that_leads_to_them_is_kept(
    scene: Scene, made: mock.Mock
) -> None:
    """Their files arrive without an event."""
    shown = {"enable_detailed_results": True, "show_detailed_results_in_leaderboard": True}
    Competition.objects.filter(pk=scene.competition.pk).update(**shown)
    first = _read(scene)
    assert _read(scene) == first
    assert "detailed-results" not in first
    assert made.call_count == 1
    links = []
    for number, name in enumerate(("anna", "bert"), start=2):
        _, submission = _entry_of(scene, name)
        ticket = open_ticket(1 << 20)
        complete_upload(ticket.pk, store().put_stream([b"<p>fine</p>"], max_bytes=1 << 20))
        attempt = Attempt.objects.get(run__submission=submission)
        RunFile.objects.update_or_create(attempt=attempt, kind="detailed_results", defaults={"ticket": ticket})
        links.append(f"/submissions/{submission}/detailed-results/")
        for _ in range(2):
            page = _read(scene)
            assert [link in page for link in links] == [True] * len(links)
        assert made.call_count == number
    # Neither file is shown any more; the board without them is kept beside the other one.
    Phase.objects.filter(pk=scene.phase.pk).update(hide_score_output=True)
    for _ in range(2):
        assert "detailed-results" not in _read(scene)
    assert made.call_count == 4
    RunFile.objects.filter(kind="detailed_results").delete()
    Phase.objects.filter(pk=scene.phase.pk).update(hide_score_output=False)
    assert _read(scene) == first
    assert made.call_count == 4


def test_what_is_kept_has_an_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_boards.KeptAnswers(20_000)
    monkeypatch.setattr(kept_boards, "_kept", kept)
    for number in range(1, 30):
        _read(scene, query=f"?sort=score.accuracy&columns=score.accuracy&page={number}")
        assert kept.size_bytes <= 20_000
    assert kept.size_bytes > 0


def test_a_part_that_is_kept_costs_no_query_for_its_rows(scene: Scene) -> None:
    _read(scene)
    with CaptureQueriesContext(connection) as asked:
        _read(scene)
    tables = " ".join(each["sql"] for each in asked)
    assert '"leaderboards_entry"' not in tables
    assert '"submissions_submission"' not in tables
    # Standing, title, phases, participants; standing, boards; event, version; plan (3), standing; charts (3).
    assert len(asked) <= 15
