"""What appends an event: decisions about people, sharing, tokens, queues and phases, each with who did it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.competition_material import described, make_person, two_tasks
from tests.integration.server.flow import Flow, assert_all_chains_fit, claimed, worker
from tests.integration.server.new_versions import update

from podium.rules.access import ParticipantStatus
from podium.server.accounts.models import ApiToken
from podium.server.accounts.services import (
    create_api_token,
    record_registration,
    revoke_api_token,
    set_banned,
    set_password,
)
from podium.server.competitions.models import Competition, Participant, Phase, Task
from podium.server.competitions.services import decide
from podium.server.history.models import Event
from podium.server.queues.services import (
    QueuePowers,
    QueueWishes,
    change_queue,
    delete_queue,
    empower_queue,
    open_queue,
)
from podium.server.removal.people import erase
from podium.server.submissions.services.sharing import set_public
from podium.server.submissions.services.submit import run_submission

pytestmark = pytest.mark.django_db

Told = tuple[str, str, dict[str, Any]]


def told_since(seen: int, kind: str) -> list[Told]:
    """Kind, actor and payload of the events of a kind of chain that were appended after one."""
    rows = Event.objects.filter(pk__gt=seen, chain__kind=kind).order_by("pk")
    return [(row.kind, row.actor, json.loads(row.payload)) for row in rows]


def last_event() -> int:
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def test_decisions_about_a_participant(flow: Flow) -> None:
    seen, participation = last_event(), Participant.objects.get(user=flow.anna.id).pk
    user = {"user": flow.anna.opaque_id}
    decide(flow.otto, participation, ParticipantStatus.DENIED)
    decide(flow.otto, participation, ParticipantStatus.APPROVED)
    # Who was not admitted yet is denied; only who was in can be banned.
    Participant.objects.filter(pk=participation).update(status=ParticipantStatus.PENDING)
    decide(flow.otto, participation, ParticipantStatus.DENIED)
    assert told_since(seen, "competition") == [
        ("participant-banned", flow.otto.opaque_id, user),
        ("participant-approved", flow.otto.opaque_id, user),
        ("participant-denied", flow.otto.opaque_id, user),
    ]
    assert_all_chains_fit()


def test_a_submission_that_waits_for_its_organizer(flow: Flow) -> None:
    Competition.objects.update(auto_run_submissions=False)
    made, seen = flow.take_in(), last_event()
    run_submission(flow.otto, made)
    assert told_since(seen, "competition") == [("submission-started", flow.otto.opaque_id, {"submission": made})]


def test_a_submission_that_is_made_public_and_private(flow: Flow) -> None:
    Competition.objects.update(can_participants_make_submissions_public=True)
    made, seen = flow.scored({"accuracy": 0.5}), last_event()
    set_public(flow.anna, made, public=True)
    set_public(flow.anna, made, public=True)
    set_public(flow.otto, made, public=False)
    assert told_since(seen, "competition") == [
        ("submission-made-public", flow.anna.opaque_id, {"submission": made}),
        ("submission-made-private", flow.otto.opaque_id, {"submission": made}),
    ]


def test_a_run_says_what_it_was_made_from_and_on_which_worker(flow: Flow) -> None:
    seen, made, task = last_event(), flow.take_in(), Task.objects.get()
    claimed(worker())
    ((_, actor, payload),) = [each for each in told_since(seen, "competition") if each[0] == "attempt-started"]
    assert (actor, payload["submission"], payload["worker"]) == ("", made, worker().pk)
    assert task.scoring_program is not None
    assert payload["made_from"]["program_data"] == task.scoring_program.blob_id


def test_accounts_and_tokens(flow: Flow) -> None:
    root, zoe = make_person("root", is_admin=True), make_person("zoe")
    user, seen = {"user": zoe.opaque_id}, last_event()
    record_registration(zoe)
    create_api_token(zoe, "laptop")
    token = ApiToken.objects.get(user_id=zoe.id).pk
    # The same token is no second one.
    create_api_token(zoe, "laptop")
    revoke_api_token(zoe, token)
    set_password(zoe, "a long one that nobody guesses")
    set_banned(root, zoe.id, banned=True)
    set_banned(root, zoe.id, banned=True)
    set_banned(root, zoe.id, banned=False)
    erase(root, zoe.id)
    assert told_since(seen, "site") == [
        ("user-registered", zoe.opaque_id, user),
        ("token-created", zoe.opaque_id, user | {"token": token}),
        ("token-revoked", zoe.opaque_id, user | {"token": token}),
        ("user-changed", "", user | {"what": "password"}),
        ("user-banned", root.opaque_id, user),
        ("user-unbanned", root.opaque_id, user),
        ("user-erased", root.opaque_id, user),
    ]
    assert_all_chains_fit()


def test_queues(flow: Flow) -> None:
    root, seen = make_person("root", is_admin=True), last_event()
    queue = open_queue(flow.otto, QueueWishes(name="Fast ones"))
    change_queue(flow.otto, queue, QueueWishes(is_public=True))
    empower_queue(root, queue, QueuePowers(network=True))
    delete_queue(flow.otto, queue)
    told = told_since(seen, "site")
    assert [(kind, actor) for kind, actor, _ in told if kind.startswith("queue-")] == [
        ("queue-created", flow.otto.opaque_id),
        ("queue-changed", flow.otto.opaque_id),
        ("queue-changed", root.opaque_id),
        ("queue-deleted", flow.otto.opaque_id),
    ]
    assert "Fast ones" not in json.dumps(told)


def test_a_phase_and_a_task_that_a_new_version_takes_away(flow: Flow, tmp_path: Path) -> None:
    only, other = Phase.objects.order_by("index").values_list("pk", flat=True)
    update(flow.otto, flow.competition_id, tmp_path, two_tasks())
    one_less, seen = described(phases=[{"name": "Only", "start": "2030-01-01", "tasks": [0]}]), last_event()
    barn = Task.objects.get(name="Barn").pk
    update(flow.otto, flow.competition_id, tmp_path, one_less)
    told = told_since(seen, "competition")
    assert [payload["task"] for kind, _, payload in told if kind == "task-removed"] == [barn]
    gone = Event.objects.filter(kind="phase-removed")
    assert {json.loads(row.payload)["phase"] for row in gone} < {only, other}
    assert {row.actor for row in gone} == {flow.otto.opaque_id}
    assert_all_chains_fit()
