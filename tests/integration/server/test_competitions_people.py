"""People whom a bundle names: further organizers, and those who join without being approved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from tests.integration.server.competition_material import described, make_person, write_bundle
from tests.integration.server.own_jobs import import_bundle
from tests.shared_material import shared_bundle

from podium.rules.access import ParticipantStatus, Role
from podium.rules.errors import BundleError
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.competitions.queries import competition_detail, roles_of
from podium.server.competitions.services import publish, register
from podium.server.history.models import Event
from podium.server.imports.services import ImportedCompetition

pytestmark = pytest.mark.django_db


def imported(by: Person, folder: Path, **changes: object) -> ImportedCompetition:
    description = described(registration_auto_approve=False, **changes)
    made = import_bundle(by, write_bundle(folder, description), "sheep.zip")
    publish(by, made.id)
    return made


def codes(made: ImportedCompetition) -> list[str]:
    return [note.code for note in made.notes if note.code.startswith("collaborator")]


def test_people_with_an_account_here_organize_too_and_others_are_a_note(tmp_path: Path) -> None:
    anna, bert = make_person("anna"), make_person("bert")
    made = imported(anna, tmp_path, collaborators=["BERT", "anna", "nobody"])

    assert roles_of(bert, made.id) == {Role.USER, Role.COLLABORATOR}
    assert codes(made) == ["collaborator-added", "collaborator-unknown"]
    events = Event.objects.filter(kind="collaborator-added")
    assert [json.loads(event.payload) for event in events] == [{"competition": made.id, "user": bert.opaque_id}]


def test_the_importer_is_no_collaborator_of_themselves(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = imported(anna, tmp_path, collaborators=["anna"])

    assert codes(made) == []
    assert not Competition.objects.get(pk=made.id).collaborators.exists()


def test_an_address_names_only_those_who_confirmed_it(tmp_path: Path) -> None:
    anna, bert, carl = make_person("anna"), make_person("bert"), make_person("carl")
    EmailAddress.objects.create(user_id=bert.id, email="Bert@example.org", verified=True, primary=True)
    EmailAddress.objects.create(user_id=carl.id, email="carl@example.org", verified=False, primary=True)
    made = imported(anna, tmp_path, collaborators=["bert@EXAMPLE.org", "carl@example.org"])

    assert codes(made) == ["collaborator-added", "collaborator-unknown"]
    assert list(Competition.objects.get(pk=made.id).collaborators.values_list("pk", flat=True)) == [bert.id]


def test_a_user_name_that_looks_like_an_address_is_not_taken_for_one(tmp_path: Path) -> None:
    anna = make_person("anna")
    User.objects.create(username="bert@example.org", email="thief@example.org")

    assert codes(imported(anna, tmp_path, collaborators=["bert@example.org"])) == ["collaborator-unknown"]


def test_an_account_that_was_closed_does_not_organize(tmp_path: Path) -> None:
    anna, bert = make_person("anna"), make_person("bert")
    User.objects.filter(pk=bert.id).update(is_banned=True)

    assert codes(imported(anna, tmp_path, collaborators=["bert"])) == ["collaborator-unknown"]


def test_who_is_on_the_white_list_joins_without_being_approved(tmp_path: Path) -> None:
    anna, bert, carl = make_person("anna"), make_person("bert"), make_person("carl")
    User.objects.filter(pk=bert.id).update(email="Bert@example.org")
    made = imported(anna, tmp_path, whitelist_emails=["bert@Example.org", "dora@example.org"])

    assert register(bert, made.id, accepts_terms=True) is ParticipantStatus.APPROVED
    assert register(carl, made.id, accepts_terms=True) is ParticipantStatus.PENDING
    kinds = Event.objects.filter(chain__kind="competition").order_by("seq").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["participant-requested", "participant-approved", "participant-requested"]


def test_where_addresses_are_confirmed_only_a_confirmed_one_counts(tmp_path: Path, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    anna, bert, carl = make_person("anna"), make_person("bert"), make_person("carl")
    EmailAddress.objects.create(user_id=bert.id, email="bert@example.org", verified=True, primary=True)
    EmailAddress.objects.create(user_id=carl.id, email="carl@example.org", verified=False, primary=True)
    made = imported(anna, tmp_path, whitelist_emails=["bert@example.org", "carl@example.org"])

    assert register(bert, made.id, accepts_terms=True) is ParticipantStatus.APPROVED
    assert register(carl, made.id, accepts_terms=True) is ParticipantStatus.PENDING


@pytest.mark.parametrize(
    ("allowed", "status"), [(True, ParticipantStatus.APPROVED), (False, ParticipantStatus.PENDING)]
)
def test_accounts_of_programs_join_where_the_bundle_says_so(
    tmp_path: Path, *, allowed: bool, status: ParticipantStatus
) -> None:
    anna, robot, carl = make_person("anna"), make_person("robot"), make_person("carl")
    User.objects.filter(pk=robot.id).update(is_bot=True)
    made = imported(anna, tmp_path, allow_robot_submissions=allowed)

    assert register(robot, made.id, accepts_terms=True) is status
    assert register(carl, made.id, accepts_terms=True) is ParticipantStatus.PENDING


def test_the_white_list_is_shown_to_organizers_only(tmp_path: Path) -> None:
    anna, bert = make_person("anna"), make_person("bert")
    made = imported(anna, tmp_path, whitelist_emails=["dora@example.org", "carl@example.org"])

    assert competition_detail(anna, made.id).whitelist == ("carl@example.org", "dora@example.org")
    assert competition_detail(bert, made.id).whitelist == ()
    assert competition_detail(None, made.id).whitelist == ()


def test_more_people_than_can_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        imported(make_person("anna"), tmp_path, collaborators=[f"person{number}" for number in range(101)])
    assert [problem.code for problem in caught.value.problems if problem.severity == "error"] == ["list-long"]


def test_the_shared_competition_of_codalab_is_imported_with_both_phases(tmp_path: Path) -> None:
    anna, admin = make_person("anna"), make_person("pavao")
    spooled = tmp_path / "spooled"
    spooled.write_bytes(shared_bundle("competition_15_iris.zip").read_bytes())
    made = import_bundle(anna, spooled, "iris.zip")
    row = Competition.objects.get(pk=made.id)

    assert (row.title, row.docker_image, row.registration_auto_approve) == ("Iris", "codalab/codalab-legacy:py37", True)
    assert list(row.collaborators.values_list("pk", flat=True)) == [admin.id]
    assert [(phase.name, phase.tasks.get().name) for phase in row.phases.all()] == [
        ("Development", "Development Task"),
        ("Final", "Final Task"),
    ]
    assert row.leaderboards.get().submission_rule == "Force_Last"
    # One note for each admin; the bundle itself names three.
    assert codes(made) == ["collaborator-unknown", "collaborator-unknown", "collaborator-added"]
