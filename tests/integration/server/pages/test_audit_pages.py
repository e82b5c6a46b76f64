"""The audit page, a participant's timeline, and the feed of public changes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.test import Client
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow

from podium.rules.board.marks import Mark
from podium.rules.event_payloads import PAYLOADS
from podium.rules.history import EventKind
from podium.rules.proof import verify_lines
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.services import register, unpublish
from podium.server.history.proving import head_of_competition
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.pages.sentences import kinds
from podium.server.submissions.services.board import add_to_board

_ATOM = "{http://www.w3.org/2005/Atom}"
# Those of the site's own chain, and of model boards.
_ELSEWHERE = ("user-", "token-", "worker-", "queue-", "dataset-", "result-", "predictions-", "references-", "baseline-")


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def sent(flow: Flow) -> int:
    made = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, made)
    main = Leaderboard.objects.get(competition_id=flow.competition_id)
    mark_entry(flow.otto, main.pk, made, Mark.BASELINE, "A <b>test</b>.")
    return made


def page(person: Person, flow: Flow, rest: str = "history/") -> str:
    answer = client_of(person).get(f"/competitions/{flow.competition_id}/{rest}")
    assert answer.status_code == 200
    return str(answer.text)


def test_organizers_read_everything_in_sentences(flow: Flow, sent: int) -> None:
    text = page(flow.otto, flow)
    for said in (
        "Otto made the competition from a bundle.",
        "<h1>Count the sheep</h1>",
        f"Anna sent submission {sent} to Practice, number 1.",
        f"Submission {sent} of anna got its scores: accuracy 0.5, seconds 2.0.",
        f"Otto made submission {sent} of anna a baseline on Results. Reason: A &lt;b&gt;test&lt;/b&gt;.",
        "The phase Practice was added.",
        str(head_of_competition(flow.competition_id)),
    ):
        assert said in text


@pytest.mark.parametrize(
    ("query", "there", "missing"),
    [
        ("kind=scores-accepted", "got its scores", "asked to take part"),
        ("person=anna", "asked to take part", "The phase Practice was added"),
        ("person=nobody", "No event fits", "asked to take part"),
        ("since=2031-01-01", "No event fits", "got its scores"),
        ("until=2029-01-01", "No event fits", "got its scores"),
        ("since=2030-01-10&until=2030-01-10", "got its scores", "No event fits"),
        ("since=yesterday&submission=x&before=-1", "got its scores", "No event fits"),
    ],
)
def test_filters_stand_in_the_address(flow: Flow, sent: int, query: str, there: str, missing: str) -> None:
    text = page(flow.otto, flow, f"history/?{query}")
    assert there in text
    assert missing not in text


def test_only_events_of_the_submission_and_pages_by_the_last_event(flow: Flow, sent: int) -> None:
    other = flow.scored({"accuracy": 0.25})
    text = page(flow.otto, flow, f"history/?submission={other}")
    assert f"ubmission {other} of anna" in text
    assert f"ubmission {sent} " not in text
    for number in range(60):
        register(make_person(f"person-{number}"), flow.competition_id, accepts_terms=True)
    first = page(flow.otto, flow, "history/?kind=participant-requested")
    assert ("person-59" in first.lower(), "person-9 " in first.lower()) == (True, False)
    older = first.split('href="?kind=participant-requested&amp;before=')[1].split('"')[0]
    second = page(flow.otto, flow, f"history/?kind=participant-requested&before={older}")
    assert ("person-59" in second.lower(), "person-9 " in second.lower(), "anna" in second.lower()) == (
        False,
        True,
        True,
    )


def test_the_download_proves_itself(flow: Flow, sent: int) -> None:
    answer = client_of(flow.otto).get(f"/competitions/{flow.competition_id}/history/export/")
    found = verify_lines(answer.getvalue().decode().splitlines())
    assert (found.misfit, found.head) == (None, head_of_competition(flow.competition_id))


def test_a_participant_reads_only_what_is_their_own_and_no_hidden_number(flow: Flow, sent: int) -> None:
    bea = make_person("bea")
    register(bea, flow.competition_id, accepts_terms=True)
    hers = flow.scored({"accuracy": 0.75}, by=bea)
    text = page(flow.anna, flow, "timeline/")
    assert f"Submission {sent} of anna got its scores." in text
    assert "An organizer made submission" in text
    assert "Reason: A &lt;b&gt;test&lt;/b&gt;." in text
    assert f"ubmission {hers}" not in text
    assert "The phase" not in text
    Leaderboard.objects.update(hidden=True)
    assert "Results" not in page(flow.anna, flow, "timeline/").split("<table")[1]


def test_the_feed_tells_everybody_what_everybody_may_see(flow: Flow, sent: int) -> None:
    shown = flow.scored({"accuracy": 0.75})
    main = Leaderboard.objects.get(competition_id=flow.competition_id)
    add_to_board(flow.anna, shown)

    def titles() -> list[str]:
        answer = Client().get(f"/competitions/{flow.competition_id}/changes.atom")
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        tree = ET.fromstring(answer.content)
        return [entry.findtext(f"{_ATOM}title") or "" for entry in tree.iter(f"{_ATOM}entry")]

    assert f"Submission {shown} of anna came to Results, Practice." in titles()
    assert not any("baseline" in title or "scores:" in title or "sent" in title for title in titles())
    assert "The competition was published." in titles()
    mark_entry(flow.otto, main.pk, shown, Mark.HIDDEN, "Cheated.")
    assert not any(f"ubmission {shown}" in title for title in titles())
    Leaderboard.objects.update(hidden=True)
    assert not any("Results" in title for title in titles())


def test_pages_of_a_published_competition_name_the_feed(flow: Flow) -> None:
    url = f"/competitions/{flow.competition_id}/changes.atom"
    link = f'<link rel="alternate" type="application/atom+xml" title="Changes" href="{url}">'
    for rest in ("", "phases/", "results/"):
        answer = Client().get(f"/competitions/{flow.competition_id}/{rest}")
        assert link in answer.text.split("<body>")[0]
    assert f'href="{url}" type="application/atom+xml">Changes (Atom)</a>' in page(flow.anna, flow, "")
    unpublish(flow.otto, flow.competition_id)
    assert "changes.atom" not in page(flow.otto, flow, "")


def test_every_kind_has_a_schema_and_every_kind_of_a_competition_a_sentence() -> None:
    assert set(PAYLOADS) == set(EventKind)
    assert {kind for kind, _ in kinds()} == {str(kind) for kind in EventKind if not kind.startswith(_ELSEWHERE)}
