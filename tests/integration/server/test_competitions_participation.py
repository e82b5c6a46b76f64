"""Joining a competition, and deciding who takes part."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from uuid import uuid4

import pytest
from tests.integration.server.competition_material import described, make_competition, make_person

from podium.rules.access import ParticipantStatus, Role
from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Participant
from podium.server.competitions.queries import participants, roles_of, standing_of
from podium.server.competitions.services import (
    add_collaborator,
    decide,
    participation,
    publish,
    register,
    remove_collaborator,
    unpublish,
)
from podium.server.history.models import Event

pytestmark = pytest.mark.django_db


def published(by: Person, folder: Path, *, automatic: bool) -> int:
    made = make_competition(by, folder, described(registration_auto_approve=automatic))
    publish(by, made)
    return made


def kinds_of(competition_id: int) -> list[str]:
    return list(
        Event.objects.filter(chain__kind="competition", chain__subject=competition_id)
        .order_by("seq")
        .values_list("kind", flat=True)
    )


def test_joining_takes_effect_at_once_where_everybody_is_approved(tmp_path: Path) -> None:
    made = published(make_person("anna"), tmp_path, automatic=True)
    bert = make_person("bert")
    assert register(bert, made, accepts_terms=True) is ParticipantStatus.APPROVED
    assert roles_of(bert, made) == {Role.PARTICIPANT}
    assert kinds_of(made)[-2:] == ["participant-requested", "participant-approved"]


def test_joining_waits_for_the_organizer_elsewhere(tmp_path: Path) -> None:
    made = published(make_person("anna"), tmp_path, automatic=False)
    bert = make_person("bert")
    assert register(bert, made, accepts_terms=True) is ParticipantStatus.PENDING
    assert roles_of(bert, made) == {Role.PENDING}


def test_the_event_of_joining_names_the_accepted_terms_by_their_hash(tmp_path: Path) -> None:
    made = published(make_person("anna"), tmp_path, automatic=False)
    bert = make_person("bert")
    register(bert, made, accepts_terms=True)
    event = Event.objects.get(kind="participant-requested")
    assert json.loads(event.payload) == {"user": bert.opaque_id, "terms": hashlib.sha256(b"Be fair.\n").hexdigest()}


def test_nobody_joins_without_accepting_the_terms(tmp_path: Path) -> None:
    made = published(make_person("anna"), tmp_path, automatic=True)
    with pytest.raises(UserError) as caught:
        register(make_person("bert"), made, accepts_terms=False)
    assert caught.value.code == "terms-not-accepted"
    assert not Participant.objects.exists()


@pytest.mark.parametrize("automatic", [True, False])
def test_joining_twice_is_a_mistake_of_the_request(tmp_path: Path, *, automatic: bool) -> None:
    made = published(make_person("anna"), tmp_path, automatic=automatic)
    bert = make_person("bert")
    register(bert, made, accepts_terms=True)
    with pytest.raises(UserError) as caught:
        register(bert, made, accepts_terms=True)
    assert (caught.value.code, caught.value.status) == ("already-registered", 400)
    assert Participant.objects.count() == 1


def test_joining_twice_at_the_same_moment_joins_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = published(make_person("anna"), tmp_path, automatic=True)
    bert = make_person("bert")
    before = standing_of(bert, made)
    register(bert, made, accepts_terms=True)
    # The second request looked before the first one was written.
    monkeypatch.setattr(participation, "standing_of", lambda *args, **named: before)
    with pytest.raises(UserError) as caught:
        register(bert, made, accepts_terms=True)
    assert caught.value.code == "already-registered"
    assert kinds_of(made).count("participant-requested") == 1


def test_joining_an_unpublished_competition_finds_nothing(tmp_path: Path) -> None:
    made = make_competition(make_person("anna"), tmp_path)
    with pytest.raises(NotFound):
        register(make_person("bert"), made, accepts_terms=True)


def test_the_secret_key_opens_an_unpublished_competition(tmp_path: Path) -> None:
    made = make_competition(make_person("anna"), tmp_path)
    key = Competition.objects.get(pk=made).secret_key
    assert register(make_person("bert"), made, accepts_terms=True, secret_key=key) is ParticipantStatus.APPROVED


def test_a_wrong_secret_key_opens_nothing(tmp_path: Path) -> None:
    made = make_competition(make_person("anna"), tmp_path)
    with pytest.raises(NotFound):
        register(make_person("bert"), made, accepts_terms=True, secret_key=uuid4())


def test_an_organizer_may_take_part_too(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    register(anna, made, accepts_terms=True)
    assert roles_of(anna, made) == {Role.PARTICIPANT, Role.ORGANIZER}


def _waiting(folder: Path) -> tuple[Person, Person, int, int]:
    anna, bert = make_person("anna"), make_person("bert")
    made = published(anna, folder, automatic=False)
    register(bert, made, accepts_terms=True)
    return anna, bert, made, Participant.objects.get().pk


@pytest.mark.parametrize(
    ("decision", "role", "event"),
    [
        (ParticipantStatus.APPROVED, Role.PARTICIPANT, "participant-approved"),
        (ParticipantStatus.DENIED, Role.DENIED, "participant-denied"),
    ],
)
def test_the_organizer_decides(tmp_path: Path, decision: ParticipantStatus, role: Role, event: str) -> None:
    anna, bert, made, waiting = _waiting(tmp_path)
    decide(anna, waiting, decision)
    assert roles_of(bert, made) == {role}
    assert kinds_of(made)[-1] == event
    assert Participant.objects.get().decided_at is not None


def test_a_decision_may_be_turned_round(tmp_path: Path) -> None:
    anna, bert, made, waiting = _waiting(tmp_path)
    decide(anna, waiting, ParticipantStatus.APPROVED)
    decide(anna, waiting, ParticipantStatus.DENIED)
    assert roles_of(bert, made) == {Role.DENIED}


def test_the_same_decision_twice_is_a_mistake_of_the_request(tmp_path: Path) -> None:
    anna, _, _, waiting = _waiting(tmp_path)
    decide(anna, waiting, ParticipantStatus.APPROVED)
    with pytest.raises(UserError) as caught:
        decide(anna, waiting, ParticipantStatus.APPROVED)
    assert (caught.value.code, caught.value.status) == ("decision-unchanged", 400)


@pytest.mark.parametrize("status", [ParticipantStatus.PENDING, ParticipantStatus.UNKNOWN])
def test_nothing_else_is_a_decision(tmp_path: Path, status: ParticipantStatus) -> None:
    anna, _, _, waiting = _waiting(tmp_path)
    with pytest.raises(UserError) as caught:
        decide(anna, waiting, status)
    assert caught.value.code == "decision-unknown"


def test_a_stranger_decides_nothing(tmp_path: Path) -> None:
    _, bert, made, waiting = _waiting(tmp_path)
    for person in (make_person("stranger"), bert):
        with pytest.raises(NotAllowed):
            decide(person, waiting, ParticipantStatus.APPROVED)
    assert roles_of(bert, made) == {Role.PENDING}


def test_a_stranger_does_not_learn_of_participants_of_an_unpublished_competition(tmp_path: Path) -> None:
    anna, _, made, waiting = _waiting(tmp_path)
    unpublish(anna, made)
    with pytest.raises(NotFound):
        decide(make_person("stranger"), waiting, ParticipantStatus.APPROVED)


def test_there_is_nothing_to_decide_about_nobody() -> None:
    with pytest.raises(NotFound):
        decide(make_person("anna"), 404, ParticipantStatus.APPROVED)


def test_collaborators_and_admins_decide(tmp_path: Path) -> None:
    anna, bert, made, waiting = _waiting(tmp_path)
    clara = make_person("clara")
    add_collaborator(anna, made, clara.id)
    decide(clara, waiting, ParticipantStatus.DENIED)
    decide(make_person("root", is_admin=True), waiting, ParticipantStatus.APPROVED)
    assert roles_of(bert, made) == {Role.PARTICIPANT}


def test_a_collaborator_who_was_removed_is_a_user_again(tmp_path: Path) -> None:
    anna, clara = make_person("anna"), make_person("clara")
    made = make_competition(anna, tmp_path)
    add_collaborator(anna, made, clara.id)
    add_collaborator(anna, made, clara.id)
    assert roles_of(clara, made) == {Role.USER, Role.COLLABORATOR}
    remove_collaborator(anna, made, clara.id)
    assert roles_of(clara, made) == {Role.USER}
    assert kinds_of(made)[-2:] == ["collaborator-added", "collaborator-removed"]


def test_a_stranger_cannot_become_a_collaborator_by_himself(tmp_path: Path) -> None:
    made = published(make_person("anna"), tmp_path, automatic=True)
    stranger = make_person("stranger")
    with pytest.raises(NotAllowed):
        add_collaborator(stranger, made, stranger.id)


def test_the_organizer_is_no_collaborator(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    with pytest.raises(UserError) as caught:
        add_collaborator(anna, made, anna.id)
    assert caught.value.code == "collaborator-is-organizer"


def test_organizers_see_who_waits_first(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = published(anna, tmp_path, automatic=False)
    for name in ("bert", "carl"):
        register(make_person(name), made, accepts_terms=True)
    decide(anna, Participant.objects.get(user__username="bert").pk, ParticipantStatus.APPROVED)
    assert [(row.username, row.status) for row in participants(anna, made)] == [
        ("carl", ParticipantStatus.PENDING),
        ("bert", ParticipantStatus.APPROVED),
    ]
    assert [row.username for row in participants(anna, made, status=ParticipantStatus.APPROVED)] == ["bert"]


def test_participants_do_not_see_each_other(tmp_path: Path) -> None:
    made = published(make_person("anna"), tmp_path, automatic=True)
    bert = make_person("bert")
    register(bert, made, accepts_terms=True)
    for person in (bert, None):
        with pytest.raises(NotAllowed):
            participants(person, made)
