"""What different people see of competitions, and how little it costs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.server.competition_material import (
    DESCRIPTION,
    described,
    make_competition,
    make_person,
    write_bundle,
)
from tests.integration.server.flow import MADE
from tests.integration.server.own_jobs import import_bundle
from tests.integration.server.scene import make_scene, sent

from podium.rules.access import Role
from podium.rules.errors import Conflict, NotAllowed, NotFound
from podium.rules.phases import PhaseStatus
from podium.rules.proof import Head, verify_lines
from podium.rules.runs import SubmissionStatus
from podium.server.accounts.people import person_of
from podium.server.clock import clock_at
from podium.server.competitions.models import Competition, KeptHistory, Phase, Task
from podium.server.competitions.queries import (
    Involvement,
    competition_detail,
    competitions_visible_to,
    count_visible_to,
    phase_detail,
    roles_of,
    task_inputs,
)
from podium.server.competitions.services import add_collaborator, delete, publish, register, unpublish
from podium.server.files.services import store
from podium.server.history.models import Event
from podium.server.history.proving import prove_chain
from podium.server.history.services import ChainName
from podium.server.submissions.services.lifecycle import delete as delete_submission

pytestmark = pytest.mark.django_db


def test_an_unpublished_competition_is_seen_by_its_staff_alone(tmp_path: Path) -> None:
    anna, clara, root = make_person("anna"), make_person("clara"), make_person("root", is_admin=True)
    made = make_competition(anna, tmp_path)
    add_collaborator(anna, made, clara.id)
    for person in (anna, clara, root):
        assert [row.id for row in competitions_visible_to(person)] == [made]
        assert competition_detail(person, made).id == made
    for outsider in (None, make_person("stranger")):
        assert competitions_visible_to(outsider) == []
        with pytest.raises(NotFound):
            competition_detail(outsider, made)


def test_publishing_shows_it_to_everybody_and_unpublishing_hides_it(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    assert publish(anna, made)
    assert not publish(anna, made)
    assert [row.id for row in competitions_visible_to(None)] == [made]
    assert unpublish(anna, made)
    assert competitions_visible_to(None) == []
    kinds = Event.objects.filter(chain__kind="competition").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == [*MADE, "competition-published", "competition-unpublished"]


def test_a_stranger_publishes_nothing(tmp_path: Path) -> None:
    made = make_competition(make_person("anna"), tmp_path)
    with pytest.raises(NotFound):
        publish(make_person("stranger"), made)


def test_the_secret_key_shows_an_unpublished_competition(tmp_path: Path) -> None:
    made = make_competition(make_person("anna"), tmp_path)
    key = Competition.objects.get(pk=made).secret_key
    assert competition_detail(None, made, secret_key=key).secret_key is None
    with pytest.raises(NotFound):
        competition_detail(None, made, secret_key=uuid4())


def test_a_competition_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        roles_of(None, 404)
    with pytest.raises(NotFound):
        competition_detail(make_person("root", is_admin=True), 404)
    with pytest.raises(NotFound):
        phase_detail(None, 404)
    with pytest.raises(NotFound):
        task_inputs(404)


@pytest.mark.parametrize(
    ("moment", "name", "status"),
    [
        (datetime(2029, 12, 31, tzinfo=UTC), "Practice", PhaseStatus.NEXT),
        (datetime(2030, 1, 1, tzinfo=UTC), "Practice", PhaseStatus.CURRENT),
        (datetime(2030, 2, 1, tzinfo=UTC), "Final", PhaseStatus.CURRENT),
    ],
)
def test_a_row_shows_the_phase_that_matters_now(
    tmp_path: Path, moment: datetime, name: str, status: PhaseStatus
) -> None:
    anna = make_person("anna")
    make_competition(anna, tmp_path)
    with clock_at(moment):
        row = competitions_visible_to(anna)[0]
    assert row.phase is not None
    assert (row.phase.name, row.phase.status) == (name, status)
    assert (row.start, row.end) == (datetime(2030, 1, 1, tzinfo=UTC), None)


def test_lists_count_approved_participants(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    publish(anna, made)
    for name in ("bert", "carl"):
        register(make_person(name), made, accepts_terms=True)
    row = competitions_visible_to(None)[0]
    assert (row.participants, row.submissions) == (2, 0)


def test_lists_can_be_narrowed_down(tmp_path: Path) -> None:
    anna, bert = make_person("anna"), make_person("bert")
    sheep = make_competition(anna, tmp_path)
    goats = make_competition(anna, tmp_path, described(title="Count the goats", competition_type="benchmark"))
    for made in (sheep, goats):
        publish(anna, made)
    register(bert, sheep, accepts_terms=True)

    assert [row.id for row in competitions_visible_to(bert)] == [sheep]
    assert [row.id for row in competitions_visible_to(bert, competition_type="benchmark")] == [goats]
    assert [row.id for row in competitions_visible_to(bert, competition_type=None)] == [goats, sheep]
    assert [row.id for row in competitions_visible_to(bert, competition_type=None, search="GOATS")] == [goats]
    assert [row.id for row in competitions_visible_to(bert, involvement=Involvement.TAKES_PART)] == [sheep]
    assert competitions_visible_to(bert, involvement=Involvement.RUNS) == []
    assert competitions_visible_to(None, involvement=Involvement.TAKES_PART) == []
    assert [row.id for row in competitions_visible_to(bert, competition_type=None, limit=1, offset=1)] == [sheep]
    assert count_visible_to(bert, competition_type=None) == 2


def test_a_list_costs_four_queries_however_long_it_is(tmp_path: Path) -> None:
    anna = make_person("anna")
    for _ in range(3):
        make_competition(anna, tmp_path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(competitions_visible_to(anna)) == 3
    assert len(queries) == 4


def test_a_competition_costs_the_same_however_many_phases_it_has(tmp_path: Path) -> None:
    anna = make_person("anna")
    costs = []
    for number in (1, 4):
        phases = [
            {"name": f"Phase {month}", "start": f"2030-0{month}-01", "end": f"2030-0{month}-20", "tasks": [0]}
            for month in range(1, number + 1)
        ]
        made = make_competition(anna, tmp_path, described(phases=phases))
        with CaptureQueriesContext(connection) as queries:
            assert len(competition_detail(anna, made).phases) == number
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 13


def _with_files(folder: Path, **changes: bool) -> int:
    task = DESCRIPTION["tasks"][0] | {"input_data": "input_data", "ingestion_program": "scoring_program"}
    phase = {"name": "Only", "start": "2030-01-01", "tasks": [0], "starting_kit": "kit.txt"}
    solution = {"index": 0, "tasks": [0], "path": "reference_data"}
    description = described(tasks=[task], phases=[phase], solutions=[solution], **changes)
    anna = make_person("anna")
    files = {"kit.txt": b"Start here.", "input_data/sheep.csv": b"3,4\n"}
    made = import_bundle(anna, write_bundle(folder, description, files), "sheep.zip").id
    publish(anna, made)
    return made


def _seen(person: str | None, made: int) -> tuple[set[str], bool, int]:
    """The types of files of the task, whether there is a starting kit, and the number of solutions."""
    if person in ("bert", "stranger"):
        viewer = make_person(str(person))
        if person == "bert":
            register(viewer, made, accepts_terms=True)
    else:
        viewer = None if person is None else make_person(person, is_admin=True)
    phase = competition_detail(viewer, made).phases[0]
    return {file.type for file in phase.tasks[0].files}, phase.starting_kit is not None, len(phase.tasks[0].solutions)


EVERYTHING = {"scoring_program", "ingestion_program", "input_data", "reference_data"}


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        (None, (set(), False, 0)),
        ("stranger", (set(), False, 0)),
        ("bert", (set(), True, 0)),
        ("root", (EVERYTHING, True, 1)),
    ],
)
def test_programs_and_data_are_for_the_staff(
    tmp_path: Path, person: str | None, seen: tuple[set[str], bool, int]
) -> None:
    assert _seen(person, _with_files(tmp_path)) == seen


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        (None, (set(), False, 0)),
        ("bert", ({"scoring_program", "ingestion_program", "input_data"}, True, 0)),
    ],
)
def test_participants_get_what_the_organizer_makes_available_but_never_the_truth(
    tmp_path: Path, person: str | None, seen: tuple[set[str], bool, int]
) -> None:
    made = _with_files(tmp_path, make_programs_available=True, make_input_data_available=True)
    assert _seen(person, made) == seen


def test_only_staff_reads_the_secret_key_and_the_bundle(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    publish(anna, made)
    for_staff, for_all = competition_detail(anna, made), competition_detail(None, made)
    assert for_staff.secret_key == Competition.objects.get(pk=made).secret_key
    assert for_staff.bundle is not None
    assert (for_all.secret_key, for_all.bundle) == (None, None)


def test_pages_are_handed_on_as_they_were_written(tmp_path: Path) -> None:
    anna = make_person("anna")
    files = {"overview.md": b"<script>alert(1)</script>\n"}
    made = import_bundle(anna, write_bundle(tmp_path, DESCRIPTION, files), "sheep.zip").id
    page = competition_detail(anna, made).pages[0]
    assert (page.content, page.format) == ("<script>alert(1)</script>\n", "md")


def test_one_phase_knows_whether_it_is_the_last(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    phases = Phase.objects.filter(competition_id=made).order_by("index")
    assert [phase_detail(anna, phase.pk).is_final for phase in phases] == [False, True]
    with pytest.raises(NotFound):
        phase_detail(None, phases[0].pk)


def test_a_run_gets_the_files_of_its_task(tmp_path: Path) -> None:
    make_competition(make_person("anna"), tmp_path)
    task = Task.objects.select_related("scoring_program").get()
    inputs = task_inputs(task.pk)
    assert task.scoring_program is not None
    assert inputs.scoring_program is not None
    assert inputs.scoring_program.sha256 == task.scoring_program.blob_id
    assert (inputs.ingestion_program, inputs.input_data, inputs.ingestion_only_during_scoring) == (None, None, False)


def test_a_competition_without_submissions_can_be_deleted(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    delete(anna, made)
    assert not Competition.objects.exists()
    event = Event.objects.get(kind="competition-deleted", chain__subject=made)
    kept = KeptHistory.objects.get(competition=made)
    assert json.loads(event.payload) == {"competition": made, "archive": kept.archive_id}
    # Neither a sweep of unused files nor anybody at the database's prompt takes the record away.
    with store().open(kept.archive_id) as file:
        proven = verify_lines(file.read().decode().splitlines())
    assert (proven.misfit, proven.head) == (None, Head(event.seq - 1, event.prev_hash))
    assert prove_chain(ChainName.competition(made)).misfit is None


@pytest.mark.parametrize("role", [Role.COLLABORATOR, Role.USER])
def test_only_organizer_and_admin_delete_a_competition(tmp_path: Path, role: Role) -> None:
    anna, clara = make_person("anna"), make_person("clara")
    made = make_competition(anna, tmp_path)
    publish(anna, made)
    if role is Role.COLLABORATOR:
        add_collaborator(anna, made, clara.id)
    with pytest.raises(NotAllowed):
        delete(clara, made)
    assert Competition.objects.filter(pk=made).exists()


def test_a_competition_with_submissions_is_not_deleted() -> None:
    scene = make_scene()
    sent(scene, scene.people["participant"], status=SubmissionStatus.FAILED)
    organizer = person_of(scene.people["organizer"])
    assert organizer is not None
    with pytest.raises(Conflict) as caught:
        delete(organizer, scene.competition.pk)
    assert caught.value.code == "competition-has-submissions"
    assert Competition.objects.filter(pk=scene.competition.pk).exists()


def test_lists_count_submissions_that_are_there() -> None:
    scene = make_scene()
    owner = scene.people["participant"]
    sent(scene, owner, status=SubmissionStatus.FINISHED)
    sent(scene, owner, status=SubmissionStatus.FAILED)
    deleted = sent(scene, owner, status=SubmissionStatus.FINISHED)
    by = person_of(owner)
    assert by is not None
    delete_submission(by, deleted.pk)
    (row,) = competitions_visible_to(None)
    assert (row.submissions, row.participants) == (2, 1)
