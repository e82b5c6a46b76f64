import pytest

from podium.rules.access import ACCESS, Action, ParticipantStatus, Role, may, require, roles_towards
from podium.rules.errors import NotAllowed, NotFound

STAFF = {Role.COLLABORATOR, Role.ORGANIZER, Role.ADMIN}


def test_every_action_has_its_line_in_the_table():
    assert set(ACCESS) == set(Action)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        ACCESS[Action.SUBMIT] = frozenset(Role)  # type: ignore[index]


@pytest.mark.parametrize("action", Action)
def test_an_admin_may_do_whatever_an_organizer_may(action):
    if Role.ORGANIZER in ACCESS[action]:
        assert Role.ADMIN in ACCESS[action]


@pytest.mark.parametrize("action", Action)
def test_an_organizer_may_do_whatever_a_collaborator_may(action):
    if Role.COLLABORATOR in ACCESS[action]:
        assert Role.ORGANIZER in ACCESS[action]


@pytest.mark.parametrize("action", Action)
def test_a_visitor_may_only_look(action):
    if Role.VISITOR in ACCESS[action]:
        assert action.value.startswith("see-")


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (Action.SEE_BOARD, set(Role)),
        (Action.SEE_FILES, {Role.PARTICIPANT} | STAFF),
        (Action.SUBMIT, {Role.PARTICIPANT} | STAFF),
        (Action.REGISTER, {Role.USER}),
        (Action.SEE_HIDDEN_BOARD, STAFF),
        (Action.EXPORT_BOARD, STAFF),
        (Action.SEE_PROGRAMS, STAFF),
        (Action.DECIDE_PARTICIPANTS, STAFF),
        (Action.DELETE_COMPETITION, {Role.ORGANIZER, Role.ADMIN}),
        (Action.RUN_WORKER, {Role.ADMIN}),
        (Action.ADMINISTER, {Role.ADMIN}),
    ],
)
def test_each_role_alone_is_allowed_or_refused_as_agreed(action, allowed):
    assert {role for role in Role if may(action, {role})} == allowed


def test_roles_add_up():
    roles = roles_towards(signed_in=True, organizer=True, participation=ParticipantStatus.APPROVED)
    assert roles == {Role.ORGANIZER, Role.PARTICIPANT}
    assert may(Action.SUBMIT, roles)
    assert may(Action.EDIT_COMPETITION, roles)


def test_somebody_not_signed_in_is_a_visitor_whatever_else_is_claimed():
    assert roles_towards(signed_in=False, admin=True, organizer=True) == {Role.VISITOR}


@pytest.mark.parametrize(
    ("participation", "standing"),
    [
        (None, Role.USER),
        (ParticipantStatus.UNKNOWN, Role.USER),
        (ParticipantStatus.PENDING, Role.PENDING),
        (ParticipantStatus.DENIED, Role.DENIED),
        (ParticipantStatus.APPROVED, Role.PARTICIPANT),
    ],
)
def test_participation_gives_the_standing(participation, standing):
    assert roles_towards(signed_in=True, participation=participation) == {standing}


@pytest.mark.parametrize("action", [action for action in Action if Role.VISITOR not in ACCESS[action]])
def test_a_refused_visitor_is_asked_to_sign_in(action):
    with pytest.raises(NotAllowed) as refusal:
        require(action, {Role.VISITOR})
    assert refusal.value.sign_in
    assert refusal.value.code == "sign-in-required"


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.USER, "participation-required"),
        (Role.PENDING, "participation-pending"),
        (Role.DENIED, "participation-denied"),
    ],
)
def test_who_is_not_yet_a_participant_hears_why_submitting_is_refused(role, code):
    with pytest.raises(NotAllowed) as refusal:
        require(Action.SUBMIT, {role})
    assert refusal.value.code == code
    assert not refusal.value.sign_in


def test_a_participant_hears_who_may_do_what_is_refused():
    with pytest.raises(NotAllowed) as refusal:
        require(Action.DELETE_COMPETITION, {Role.PARTICIPANT})
    assert refusal.value.code == "not-allowed"
    assert "the organizer and admins" in refusal.value.hint


def test_a_second_registration_is_refused():
    with pytest.raises(NotAllowed) as refusal:
        require(Action.REGISTER, {Role.PENDING})
    assert refusal.value.code == "already-registered"


@pytest.mark.parametrize("role", sorted(set(Role) - STAFF))
@pytest.mark.parametrize("action", Action)
def test_an_unpublished_competition_does_not_exist_for_others(action, role):
    assert not may(action, {role}, published=False)
    with pytest.raises(NotFound):
        require(action, {role}, published=False)


@pytest.mark.parametrize("role", sorted(STAFF))
def test_those_who_run_an_unpublished_competition_see_it(role):
    require(Action.SEE_COMPETITION, {role}, published=False)
    assert may(Action.SUBMIT, {role}, published=False)
