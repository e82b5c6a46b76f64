"""Many rows written by one statement: every kind of value arrives, on both databases, and nothing else changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow

from podium.rules.board.submission_rules import SubmissionRule
from podium.server.accounts.models import User
from podium.server.competitions.models import Competition
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.row_updates import update_rows

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 1, 5, 12, 0, 30, 250, tzinfo=UTC)


def test_rows_say_what_the_objects_say_and_others_stay(flow: Flow) -> None:
    Leaderboard.objects.update(submission_rule=SubmissionRule.FORCE_LATEST_MULTIPLE)
    for value in (0.1, 0.2, 0.3):
        flow.scored({"accuracy": value, "seconds": 1.0})
    first, second, third = Entry.objects.order_by("pk")
    values: dict[str, Any] = {
        "rank_key": b"\x00'\xff%s",
        "ranked": False,
        "values": {"accuracy": None, 'quo"ted': [1, 2.5]},
        "fact_sheet_answers": None,
        "submitted_at": NOON,
    }
    for entry in (first, second):
        for name, value in values.items():
            setattr(entry, name, value)
    first.values = {"accuracy": 0.125}
    second.owner_id = flow.otto.id
    # Not named below, so that it is not written.
    second.reasons = {"accuracy": "never"}
    Entry.objects.filter(pk=third.pk).delete()
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        update_rows([first, second, third], [*values, "owner"])
    assert len([each for each in asked if "UPDATE" in each["sql"]]) == 1
    found = list(Entry.objects.order_by("pk"))
    assert [entry.values for entry in found] == [{"accuracy": 0.125}, values["values"]]
    assert [entry.owner_id for entry in found] == [flow.anna.id, flow.otto.id]
    assert [entry.reasons for entry in found] == [{}, {}]
    for entry in found:
        assert (bytes(entry.rank_key), entry.ranked, entry.submitted_at) == (values["rank_key"], False, NOON)
    # None is what the database calls nothing, and no JSON of that name.
    assert Entry.objects.filter(fact_sheet_answers__isnull=True).count() == 2


def test_nothing_is_asked_for_no_rows() -> None:
    with CaptureQueriesContext(connection) as asked:
        update_rows([], ["title"])
    assert len(asked) == 0


def test_texts_arrive_as_they_are() -> None:
    people = [User.objects.get(pk=make_person(name).id) for name in ("ada", "bea")]
    for person in people:
        person.display_name = f"{person.username}'; DROP TABLE accounts_user; -- %s \N{SNOWMAN}"
    update_rows(people, ["display_name"])
    found = User.objects.filter(pk__in=[person.pk for person in people]).order_by("pk")
    assert [each.display_name for each in found] == [person.display_name for person in people]
    assert not Competition.objects.exists()
