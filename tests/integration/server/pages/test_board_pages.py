"""Boards as people want to look at them: sorted, searched, some of their columns, their own row."""

from __future__ import annotations

import re
from dataclasses import replace
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
from podium.rules.bundle.board_draft import BoardDraft
from podium.server import clock
from podium.server.accounts.people import person_of
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.leaderboards.queries import orders
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.leaderboards.services.rank_blocks import recount_blocks
from podium.server.leaderboards.services.versions import new_versions
from podium.server.pages.views import results
from podium.server.submissions.models import Submission
from podium.server.updates.board_changes import change_at_once

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


def test_whoever_is_sought_is_found_and_sorted_over_all_pages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever else has such a name without standing there."""
    whole = _rows(_page(scene, "?who=r&sort=score.accuracy"))
    for number in range(5):
        scenes.make_person(f"aaar{number}")
    monkeypatch.setattr(results, "ROWS", 2)
    first, second = (_page(scene, f"?who=r&sort=score.accuracy&page={number}") for number in (1, 2))
    assert _rows(first) + _rows(second) == whole == [("4", "dora"), ("3", "carl"), ("2", "Bert")]


def test_marked_entries_are_found_by_those_who_see_them(scene: Scene) -> None:
    entry = Entry.objects.get(owner__username="dora")
    mark_entry(person_of(scene.people["organizer"]), entry.leaderboard_id, entry.submission_id, Mark.HIDDEN, "Why.")
    assert _rows(_page(scene, "?who=dora", "participant")) == []
    assert [name for _, name in _rows(_page(scene, "?who=dora", "organizer"))] == ["dora"]


@pytest.mark.parametrize("who", ["érik", "ÄRGER", "Érik ä", "STRASSE", "straße"])
def test_names_are_found_whatever_their_capitals(scene: Scene, who: str) -> None:
    named = Entry.objects.get(owner__username="carl").owner
    named.display_name = "Érik Ärger-Straße"
    named.save()
    assert [name for _, name in _rows(_page(scene, "?" + urlencode({"who": who})))] == ["Érik Ärger-Straße"]


@pytest.mark.parametrize("who", ["%", "_", "a%a", "\\"])
def test_no_letter_of_a_name_stands_for_others(scene: Scene, who: str) -> None:
    assert _rows(_page(scene, "?" + urlencode({"who": who}))) == []


def test_a_new_score_shows_at_once_however_the_board_is_looked_at(scene: Scene) -> None:
    query = "?sort=-score.f1&who=r"
    assert _rows(_page(scene, query))[0] == ("2", "Bert")
    person = scenes.make_person("rita")
    scenes.join(scene.competition, person)
    scenes.scored(scene, person, {"accuracy": 0.95, "f1": 0.9}, at=clock.now(), on_board=True)
    assert _rows(_page(scene, query))[:2] == [("1", "rita"), ("3", "Bert")]


def test_while_another_long_board_is_sorted_ranks_are_shown_and_the_page_says_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "_LONG", 3)
    monkeypatch.setattr(orders, "_WAIT_S", 0.0)
    with orders._making:
        page = _page(scene, "?sort=score.accuracy")
    assert _rows(page)[0] == ("1", "anna")
    assert "Another long leaderboard is being sorted at this moment" in page
    # It is not what everybody else is shown from then on.
    assert _rows(_page(scene, "?sort=score.accuracy"))[0] == ("4", "dora")


def test_a_hidden_column_sorts_for_nobody_else(scene: Scene) -> None:
    otto, board = person_of(scene.people["organizer"]), Leaderboard.objects.get().pk

    def hidden(draft: BoardDraft) -> BoardDraft:
        return replace(draft, columns=[replace(each, hidden=each.key == "f1") for each in draft.columns])

    change_at_once(otto, board, hidden)
    assert _rows(_page(scene, "?sort=-score.f1", "user"))[0] == ("1", "anna")
    assert _rows(_page(scene, "?sort=-score.f1", "organizer"))[0] == ("2", "Bert")


def test_the_order_names_the_columns_that_count(scene: Scene) -> None:
    columns = Leaderboard.objects.get(competition=scene.competition).columns
    assert "ranked by Accuracy, then F1, then Duration, s, then" in _page(scene, who="organizer")
    columns.filter(key="f1").update(hidden=True)
    new_versions(scene.competition.pk)
    assert "ranked by Accuracy, then Duration, s, then" in _page(scene, who="organizer")
    columns.filter(key="accuracy").update(hidden=True)
    new_versions(scene.competition.pk)
    assert "ranked by Accuracy, then Duration, s, then" in _page(scene, who="organizer")


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
