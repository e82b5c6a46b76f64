"""Exporting competitions: what comes out makes the same competition again."""

from __future__ import annotations

import random
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from tests.integration.server.competition_material import (
    described,
    make_competition,
    make_person,
    write_bundle,
)
from tests.integration.server.own_jobs import import_bundle
from tests.shared_material import shared_bundle
from tests.small_bundles import zipped
from tests.unit.rules.bundle.specifications import files_of, specifications

from podium.blobs.archives import ZipSource, pack_folder
from podium.rules.bundle import read_bundle
from podium.rules.bundle.spec import CompetitionSpec, FileRef, PhaseSpec, SolutionSpec, TaskSpec
from podium.rules.bundle.writing import write_competition
from podium.rules.errors import Conflict, NotAllowed, NotFound, OutOfSpace
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Task
from podium.server.competitions.services import delete
from podium.server.exports import services
from podium.server.exports.description import Described
from podium.server.exports.models import Dump
from podium.server.exports.queries import dumps_of
from podium.server.exports.services import export_competition
from podium.server.files.models import DataSet
from podium.server.files.services import StoredBlob, keep_blob, store
from podium.server.history.proving import head_of_competition

pytestmark = pytest.mark.django_db

Part = TypeVar("Part", TaskSpec, SolutionSpec, PhaseSpec)
EXAMPLES = Path(__file__).parents[3] / "examples"

# Everything that version 2 can say and that a site without queues can import.
RICH = described(
    pages=[{"title": "Overview", "file": "overview.md"}, {"title": "overview", "file": "data.html"}],
    description="Two lines:\nno, really.",
    reward="1e3",
    contact_email="a@example.org",
    enable_detailed_results=True,
    show_detailed_results_in_leaderboard=False,
    auto_run_submissions=False,
    make_programs_available=True,
    forum_enabled=False,
    collaborators=["ben"],
    whitelist_emails=["a@example.org", "b@example.org"],
    allow_robot_submissions=True,
    competition_type="benchmark",
    podium={"a": {"b": [1, 2.5, None, "no"]}},
    fact_sheet={
        "method": {"key": "method", "type": "select", "title": "Method", "selection": ["a", "b"], "is_required": True},
        "code": {"key": "code", "type": "text", "title": "Code", "selection": "", "is_on_leaderboard": True},
    },
    tasks=[
        {
            "index": 7,
            "name": "Field",
            "description": "Green",
            "scoring_program": "scoring_program",
            "ingestion_program": "scoring_program",
            "input_data": "reference_data",
            "reference_data": "reference_data",
            "ingestion_only_during_scoring": True,
            "podium": {"of": "task"},
        },
        {"index": 3, "name": "Barn", "scoring_program": "other/scoring_program"},
    ],
    solutions=[{"index": 4, "tasks": [3, 7], "path": "reference_data", "name": "Sure", "podium": {"of": "solution"}}],
    phases=[
        {
            "name": "Practice",
            "start": "2030-01-01 10:30:00",
            "end": "2030-02-01T00:00:00.25+02:00",
            "tasks": [3, 7],
            "max_submissions": None,
            "max_submissions_per_day": 0,
            "execution_time_limit": 77,
            "starting_kit": "reference_data",
            "public_data": "kit.csv",
        },
        {
            "name": "Final",
            "start": "2030-02-01",
            "tasks": [7],
            "max_submissions": 3,
            "auto_migrate_to_this_phase": True,
            "hide_output": True,
            "hide_prediction_output": True,
            "hide_score_output": True,
            "podium": {"of": "phase"},
        },
    ],
    leaderboards=[
        {
            "title": title,
            "key": title,
            "hidden": title == "b",
            "primary_index": 5,
            "submission_rule": "Force_Best",
            "podium": {"mean_of_ranks": ["mean"], "of": "board"},
            "columns": [
                {"title": "Accuracy", "key": "accuracy", "index": 2, "precision": 0, "hidden": True},
                {"title": "Seconds", "key": "seconds", "index": 5, "sorting": "asc"},
                {"title": "Mean", "key": "mean", "index": 9, "computation": "avg", "computation_indexes": [5, 2]},
            ],
        }
        for title in ("a", "b")
    ],
)
RICH_FILES: dict[str, bytes | None] = {
    "kit.csv": b"1,2\n" * 1000,
    "other/scoring_program/metadata.yaml": b"command: python3 score.py\n",
    "other/scoring_program/score.py": b"print({'accuracy': 2, 'seconds': 2})\n",
}


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


def path_of(sha256: str) -> Path:
    return store().path(sha256)


def exported(by: Person, competition_id: int, **options: bool) -> Path:
    return path_of(export_competition(by, competition_id, **options).sha256)


def assert_makes_itself_again(by: Person, competition_id: int) -> CompetitionSpec:
    """The bundle of the competition that the bundle makes is the same, byte for byte."""
    first = exported(by, competition_id)
    again = import_bundle(by, first, "again.zip").id
    assert exported(by, again).read_bytes() == first.read_bytes()
    return specification(first)


def specification(bundle: Path) -> CompetitionSpec:
    with ZipSource(bundle) as source:
        return read_bundle(source).require()


def as_read(spec: CompetitionSpec, bundle: Path, *, numbered: dict[int, int]) -> dict[str, Any]:
    """What a bundle says, its files by their content and its tasks by the numbers they get."""
    with zipfile.ZipFile(bundle) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}

    def plain(value: Any, key: str = "") -> Any:
        if isinstance(value, dict) and value.keys() == {"path", "key"}:
            return members(value["path"]) if value["path"] else str(value["key"])
        if isinstance(value, dict):
            return {name: plain(each, name) for name, each in value.items()}
        if key == "tasks" and all(isinstance(each, int) for each in value):
            return sorted(numbered[each] for each in value)
        return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value

    def members(path: str) -> dict[str, bytes]:
        """A zip counts as the folder it was made of."""
        if content.get(path, b"").startswith(b"PK"):
            target = bundle.parent / "inner.zip"
            target.write_bytes(content[path])
            with zipfile.ZipFile(target) as inner:
                return {name: inner.read(name) for name in inner.namelist() if not name.endswith("/")}
        if path in content:
            return {"": content[path]}
        return {name.removeprefix(f"{path}/"): data for name, data in content.items() if name.startswith(f"{path}/")}

    said = plain(spec.model_dump())
    for task in said["tasks"]:
        task["index"] = numbered[task["index"]]
    said["tasks"].sort(key=lambda task: task["index"])
    for index, solution in enumerate(said["solutions"]):
        solution["index"] = index
    said["image"] = content[spec.image]
    del said["terms_file"]
    for page in said["pages"]:
        page["file"] = Path(page["file"]).suffix
    return said


def test_everything_that_a_bundle_says_comes_out_again(anna: Person, tmp_path: Path) -> None:
    make_person("ben")
    bundle = write_bundle(tmp_path, RICH, RICH_FILES)
    made = import_bundle(anna, bundle, "rich.zip").id
    taken_out = tmp_path / "out.zip"
    taken_out.write_bytes(exported(anna, made).read_bytes())
    # Tasks are numbered as the phases name them: first 3, then 7.
    before = as_read(specification(bundle), bundle, numbered={3: 0, 7: 1})
    after = as_read(specification(taken_out), taken_out, numbered={0: 0, 1: 1})
    assert after == before


def test_a_rich_competition_makes_itself_again(anna: Person, tmp_path: Path) -> None:
    spec = assert_makes_itself_again(anna, import_bundle(anna, write_bundle(tmp_path, RICH, RICH_FILES), "a.zip").id)
    assert [page.file for page in spec.pages] == ["pages/overview.md", "pages/overview.html"]
    programs = [task.scoring_program.path for task in spec.tasks if task.scoring_program]
    # Two programs of one name: the second gets a number.
    assert programs == ["programs/scoring_program.zip", "programs/scoring_program-2.zip"]


@pytest.mark.parametrize("name", ["hello", "digits"])
def test_the_examples_make_themselves_again(anna: Person, tmp_path: Path, name: str) -> None:
    with (tmp_path / "example.zip").open("wb") as file:
        pack_folder(EXAMPLES / name, file)
    assert_makes_itself_again(anna, import_bundle(anna, tmp_path / "example.zip", "example.zip").id)


@pytest.mark.parametrize("name", ["competition.zip", "competition_v2_multi_task.zip", "competition_15_iris.zip"])
def test_real_bundles_make_themselves_again(anna: Person, name: str) -> None:
    assert_makes_itself_again(anna, import_bundle(anna, shared_bundle(name), name).id)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(spec=specifications())
def test_any_competition_makes_itself_again(anna: Person, tmp_path: Path, spec: CompetitionSpec) -> None:
    spec = standing_alone(spec)
    bundle = tmp_path / "generated.zip"
    bundle.write_bytes(zipped({**files_of(spec), "competition.yaml": write_competition(spec)}))
    assert_makes_itself_again(anna, import_bundle(anna, bundle, "generated.zip").id)


def standing_alone(spec: CompetitionSpec) -> CompetitionSpec:
    """The specification without anything of a site: no keys, no people, an image that every site has a runtime for.

    A character of code 0, which PostgreSQL does not store, is refused at import.
    """
    own = spec.tasks[0].model_copy(
        update={"key": None, "name": "Own", "scoring_program": FileRef(path="own/program"), "extensions": {}}
    )
    return spec.model_copy(
        update={
            "tasks": tuple(_by_path(own.model_copy(update={"index": task.index})) for task in spec.tasks),
            "solutions": tuple(
                _by_path(each.model_copy(update={"key": None, "path": FileRef(path=f"own/solution-{each.index}")}))
                for each in spec.solutions
            ),
            "phases": tuple(_by_path(phase) for phase in spec.phases),
            "leaderboards": tuple(board.model_copy(update={"extensions": {}}) for board in spec.leaderboards),
            "fact_sheet": tuple(each for each in spec.fact_sheet if "\0" not in "".join(each.selection)),
            "extensions": {},
            "queue": None,
            "collaborators": (),
            "docker_image": "podium/plain",
        }
    )


def _by_path(part: Part) -> Part:
    slots = ("ingestion_program", "input_data", "reference_data", "starting_kit", "public_data")
    by_key = {slot: None for slot in slots if getattr(getattr(part, slot, None), "key", None) is not None}
    return part.model_copy(update={**by_key, "extensions": {}})


def test_the_bundle_names_what_exists_by_key_if_that_is_wished(anna: Person, tmp_path: Path) -> None:
    made = import_bundle(anna, write_bundle(tmp_path, RICH, RICH_FILES), "rich.zip").id
    bundle = exported(anna, made, keys_instead_of_files=True)
    spec = specification(bundle)
    tasks = Task.objects.in_bulk([task.key for task in spec.tasks], field_name="key")
    assert [tasks[task.key].name for task in spec.tasks if task.key] == ["Barn", "Field"]
    assert [solution.path for solution in spec.solutions] == [None]
    with zipfile.ZipFile(bundle) as archive:
        assert sorted(archive.namelist()) == [
            "competition.yaml",
            "logo.png",
            "pages/overview.html",
            "pages/overview.md",
            "terms.md",
        ]
    again = import_bundle(anna, bundle, "again.zip").id
    assert exported(anna, again, keys_instead_of_files=True).read_bytes() == bundle.read_bytes()
    assert Task.objects.count() == 2


def test_the_files_of_a_stranger_do_not_come_out(anna: Person, tmp_path: Path) -> None:
    make_competition(make_person("stranger"), tmp_path)
    task = Task.objects.get()
    Task.objects.update(is_public=True)
    mine = make_competition(anna, tmp_path, described(tasks=[{"index": 0, "key": str(task.key)}]))
    bundle = exported(anna, mine)
    assert [each.key for each in specification(bundle).tasks] == [task.key]
    with zipfile.ZipFile(bundle) as archive:
        assert not [name for name in archive.namelist() if "program" in name or "reference" in name]


def test_a_second_export_of_the_same_is_the_first_one(anna: Person, tmp_path: Path) -> None:
    made = make_competition(anna, tmp_path)
    first, second = export_competition(anna, made), export_competition(anna, made)
    assert first == second
    assert [row.key for row in dumps_of(anna, made)] == [first.key]
    said = DataSet.objects.get(key=first.key).description
    assert said == f"Its history ended with {head_of_competition(made)} then."
    Competition.objects.filter(pk=made).update(title="Count the goats")
    third = export_competition(anna, made)
    assert third.file_name == "count-the-goats.zip"
    assert [row.key for row in dumps_of(anna, made)] == [first.key, third.key]


def test_only_those_who_run_a_competition_export_it(anna: Person, tmp_path: Path) -> None:
    made = make_competition(anna, tmp_path)
    ben = make_person("ben")
    with pytest.raises(NotFound):
        export_competition(ben, made)
    Competition.objects.update(published=True)
    with pytest.raises(NotAllowed):
        export_competition(ben, made)
    with pytest.raises(NotAllowed):
        dumps_of(ben, made)
    assert not Dump.objects.exists()
    Competition.objects.get(pk=made).collaborators.add(ben.id)
    assert export_competition(ben, made).name.startswith("Count the sheep Dump #1 Created ")


def test_a_bundle_that_the_quota_does_not_hold_is_not_kept(anna: Person, tmp_path: Path) -> None:
    made = make_competition(anna, tmp_path)
    User.objects.filter(pk=anna.id).update(quota_bytes=1)
    with pytest.raises(OutOfSpace):
        export_competition(anna, made)
    assert not Dump.objects.exists()


def test_a_file_that_has_not_arrived_is_named(anna: Person, tmp_path: Path) -> None:
    made = make_competition(anna, tmp_path)
    DataSet.objects.filter(type="reference_data").update(blob=None)
    with pytest.raises(Conflict, match="reference_data"):
        export_competition(anna, made)


def test_a_competition_without_a_logo_makes_no_bundle(anna: Person, tmp_path: Path) -> None:
    made = make_competition(anna, tmp_path)
    Competition.objects.update(logo=None)
    with pytest.raises(Conflict, match="logo"):
        export_competition(anna, made)


def test_pages_without_text_come_out_as_pages_that_show_nothing(anna: Person, tmp_path: Path) -> None:
    made = make_competition(anna, tmp_path)
    Competition.objects.get(pk=made).pages.update(content=" \n")
    assert {page.content for page in assert_makes_itself_again(anna, made).pages} == {"<!-- This page is empty. -->\n"}


def test_a_bundle_goes_with_the_competition_but_stays_its_owners_file(anna: Person, tmp_path: Path) -> None:
    made = make_competition(anna, tmp_path)
    bundle = export_competition(anna, made)
    delete(anna, made)
    assert not Dump.objects.exists()
    assert DataSet.objects.filter(key=bundle.key).exists()


def test_a_competition_that_is_deleted_meanwhile_is_not_there(
    anna: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_competition(anna, tmp_path)
    write = services._write

    def write_and_delete(described: Described) -> StoredBlob:
        delete(anna, made)
        return write(described)

    monkeypatch.setattr(services, "_write", write_and_delete)
    with pytest.raises(NotFound):
        export_competition(anna, made)
    assert not Dump.objects.exists()


def test_a_large_file_does_not_pass_through_memory(anna: Person, tmp_path: Path) -> None:
    size = 64 * 1024 * 1024
    noise = random.Random(0).randbytes(size // 64) * 64
    with zipfile.ZipFile(tmp_path / "noise.zip", "w") as archive:
        archive.writestr("noise", noise)
    made = make_competition(anna, tmp_path)
    DataSet.objects.filter(type="reference_data").update(blob=keep_blob(store().put_file(tmp_path / "noise.zip")))
    del noise
    tracemalloc.start()
    try:
        bundle = export_competition(anna, made)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert bundle.size_bytes > size
    assert peak < size / 8
