"""The board editor, and the page that corrects a submission, as organizers use them without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.scene import Scene, scored

from podium.server.accounts.models import User
from podium.server.leaderboards.models import Column, Entry, EntryMark, Leaderboard
from podium.server.submissions.models import Score, Submission
from podium.server.updates import board_previews

As = Callable[[str | None], Client]

pytestmark = pytest.mark.django_db


class Fields(HTMLParser):
    """What a browser would send of the form that has a field of this name."""

    def __init__(self, html: str, named: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._select: str | None = None
        self.feed(html)
        self.sent = next(form for form in self.forms if named in form)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        name = held.get("name") or ""
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in held:
            self.forms[-1][self._select] = held.get("value") or ""
        elif tag == "input" and name and self.forms:
            ticks = held.get("type") in ("checkbox", "radio")
            if not ticks or "checked" in held:
                self.forms[-1][name] = held.get("value") or ("on" if ticks else "")


@pytest.fixture
def long_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one submission takes a job."""
    monkeypatch.setattr(board_previews, "MOST_AT_ONCE", 1)


def editor(scene: Scene) -> str:
    return f"/competitions/{scene.competition.pk}/leaderboards/{Leaderboard.objects.get().pk}/edit/"


def test_a_change_is_seen_confirmed_and_made(scene: Scene, as_: As) -> None:
    browser = as_("organizer")
    people = scene.people
    slow = scored(scene, people["participant"], {"accuracy": 0.9, "f1": 0.9, "duration": 9.0}, on_board=True)
    quick = scored(scene, people["collaborator"], {"accuracy": 0.1, "f1": 0.1, "duration": 1.0}, on_board=True)
    page = browser.get(f"/competitions/{scene.competition.pk}/results/").content.decode()
    assert editor(scene) in page
    sent = Fields(browser.get(editor(scene)).content.decode(), "edition").sent
    assert (sent["key-0"], sent["primary"], sent["sorting-2"], sent["rows"]) == ("accuracy", "0", "asc", "6")
    sent |= {"primary": "2", "title-0": "Exactness", "place-2": "1", "place-0": "3"}
    sent |= {"key-3": "both", "title-3": "Both", "computation-3": "avg", "from-3": "accuracy, f1"}
    preview = browser.post(editor(scene), sent)
    html = preview.content.decode()
    assert preview.status_code == 200
    assert "2 rows move." in html
    assert "title: &quot;Accuracy&quot; -&gt; &quot;Exactness&quot;" in html
    begun = browser.post(editor(scene), Fields(html, "proposal").sent)
    assert begun.status_code == 302
    waiting = browser.get(begun["Location"]).content.decode()
    assert "Until it is done, the leaderboard is as it was." in waiting
    assert browser.get(begun["Location"], headers={"HX-Request": "true"}).status_code == 204
    do_jobs()
    assert "is as you wanted it" in browser.get(begun["Location"]).content.decode()
    order = list(Entry.objects.order_by("rank_key").values_list("submission_id", flat=True))
    assert order == [quick.pk, slow.pk]
    keys = list(Column.objects.order_by("index").values_list("key", flat=True))
    assert keys == ["duration", "f1", "accuracy", "both"]
    # The mean of 0.9 and 0.9.
    assert Entry.objects.get(submission_id=slow.pk).values["both"] == pytest.approx(0.9)


def test_what_does_not_do_is_said_above_the_form_as_it_was_sent(scene: Scene, as_: As) -> None:
    browser = as_("organizer")
    scored(scene, scene.people["participant"], {"accuracy": 0.9, "f1": 0.9, "duration": 9.0}, on_board=True)
    sent = Fields(browser.get(editor(scene)).content.decode(), "edition").sent
    for wrong, said in (
        ({"remove-1": "on"}, "has scores of 1 submission, and would not be there any more"),
        ({"precision-0": "many"}, "which is no whole number"),
        ({"title": " "}, "is empty"),
        ({"rows": "10000"}, "This form cannot be read"),
        ({"rows": ""}, "which is no whole number"),
        ({"sorting-0": "sideways"}, "This form cannot be read"),
        ({"key-3": "f1", "title-3": "Again"}, "Two columns have the key"),
        ({"edition": "made up"}, "is not known here"),
        ({"from-0": '"unclosed, f1'}, "names columns to compute from"),
    ):
        answer = browser.post(editor(scene), sent | {"title-2": "My own words"} | wrong)
        assert answer.status_code == 400, wrong
        html = answer.content.decode()
        assert said in html, wrong
        assert ("rows" not in wrong and ("My own words" in html)) or "rows" in wrong
        assert 'name="proposal"' not in html
    assert set(Column.objects.values_list("title", flat=True)) == {"Accuracy", "F1", "Duration, s"}


def test_the_second_editor_learns_of_the_first(scene: Scene, as_: As) -> None:
    one, two = as_("organizer"), as_("collaborator")
    sent = [Fields(each.get(editor(scene)).content.decode(), "edition").sent for each in (one, two)]
    html = one.post(editor(scene), sent[0] | {"title": "First"}).content.decode()
    one.post(editor(scene), Fields(html, "proposal").sent)
    do_jobs()
    late = two.post(editor(scene), sent[1] | {"title": "Second"})
    assert late.status_code == 409
    assert "Somebody has changed this leaderboard meanwhile" in late.content.decode()
    assert Leaderboard.objects.get().title == "First"


def test_leaderboards_are_added_reordered_and_removed(scene: Scene, as_: As) -> None:
    browser, main = as_("organizer"), Leaderboard.objects.get()
    address = f"/competitions/{scene.competition.pk}/leaderboards/edit/"
    assert address in browser.get(editor(scene)).content.decode()
    sent = Fields(browser.get(address).content.decode(), "edition").sent
    assert (sent[f"place-{main.pk}"], sent["new-place"], sent["new-hidden"]) == ("1", "2", "on")
    preview = browser.post(address, sent | {"new-title": "Speed", "new-like": str(main.pk), "new-place": "1"})
    html = preview.content.decode()
    assert "Leaderboard “Speed”: added" in html
    assert "Clients of Codabench see &quot;Speed&quot; instead of &quot;Results&quot;." in html
    assert not Leaderboard.objects.filter(title="Speed").exists()
    begun = browser.post(address, Fields(html, "proposal").sent)
    assert "the leaderboards are as they were" in browser.get(begun["Location"]).content.decode()
    do_jobs()
    ended = browser.get(begun["Location"]).content.decode()
    assert "The leaderboards are changed" in ended
    assert address in ended
    speed = Leaderboard.objects.get(title="Speed")
    assert (speed.index, speed.hidden) == (0, True)
    results = f"/competitions/{scene.competition.pk}/results/"
    assert "Speed (hidden)" in browser.get(results).content.decode()
    assert "Speed" not in as_("participant").get(results).content.decode()
    sent = Fields(browser.get(address).content.decode(), "edition").sent
    down = browser.post(address, sent | {f"place-{speed.pk}": "2"}).content.decode()
    assert "Order: &quot;Speed&quot;, &quot;Results&quot; -&gt; &quot;Results&quot;, &quot;Speed&quot;" in down
    up = browser.post(address, sent | {f"place-{main.pk}": "1"}).content.decode()
    assert "Order: &quot;Speed&quot;, &quot;Results&quot; -&gt; &quot;Results&quot;, &quot;Speed&quot;" in up
    html = browser.post(address, sent | {f"remove-{speed.pk}": "on"}).content.decode()
    assert "Leaderboard “Speed”: removed" in html
    browser.post(address, Fields(html, "proposal").sent)
    do_jobs()
    assert list(Leaderboard.objects.values_list("pk", "index")) == [(main.pk, 0)]


def test_what_does_not_do_in_the_list_is_said_above_it(scene: Scene, as_: As) -> None:
    browser, main = as_("organizer"), Leaderboard.objects.get()
    address = f"/competitions/{scene.competition.pk}/leaderboards/edit/"
    scored(scene, scene.people["participant"], {"accuracy": 0.9, "f1": 0.9, "duration": 9.0}, on_board=True)
    sent = Fields(browser.get(address).content.decode(), "edition").sent
    for wrong, status, said in (
        ({f"place-{main.pk}": "first"}, 400, "which is no whole number"),
        ({f"remove-{main.pk}": "on"}, 400, "The competition would have no leaderboard."),
        ({"new-title": "results", "new-like": str(main.pk)}, 400, "Another leaderboard has the title"),
        ({"new-title": "x" * 129, "new-like": str(main.pk)}, 400, "at most 128 are possible"),
        ({"new-title": "Own", "new-like": "0"}, 400, "none of this competition"),
        ({"new-title": "Own", "new-like": "here"}, 400, "which is no whole number"),
        ({"new-title": "Own", "new-like": str(main.pk), f"remove-{main.pk}": "on"}, 400, "has 1 row, and would not"),
        ({"edition": "made up"}, 400, "is not known here"),
    ):
        answer = browser.post(address, sent | wrong)
        html = answer.content.decode()
        assert (answer.status_code, said in html) == (status, True), (wrong, html)
        assert 'name="proposal"' not in html
        if title := wrong.get("new-title"):
            assert f'value="{title}"' in html
    assert browser.post(address, {"proposal": "made up"}).status_code == 400
    assert "Nothing changes" in browser.post(address, sent).content.decode()
    assert Leaderboard.objects.count() == 1


def test_scores_are_corrected_and_the_board_follows(scene: Scene, as_: As) -> None:
    browser = as_("organizer")
    row = scored(scene, scene.people["participant"], {"accuracy": 0.9, "f1": 0.8, "duration": 9.0}, on_board=True)
    address = f"/submissions/{row.pk}/correct/"
    assert address in browser.get(f"/submissions/{row.pk}/").content.decode()
    assert address not in as_("participant").get(f"/submissions/{row.pk}/").content.decode()
    sent = Fields(browser.get(address).content.decode(), "score-0").sent
    assert (sent["score-0"], sent["score-2"]) == ("0.9", "9.0")
    wish = sent | {"do": f"scores:{row.pk}", "score-0": "0.25", "score-2": ""}
    assert browser.post(address, wish).status_code == 400
    for wrong in ("much", "nan", "1e999"):
        refused = browser.post(address, wish | {"score-0": wrong, "reason": "Why."})
        assert refused.status_code == 400
        assert f'value="{wrong}"' in refused.content.decode()
    assert browser.post(address, wish | {"reason": "A wrong label."}).status_code == 302
    living = dict(Score.objects.filter(superseded_at=None).values_list("column_key", "value"))
    assert living == {"accuracy": 0.25, "f1": 0.8}
    assert Entry.objects.get().values == {"accuracy": 0.25, "f1": 0.8, "duration": None}


def test_an_entry_is_hidden_and_its_owner_learns_why(scene: Scene, as_: As) -> None:
    browser, owner = as_("organizer"), as_("participant")
    row = scored(scene, scene.people["participant"], {"accuracy": 0.9, "f1": 0.8, "duration": 9.0}, on_board=True)
    address, board = f"/submissions/{row.pk}/correct/", Leaderboard.objects.get().pk
    results = f"/competitions/{scene.competition.pk}/results/"
    assert browser.post(address, {"do": f"hidden:{board}", "reason": ""}).status_code == 400
    assert browser.post(address, {"do": f"hidden:{board}", "reason": "Trained on <the> test"}).status_code == 302
    assert EntryMark.objects.get().reason == "Trained on <the> test"
    assert "Trained on &lt;the&gt; test" in owner.get(f"/submissions/{row.pk}/").content.decode()
    table = f'data-key="{row.pk}"'
    assert table not in owner.get(results).content.decode()
    assert table in browser.get(results).content.decode()
    assert browser.post(address, {"do": f"show:{board}"}).status_code == 302
    assert table in owner.get(results).content.decode()
    assert browser.post(address, {"do": f"baseline:{board}"}).status_code == 302
    assert "baseline" in owner.get(results).content.decode().lower()
    assert not Submission.objects.filter(on_board=False).exists()


@pytest.mark.parametrize("wish", ["", "made:1", "scores:x", "scores:999", "show:", "hidden:99999999999999999999999"])
def test_a_button_that_does_not_exist_does_nothing(scene: Scene, as_: As, wish: str) -> None:
    row = scored(scene, scene.people["participant"], {"accuracy": 0.9, "f1": 0.8, "duration": 9.0}, on_board=True)
    answer = as_("organizer").post(f"/submissions/{row.pk}/correct/", {"do": wish, "reason": "Why."})
    assert answer.status_code in (400, 404)
    assert not EntryMark.objects.exists()


def rank_by_duration(scene: Scene, browser: Client) -> tuple[dict[str, str], HttpResponse]:
    """What an organizer sends of a board with two rows, and the answer."""
    people = scene.people
    scored(scene, people["participant"], {"accuracy": 0.9, "f1": 0.9, "duration": 9.0}, on_board=True)
    scored(scene, people["collaborator"], {"accuracy": 0.1, "f1": 0.1, "duration": 1.0}, on_board=True)
    sent = Fields(browser.get(editor(scene)).content.decode(), "edition").sent | {"primary": "2"}
    return sent, browser.post(editor(scene), sent)


@pytest.mark.usefixtures("long_preview")
def test_a_preview_of_many_submissions_is_made_by_a_job_and_says_the_same(
    scene: Scene, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = as_("organizer")
    sent, begun = rank_by_duration(scene, browser)
    assert begun.status_code == 302
    address = begun["Location"]
    waiting = browser.get(address).content.decode()
    assert "Finding out what would change" in waiting
    # Without scripts the page asks again by itself.
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting
    assert 'hx-trigger="every 1s"' in browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert do_jobs() == 1
    done = browser.get(address).content.decode()
    assert "2 rows move." in done
    assert "refresh" not in done
    part = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="board-preview">')
    assert "2 rows move." in part
    # What was wished can be edited further, and is what is applied.
    assert Fields(done, "edition").sent["primary"] == "2"
    monkeypatch.setattr(board_previews, "MOST_AT_ONCE", 2)
    at_once = browser.post(editor(scene), sent).content.decode()
    assert re.findall(r"<tbody>.*?</tbody>", part)[0] == re.findall(r"<tbody>.*?</tbody>", at_once)[0]
    applied = browser.post(editor(scene), Fields(done, "proposal").sent)
    assert do_jobs() == 1
    assert "is as you wanted it" in browser.get(applied["Location"]).content.decode()
    assert Leaderboard.objects.get().primary_index == 2


@pytest.mark.usefixtures("long_preview")
def test_a_preview_by_a_job_says_what_is_wrong_and_keeps_what_was_written(scene: Scene, as_: As) -> None:
    browser = as_("organizer")
    sent, _ = rank_by_duration(scene, browser)
    refused = browser.post(editor(scene), sent | {"title-0": ""})
    assert refused.status_code == 400
    begun = browser.post(editor(scene), sent | {"remove-1": "on", "title": "Others"})
    do_jobs()
    page = browser.get(begun["Location"]).content.decode()
    assert "has scores of" in page
    assert "This would change" not in page
    assert 'value="Others"' in page


@pytest.mark.usefixtures("long_preview")
def test_a_preview_of_what_was_changed_meanwhile_says_so(scene: Scene, as_: As) -> None:
    browser = as_("organizer")
    _, begun = rank_by_duration(scene, browser)
    Leaderboard.objects.update(title="Another")
    do_jobs()
    assert "Somebody has changed this leaderboard meanwhile" in browser.get(begun["Location"]).content.decode()


@pytest.mark.usefixtures("long_preview")
def test_only_the_newest_preview_of_a_person_is_made_and_it_names_people_as_they_are_called_now(
    scene: Scene, as_: As
) -> None:
    browser = as_("organizer")
    sent, first = rank_by_duration(scene, browser)
    second = browser.post(editor(scene), sent | {"title": "Others"})
    assert browser.get(first["Location"]).status_code == 404
    assert do_jobs() == 1
    User.objects.filter(pk=scene.people["participant"].pk).update(display_name="Quincy")
    page = browser.get(second["Location"]).content.decode()
    assert "Quincy" in page
    assert as_("admin").get(second["Location"]).status_code == 404
    Leaderboard.objects.get().delete()
    assert browser.get(second["Location"]).status_code == 404
