"""The filters of the audit page: what an index finds is what a look at every event would find, page by page."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.server.board_editing import board_id, change, with_column
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import NOON, Flow, SteppedClock

from podium.rules.board.marks import Mark
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Participant, ParticipantStatus
from podium.server.competitions.services import decide, register
from podium.server.history.finding import place_at, span_of
from podium.server.history.models import Event
from podium.server.history.services import ChainName
from podium.server.submissions.models import Submission
from podium.server.submissions.queries import audit
from podium.server.submissions.queries.audit import AuditFilter, audit_page, own_timeline
from podium.server.submissions.services.board import add_to_board, mark_on_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea(flow: Flow, time: SteppedClock) -> Person:
    """Beside anna, who has sent three submissions and is on the board; a board was changed, and bea banned."""
    person = make_person("bea")
    register(person, flow.competition_id, accepts_terms=True)
    for value, by in ((0.1, flow.anna), (0.2, person), (0.3, flow.anna), (0.4, flow.anna)):
        sent = flow.scored({"accuracy": value}, by=by)
        add_to_board(by, sent)
        time.add(days=1)
    mark_on_board(flow.otto, board_id(flow.competition_id), sent, Mark.BASELINE)
    change(flow.otto, board_id(flow.competition_id), with_column("accuracy", title="Share"))
    decide(flow.otto, Participant.objects.get(user=person.id).pk, ParticipantStatus.DENIED)
    return person


def all_events(flow: Flow) -> list[tuple[Event, dict[str, Any]]]:
    rows = Event.objects.filter(chain__kind="competition", chain__subject=flow.competition_id).order_by("-seq")
    return [(row, json.loads(row.payload)) for row in rows]


def pages(flow: Flow, **wanted: Any) -> Iterator[tuple[int, ...]]:
    """The numbers on each page, as the links lead from one to the next."""
    before = 0
    while True:
        page = audit_page(flow.otto, flow.competition_id, AuditFilter(**wanted, before=before))
        yield tuple(event.seq for event in page.events)
        before = page.older
        if not before:
            return


def concerns(person: Person) -> Callable[[Event, dict[str, Any]], bool]:
    own = set(Submission.objects.filter(owner=person.id).values_list("pk", flat=True))

    def check(row: Event, payload: dict[str, Any]) -> bool:
        return person.opaque_id in {row.actor, payload.get("user")} or payload.get("submission") in own

    return check


def test_every_filter_finds_what_a_look_at_all_events_finds(
    flow: Flow, bea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 4)
    monkeypatch.setattr(audit, "_PORTION", 3)
    sent = Submission.objects.filter(owner=flow.anna.id).order_by("pk").values_list("pk", flat=True)[1]
    people = {"": None, "anna": concerns(flow.anna), "BEA": concerns(bea), "otto": concerns(flow.otto)}
    days = {None: NOON, NOON + timedelta(days=2): NOON + timedelta(days=2)}
    for kind, (name, fits), submission, since in itertools.product(
        ("", "scores-accepted", "participant-banned", "board-changed"), people.items(), (0, sent), days
    ):
        until = None if since is None else since + timedelta(days=1)
        wanted = [
            row.seq
            for row, payload in all_events(flow)
            if kind in {"", row.kind}
            and (fits is None or fits(row, payload))
            and submission in {0, payload.get("submission")}
            and (since is None or until is None or since <= row.at < until)
        ]
        found = list(pages(flow, kind=kind, person=name, submission=submission, since=since, until=until))
        assert [seq for page in found for seq in page] == wanted
        assert all(len(page) == 4 for page in found[:-1])


def test_who_and_what_is_unknown_finds_nothing(flow: Flow, bea: Person) -> None:
    for wanted in ({"person": "nobody"}, {"submission": 2**62}, {"kind": "no-kind"}):
        assert list(pages(flow, **wanted)) == [()]


def test_a_page_that_ends_early_says_so_and_leads_on(flow: Flow, bea: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_PORTION", 2)
    monkeypatch.setattr(audit, "_MOST_LOOKED_AT", 4)
    client = Client()
    client.force_login(User.objects.get(pk=flow.otto.id), backend="django.contrib.auth.backends.ModelBackend")
    address = f"/competitions/{flow.competition_id}/history/?person=anna&kind=participant-approved"
    text = client.get(address).text
    assert "4 events were looked at for this page. Older ones may fit, too." in text
    assert "No event fits" not in text
    assert ">Older</a>" in text
    # All the same nothing is lost on the way.
    found = [seq for page in pages(flow, person="anna", kind="participant-approved") for seq in page]
    wanted = [row.seq for row, payload in all_events(flow) if row.kind == "participant-approved"]
    assert found == wanted[-1:]


def test_the_timeline_has_what_is_about_oneself(flow: Flow, bea: Person) -> None:
    about = concerns(bea)
    wanted = [
        row.seq
        for row, payload in all_events(flow)
        if row.kind.startswith(("submission-", "attempt-", "scores-", "entry-", "participant-")) and about(row, payload)
    ]
    assert [event.seq for event in own_timeline(bea, flow.competition_id).events] == wanted


def test_a_moment_is_found_among_events_by_halving(flow: Flow, bea: Person) -> None:
    name = ChainName.competition(flow.competition_id)
    rows = list(Event.objects.filter(chain__subject=flow.competition_id, chain__kind="competition").order_by("seq"))
    for row in rows:
        assert place_at(name, row.at) == max(each.seq for each in rows if each.at <= row.at)
        span = span_of(name, since=row.at, until=row.at + timedelta(hours=1))
        assert span is not None
        inside = [each.seq for each in rows if row.at <= each.at < row.at + timedelta(hours=1)]
        assert (span.after + 1, span.before - 1) == (inside[0], inside[-1])
    assert place_at(name, NOON - timedelta(days=400)) == 0
    assert span_of(ChainName.competition(10**9)) is None


def test_each_question_is_answered_by_its_index(flow: Flow, bea: Person) -> None:
    indexes = {
        "events_by_kind": {"kind": "scores-accepted"},
        "events_by_actor": {"person": "otto"},
        "events_of_submission": {"submission": 1},
    }
    with transaction.atomic():
        make_long(flow)
        for index, wanted in indexes.items():
            with CaptureQueriesContext(connection) as asked:
                audit_page(flow.otto, flow.competition_id, AuditFilter(**wanted))
            assert any(index in plan_of(each["sql"]) for each in asked if "history_event" in each["sql"]), index
        transaction.set_rollback(True)


def make_long(flow: Flow) -> None:
    """Let a database see a chain that is too long to be read through: PostgreSQL plans by what it counted last."""
    last = Event.objects.filter(chain__kind="competition", chain__subject=flow.competition_id).latest("seq")
    Event.objects.bulk_create(
        Event(
            chain_id=last.chain_id,
            seq=last.seq + number,
            kind="entry-added",
            at=last.at,
            payload="{}",
            hash=f"{number}",
        )
        for number in range(1, 5001)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan_of(sql: str) -> str:
    """How the database would answer."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row) for row in cursor.fetchall())
