"""Importing bundles: the whole competition, or nothing and every reason."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.server.competition_material import (
    DESCRIPTION,
    described,
    make_competition,
    make_person,
    two_tasks,
    write_bundle,
)
from tests.integration.server.flow import SteppedClock, kinds, moments
from tests.integration.server.own_jobs import import_bundle
from tests.shared_material import shared_bundle
from tests.small_bundles import zipped

from podium.rules.errors import BundleError, OutOfSpace
from podium.server.accounts.models import User
from podium.server.competitions.models import Competition, Page, Phase, PhaseTask, Solution, Task
from podium.server.files.models import Blob, DataSet, DataSetType
from podium.server.files.services import create_data_set, keep_blob, store
from podium.server.history.models import Event
from podium.server.imports import services
from podium.server.leaderboards.models import Column, Leaderboard

pytestmark = pytest.mark.django_db

WRITTEN = (Competition, Page, Phase, PhaseTask, Task, Solution, Leaderboard, Column, DataSet)


def codes(error: BundleError) -> list[str]:
    return [problem.code for problem in error.problems if problem.severity == "error"]


def assert_nothing_was_made() -> None:
    assert {model.__name__: model.objects.count() for model in WRITTEN} == {model.__name__: 0 for model in WRITTEN}
    assert not Event.objects.filter(chain__kind="competition").exists()
    # The row of the bundle itself, which is swept later; those of its members were never written.
    assert Blob.objects.count() == 1


def test_an_import_is_of_one_moment(tmp_path: Path, time: SteppedClock) -> None:
    """Else a competition of the past could be asked for that had some of its boards, or phases without tasks."""
    made = make_competition(make_person("anna"), tmp_path)
    assert kinds(made)[0] == "competition-imported"
    assert {"phase-added", "task-added", "board-added"} <= set(kinds(made))
    assert len(moments(made)) == 1


def test_a_bundle_becomes_a_whole_competition(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = import_bundle(anna, write_bundle(tmp_path, DESCRIPTION), "sheep.zip")
    row = Competition.objects.get(pk=made.id)
    assert (row.title, row.created_by_id, row.terms, row.terms_format) == (
        "Count the sheep",
        anna.id,
        "Be fair.\n",
        "md",
    )
    assert [(page.index, page.title, page.format) for page in row.pages.all()] == [
        (0, "Overview", "md"),
        (1, "Data", "html"),
    ]
    assert [(phase.index, phase.name, phase.max_submissions) for phase in row.phases.all()] == [
        (0, "Practice", 100),
        (1, "Final", 3),
    ]
    board = row.leaderboards.get()
    assert (board.key, board.submission_rule) == ("main", "Add")
    assert [(column.key, column.sorting, column.precision) for column in board.columns.all()] == [
        ("accuracy", "desc", 2),
        ("seconds", "asc", 1),
    ]


def test_an_imported_competition_is_unpublished(tmp_path: Path) -> None:
    assert not Competition.objects.get(pk=make_competition(make_person("anna"), tmp_path)).published


def test_a_task_names_the_stored_programs_and_data(tmp_path: Path) -> None:
    make_competition(make_person("anna"), tmp_path)
    task = Task.objects.select_related("scoring_program", "reference_data").get()
    assert task.scoring_program is not None
    assert task.scoring_program.type == DataSetType.SCORING_PROGRAM
    assert task.scoring_program.file_name == "scoring_program.zip"
    assert store().exists(str(task.scoring_program.blob_id))
    assert task.reference_data is not None
    assert task.reference_data.type == DataSetType.REFERENCE_DATA


def test_a_member_used_by_several_tasks_is_one_data_set(tmp_path: Path) -> None:
    make_competition(make_person("anna"), tmp_path, two_tasks())
    assert Task.objects.count() == 2
    assert Task.objects.values("scoring_program").distinct().count() == 1
    assert DataSet.objects.filter(type=DataSetType.SCORING_PROGRAM).count() == 1


def test_a_member_used_for_two_purposes_is_two_data_sets_of_one_blob(tmp_path: Path) -> None:
    task = DESCRIPTION["tasks"][0] | {"input_data": "reference_data"}
    make_competition(make_person("anna"), tmp_path, described(tasks=[task]))
    sets = DataSet.objects.filter(type__in=[DataSetType.INPUT_DATA, DataSetType.REFERENCE_DATA])
    assert sets.count() == 2
    assert sets.values("blob").distinct().count() == 1


def test_an_import_is_recorded_by_hashes_alone(tmp_path: Path) -> None:
    anna = make_person("anna")
    made = make_competition(anna, tmp_path)
    event, *parts = Event.objects.filter(chain__kind="competition", chain__subject=made).order_by("seq")
    bundle = Competition.objects.select_related("bundle").get(pk=made).bundle
    assert bundle is not None
    assert (event.kind, event.actor) == ("competition-imported", anna.opaque_id)
    assert str(bundle.blob_id) in event.payload
    assert not any(word in each.payload for each in (event, *parts) for word in ("sheep", "Sheep", "Results"))


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(24), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(24), "image/jpeg"),
        (b"GIF89a" + bytes(24), "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(16), "image/webp"),
    ],
)
def test_a_logo_is_known_by_its_content_and_not_its_name(tmp_path: Path, content: bytes, media_type: str) -> None:
    made = import_bundle(make_person("anna"), write_bundle(tmp_path, DESCRIPTION, {"logo.png": content}), "sheep.zip")
    assert Competition.objects.get(pk=made.id).logo_type == media_type


def test_every_problem_of_the_bundle_is_named_at_once(tmp_path: Path) -> None:
    broken = described(title=None, image="nothing.png", terms="none.md")
    with pytest.raises(BundleError) as caught:
        import_bundle(make_person("anna"), write_bundle(tmp_path, broken), "sheep.zip")
    named = " ".join(problem.message for problem in caught.value.problems)
    assert "title" in named
    assert "nothing.png" in named
    assert "none.md" in named
    assert_nothing_was_made()


def test_every_problem_of_the_site_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_UNKNOWN_IMAGE", "refuse")
    task = DESCRIPTION["tasks"][0] | {"scoring_program": "score.py", "input_data": str(uuid4())}
    tasks = [task, {"index": 1, "key": str(uuid4())}]
    solutions = [{"index": 0, "tasks": [0], "key": str(uuid4())}]
    broken = described(docker_image="someone/else:1", tasks=tasks, solutions=solutions)
    with pytest.raises(BundleError) as caught:
        import_bundle(make_person("anna"), write_bundle(tmp_path, broken, {"score.py": b"print(1)\n"}), "sheep.zip")
    assert sorted(codes(caught.value)) == [
        "data-set-unknown",
        "image-unknown",
        "member-not-zip",
        "solution-key-unknown",
        "task-key-unknown",
    ]
    assert_nothing_was_made()


def test_what_is_no_zip_is_named_as_its_owner_calls_it(tmp_path: Path) -> None:
    path = tmp_path / "spool-93f1"
    path.write_bytes(b"title: not a zip\n")
    with pytest.raises(BundleError) as caught:
        import_bundle(make_person("anna"), path, "sheep.zip")
    assert "sheep.zip" in " ".join(f"{problem}" for problem in caught.value.problems)
    assert "spool-93f1" not in " ".join(f"{problem}" for problem in caught.value.problems)
    assert_nothing_was_made()


def test_an_unknown_image_is_a_note(tmp_path: Path) -> None:
    path = write_bundle(tmp_path, described(docker_image="someone/else:1"))
    made = import_bundle(make_person("anna"), path, "sheep.zip")
    assert [note.code for note in made.notes if note.severity == "note"] == ["image-unknown"]


def test_a_queue_that_is_not_here_is_an_error_that_names_it(tmp_path: Path) -> None:
    vhost = str(uuid4())
    with pytest.raises(BundleError) as caught:
        import_bundle(make_person("otto"), write_bundle(tmp_path, described(queue=vhost)), "sheep.zip")
    (problem,) = [each for each in caught.value.problems if each.severity == "error"]
    assert problem.code == "queue-unknown"
    assert vhost in problem.message
    assert _line_of(tmp_path, vhost) == (problem.file, problem.line)
    assert not Competition.objects.exists()


def _line_of(folder: Path, text: str) -> tuple[str, int]:
    """The file and the line, from 1, of the written bundle that holds the text."""
    (path,) = folder.glob("spooled-*")
    with zipfile.ZipFile(path) as bundle:
        lines = bundle.read("competition.yaml").decode().splitlines()
    return "competition.yaml", next(number for number, line in enumerate(lines, start=1) if text in line)


def _data_set(owner_id: int, *, is_public: bool = False) -> DataSet:
    blob = keep_blob(store().put_stream([zipped({"truth.csv": b"1\n"})], max_bytes=10_000))
    return create_data_set(owner_id, DataSetType.REFERENCE_DATA, "truth.zip", blob, is_public=is_public)


def _with_reference(key: object) -> dict[str, object]:
    return described(tasks=[DESCRIPTION["tasks"][0] | {"reference_data": str(key)}])


def test_a_strangers_data_set_cannot_be_brought_in_by_its_key(tmp_path: Path) -> None:
    secret = _data_set(make_person("stranger").id)
    with pytest.raises(BundleError) as caught:
        import_bundle(make_person("anna"), write_bundle(tmp_path, _with_reference(secret.key)), "sheep.zip")
    (problem,) = caught.value.problems
    assert problem.code == "data-set-unknown"
    assert _line_of(tmp_path, str(secret.key)) == (problem.file, problem.line)
    assert not Competition.objects.exists()


@pytest.mark.parametrize("is_public", [True, False])
def test_ones_own_and_public_data_sets_are_used_by_their_key(tmp_path: Path, *, is_public: bool) -> None:
    anna = make_person("anna")
    owner = make_person("stranger") if is_public else anna
    existing = _data_set(owner.id, is_public=is_public)
    make_competition(anna, tmp_path, _with_reference(existing.key))
    assert Task.objects.get().reference_data_id == existing.pk


def test_a_strangers_task_cannot_be_brought_in_by_its_key(tmp_path: Path) -> None:
    make_competition(make_person("stranger"), tmp_path)
    key = str(Task.objects.get().key)
    with pytest.raises(BundleError) as caught:
        make_competition(make_person("anna"), tmp_path, described(tasks=[{"index": 0, "key": key}]))
    assert codes(caught.value) == ["task-key-unknown"]


def test_ones_own_task_is_used_by_its_key(tmp_path: Path) -> None:
    anna = make_person("anna")
    make_competition(anna, tmp_path)
    task = Task.objects.get()
    made = make_competition(anna, tmp_path, described(tasks=[{"index": 0, "key": str(task.key)}]))
    assert list(PhaseTask.objects.filter(phase__competition_id=made).values_list("task_id", flat=True)) == [task.pk] * 2


def test_a_task_named_twice_by_its_key_is_refused(tmp_path: Path) -> None:
    anna = make_person("anna")
    make_competition(anna, tmp_path)
    keyed = {"key": str(Task.objects.get().key)}
    phase = {"name": "Only", "start": "2030-01-01", "tasks": [0, 1]}
    twice = described(tasks=[{"index": 0} | keyed, {"index": 1} | keyed], phases=[phase])
    with pytest.raises(BundleError) as caught:
        make_competition(anna, tmp_path, twice)
    assert codes(caught.value) == ["task-key-repeated"]


def test_a_bundle_beyond_the_quota_makes_nothing(tmp_path: Path) -> None:
    anna = make_person("anna")
    User.objects.filter(pk=anna.id).update(quota_bytes=10)
    with pytest.raises(OutOfSpace):
        make_competition(anna, tmp_path)
    assert_nothing_was_made()


class Killed(BaseException):
    """Stands for the end of the process: nothing in the service may catch it."""


@pytest.mark.parametrize("moment", ["place_data_sets", "create_competition", "create_boards", "append"])
def test_an_import_that_is_cut_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    anna = make_person("anna")

    def die(*args: object, **named: object) -> None:
        raise Killed

    monkeypatch.setattr(services, moment, die)
    with pytest.raises(Killed):
        make_competition(anna, tmp_path)
    assert_nothing_was_made()


def test_an_import_that_was_cut_off_succeeds_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = make_person("anna")
    with monkeypatch.context() as patched:
        patched.setattr(services, "create_boards", lambda *args: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            make_competition(anna, tmp_path)
    assert Competition.objects.filter(pk=make_competition(anna, tmp_path)).exists()


def test_what_stands_under_podium_is_kept_with_its_part(tmp_path: Path) -> None:
    phase = DESCRIPTION["phases"][0] | {"podium": {"seed": 7}}
    made = make_competition(make_person("anna"), tmp_path, described(phases=[phase], podium={"theme": "green"}))
    assert Competition.objects.get(pk=made).extensions == {"theme": "green"}
    assert Phase.objects.get(competition_id=made).extensions == {"seed": 7}


@pytest.mark.parametrize(
    "change",
    [
        {"podium": {"theme": "a\0b"}},
        {"fact_sheet": {"method": {"type": "select", "selection": ["a\0b", "c"]}}},
    ],
)
def test_a_character_no_database_takes_is_a_problem_and_no_crash(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(BundleError) as caught:
        make_competition(make_person("anna"), tmp_path, described(**change))
    assert "text-characters" in codes(caught.value)
    assert_nothing_was_made()


def test_the_shared_competition_with_several_tasks_is_imported(tmp_path: Path) -> None:
    made = import_bundle(make_person("anna"), shared_bundle("competition_v2_multi_task.zip"), "seeds.zip")
    assert Competition.objects.get(pk=made.id).title == "Classify Wheat Seeds - Single phase with multiple task"
    assert list(
        PhaseTask.objects.filter(phase__competition_id=made.id)
        .order_by("order_index")
        .values_list("task__name", flat=True)
    ) == ["Wheat Seed First Task", "Wheat Seed Second Task", "Wheat Seed Third Task", "Wheat Seed Fourth Task"]
    # Four tasks share one scoring and one ingestion program; each has its own input and reference data.
    assert DataSet.objects.filter(was_created_by_competition=True).count() == 2 + 4 + 4 + 1
    assert Solution.objects.get().tasks.count() == 4
