"""Boards as people want to look at them: sorted, searched, some of their columns, their own row."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from tests.integration.server import scene as scenes
from tests.integration.server.scene import Scene

from podium.rules.board.marks import Mark
from podium.server import clock
from podium.server.accounts.people import person_of
from podium.server.leaderboards.models import Column as ColumnRow
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.leaderboards.queries import arranged
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.leaderboards.services.rank_blocks import recount_blocks
from podium.server.leaderboards.services.versions import new_versions
from podium.server.pages.views import results
from podium.server.submissions.models import Submission

pytestmark = pytest.mark.django_db

PEOPLE = {
    "anna": {"accuracy": 0.9, "f1": 0.2, "duration": 3.0},
    "Bert": {"accuracy": 0.8, "f1": 0.4},
    "carl": {"accuracy": 0.7, "f1": 0.3, "duration": 1.0},
    "dora": {"accuracy": 0.6, "duration": 2.0},
}


@pytest.fixture
def scene() -> Scene:
    made = scenes.make_scene()
    now = clock.now()
    for days, (name, values) in enumerate(PEOPLE.items()):
        person = scenes.make_person(name)
        made.people[name] = person
        scenes.join(made.competition, person)
        scenes.scored(made, person, values, at=now - timedelta(days=9 - days), on_board=True)
    return made


def _page(scene: Scene, query: str = "", who: str | None = None, **headers: Any) -> str:
    client = Client()
    if who is not None:
        client.force_login(scene.people[who])
    answer = client.get(f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def _rows(page: str) -> list[tuple[str, str]]:
    """(rank, participant) of each row."""
    found = re.findall(r'<td class="n rank">(.*?)</td>\s*<th scope="row"[^>]*>(.*?)</th>', page, re.DOTALL)
    names = [re.sub(r"<span.*?</span>|<a class=.*?</a>|<[^>]+>", "", name).strip() for _, name in found]
    return [(re.sub(r"<[^>]+>", "", rank), unescape(name)) for (rank, _), name in zip(found, names, strict=True)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1anna", "2Bert", "3carl", "4dora"]),
        ("?sort=-score.accuracy", ["1anna", "2Bert", "3carl", "4dora"]),
        ("?sort=score.accuracy", ["4dora", "3carl", "2Bert", "1anna"]),
        # Missing values stand last either way.
        ("?sort=-score.f1", ["2Bert", "3carl", "1anna", "4dora"]),
        ("?sort=score.f1", ["1anna", "3carl", "2Bert", "4dora"]),
        ("?sort=score.duration", ["3carl", "4dora", "1anna", "2Bert"]),
        ("?sort=-participant", ["4dora", "3carl", "2Bert", "1anna"]),
        ("?sort=-submitted", ["4dora", "3carl", "2Bert", "1anna"]),
        # What the board does not have sorts nothing.
        ("?sort=score.nothing", ["1anna", "2Bert", "3carl", "4dora"]),
        ("?sort=%00&who=%00", ["1anna", "2Bert", "3carl", "4dora"]),
        ("?who=AR", ["3carl"]),
        ("?who=r&sort=score.accuracy", ["4dora", "3carl", "2Bert"]),
        ("?who=nobody", []),
    ],
)
def test_rows_are_sorted_and_found_and_keep_their_ranks(scene: Scene, query: str, expected: list[str]) -> None:
    assert [rank + name for rank, name in _rows(_page(scene, query))] == expected


def test_sorting_goes_over_all_pages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "ROWS", 3)
    assert _rows(_page(scene, "?sort=score.accuracy")) == [("4", "dora"), ("3", "carl"), ("2", "Bert")]
    second = _page(scene, "?sort=score.accuracy&page=2")
    assert _rows(second) == [("1", "anna")]
    assert 'href="/competitions/' in second
    assert "?sort=score.accuracy&quot;" not in second
    assert 'rel="next"' not in second


def test_a_long_board_is_not_sorted_and_says_so_but_people_are_found(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arranged, "MOST_ARRANGED", 3)
    page = _page(scene, "?sort=score.accuracy")
    assert _rows(page)[0] == ("1", "anna")
    assert "only boards of up to 3 are sorted here" in page
    assert _rows(_page(scene, "?who=dor")) == [("4", "dora")]


def test_whoever_is_sought_on_a_long_board_is_found_and_sorted_over_all_pages(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a short one, whoever else has such a name without standing there."""
    short = {
        query: _rows(_page(scene, query))
        for query in ("?who=r", "?who=r&sort=score.accuracy", "?who=a&sort=-score.f1", "?who=nobody")
    }
    # Three people at most are looked at; of these none stands on the board.
    for number in range(5):
        scenes.make_person(f"aaar{number}")
    monkeypatch.setattr(arranged, "MOST_ARRANGED", 3)
    for query, rows in short.items():
        assert _rows(_page(scene, query)) == rows, query
    monkeypatch.setattr(results, "ROWS", 2)
    first, second = (_page(scene, f"?who=r&sort=score.accuracy&page={number}") for number in (1, 2))
    assert _rows(first) + _rows(second) == short["?who=r&sort=score.accuracy"]
    monkeypatch.setattr(arranged, "MOST_ARRANGED", 2)
    assert "More people fit than are shown here." in _page(scene, "?who=r")


def test_marked_entries_are_found_on_a_long_board_by_those_who_see_them(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry.objects.get(owner__username="dora")
    mark_entry(person_of(scene.people["organizer"]), entry.leaderboard_id, entry.submission_id, Mark.HIDDEN, "Why.")
    monkeypatch.setattr(arranged, "MOST_ARRANGED", 2)
    assert _rows(_page(scene, "?who=dora", "participant")) == []
    assert [name for _, name in _rows(_page(scene, "?who=dora", "organizer"))] == ["dora"]


def test_names_are_found_whatever_their_capitals(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene_owner = Entry.objects.get(owner__username="carl").owner
    scene_owner.display_name = "Érik Ärger"
    scene_owner.save()
    for most in (5000, 2):
        monkeypatch.setattr(arranged, "MOST_ARRANGED", most)
        for who in ("érik", "ÄRGER", "Érik ä"):
            assert [name for _, name in _rows(_page(scene, "?" + urlencode({"who": who})))] == ["Érik Ärger"], (
                most,
                who,
            )


def test_a_hidden_column_sorts_for_nobody_else(scene: Scene) -> None:
    ColumnRow.objects.filter(key="f1").update(hidden=True)
    assert _rows(_page(scene, "?sort=-score.f1", "user"))[0] == ("1", "anna")
    assert _rows(_page(scene, "?sort=-score.f1", "organizer"))[0] == ("2", "Bert")


def test_only_the_chosen_columns_are_shown_and_the_first_always(scene: Scene) -> None:
    page = _page(scene, "?columns=score.duration,score.nothing")
    heads = re.findall(r"<a [^>]*>([^<]+)</a>[^<]*</th>", page[page.index("<thead>") : page.index("</thead>")])
    assert heads == ["Participant", "Accuracy", "Duration, s", "Submitted"]
    assert "columns=score.duration" in page[page.index("<thead>") :]


def test_the_state_goes_on_in_every_link(scene: Scene) -> None:
    page = _page(scene, "?who=r&columns=score.f1&sort=score.f1")
    link = re.search(r'aria-sort="ascending"><a href="([^"]+)">F1<', page)
    assert link is not None
    assert unescape(link[1]).endswith("?sort=-score.f1&who=r&columns=score.f1")
    news = re.search(r'data-news="([^"]+)"', page)
    assert news is not None
    part = _page(scene, f"?{unescape(news[1]).split('?')[1].split('&seen')[0]}", **{"HX-Request": "true"})
    assert _rows(part) == _rows(page)
    assert "<html" not in part


def test_somebody_elsewhere_on_the_board_finds_their_row(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "ROWS", 2)
    found = re.search(r'<a href="([^"]+)">my place</a>', _page(scene, "?columns=score.f1", "dora"))
    assert found is not None
    assert found[1].endswith("?columns=score.f1&amp;page=2#me")
    there = _page(scene, "?columns=score.f1&page=2", "dora")
    assert 'id="me"' in there
    assert "my place" not in there
    assert "my place" not in _page(scene, "", "organizer")


def test_how_many_submissions_an_entry_was_chosen_from(scene: Scene) -> None:
    scenes.scored(scene, scene.people["anna"], {"accuracy": 0.1})
    scenes.failed(scene, scene.people["anna"])
    page = _page(scene)
    assert page.count(">one of 2<") == 2
    assert page.count(">one of 1<") == 6
    # What ran one task again for a look stands on no board, whatever its scores.
    again = scenes.scored(scene, scene.people["dora"], {"accuracy": 0.99})
    Submission.objects.filter(pk=again.pk).update(is_task_rerun=True)
    Leaderboard.objects.update(submission_rule="Force_Best")
    with transaction.atomic():
        new_versions(scene.competition.pk)
    page = _page(scene)
    assert page.count(">best of 2<") == 2
    assert page.count(">best of 1<") == 6


def test_baselines_stand_between_ranks_and_hidden_entries_are_for_organizers(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = scene.competition.leaderboards.get()
    for name, kind in (("Bert", Mark.BASELINE), ("carl", Mark.HIDDEN)):
        entry = Entry.objects.get(owner__username=name)
        Entry.objects.filter(pk=entry.pk).update(ranked=False)
        EntryMark.objects.create(
            leaderboard=board,
            submission_id=entry.submission_id,
            kind=kind,
            reason="sent twice",
            by=scene.people["organizer"],
            at=clock.now(),
        )
    recount_blocks(board.pk, scene.phase.pk)
    public = _page(scene)
    assert _rows(public) == [("1", "anna"), ("–", "Bert"), ("2", "dora")]
    assert "baseline</span>" in public
    assert "sent twice" not in public
    own = _page(scene, who="organizer")
    assert _rows(own) == [("1", "anna"), ("–", "Bert"), ("–", "carl"), ("2", "dora")]
    assert "sent twice" in own
    assert _rows(_page(scene, "?sort=score.accuracy")) == [("2", "dora"), ("–", "Bert"), ("1", "anna")]
    # Each marked row is on one page alone, wherever the pages end.
    for size in (1, 2, 3):
        monkeypatch.setattr(results, "ROWS", size)
        pages = [_rows(_page(scene, f"?page={page}", "organizer")) for page in range(1, 4)]
        assert [row for rows in pages for row in rows] == _rows(own)


def test_links_to_files_are_there_and_the_one_for_organizers_is_theirs(scene: Scene) -> None:
    assert "/table/tex/" in _page(scene)
    assert "get_csv" not in _page(scene, who="user")
    assert "get_csv" in _page(scene, who="organizer")


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=-1", "?page=99999999999999", "?sort=-", "?columns=,,,", "?sort=task9.x"]
)
def test_an_address_that_makes_no_sense_shows_the_board(scene: Scene, query: str) -> None:
    _page(scene, query)
