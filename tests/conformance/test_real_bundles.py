"""Bundles made by others, read into what their YAML visibly says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.shared_material import shared_bundle

from podium.blobs.archives import BUNDLE_LIMITS, SUBMISSION_LIMITS, extract_archive, open_source, pack_member
from podium.rules.board.columns import Column, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle import BundleReading, read_bundle
from podium.rules.bundle.spec import FileRef

WHEAT_COLUMNS = (
    Column("accuracy", "Prediction score", 0, Sorting.DESCENDING),
    Column("duration", "Duration", 1, Sorting.DESCENDING),
)


def reading_of(name: str) -> BundleReading:
    with open_source(shared_bundle(name)) as source:
        return read_bundle(source)


@pytest.fixture(params=["zip", "folder"])
def wheat(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BundleReading]:
    """The two-phase bundle, as it was sent and unpacked into a folder."""
    path = shared_bundle("competition.zip")
    if request.param == "folder":
        extract_archive(path, tmp_path / "bundle", BUNDLE_LIMITS)
        path = tmp_path / "bundle"
    with open_source(path) as source:
        yield read_bundle(source)


def test_the_wheat_bundle_has_no_errors_and_notes_its_ambiguous_dates(wheat: BundleReading) -> None:
    assert [(note.code, note.place, note.severity) for note in wheat.problems] == [
        ("date-order", "competition.yaml:36:12", "note"),
        ("date-order", "competition.yaml:42:12", "note"),
    ]


def test_the_wheat_bundle_has_its_title_texts_and_image(wheat: BundleReading) -> None:
    spec = wheat.require()

    assert spec.title == "Classify Wheat Seeds"
    assert spec.description == "Classification of wheat seeds into three classes based on seven dimensions of data"
    assert (spec.image, spec.terms_file) == ("wheat.jpg", "terms.md")
    # The sizes that `unzip -l` lists for the two texts, which have no carriage returns.
    assert len(spec.terms.encode()) == 127
    assert [(page.title, page.file, len(page.content.encode())) for page in spec.pages] == [
        ("Participation", "participate.md", 707)
    ]
    assert spec.docker_image == "codalab/codalab-legacy:py3"


def test_the_wheat_bundle_has_two_phases_with_month_first_dates(wheat: BundleReading) -> None:
    first, second = wheat.require().phases

    assert (first.name, first.tasks) == ("Development Phase", (0,))
    assert (first.start, first.end) == (datetime(2019, 8, 7, tzinfo=UTC), datetime(2019, 9, 30, tzinfo=UTC))
    assert (second.name, second.tasks) == ("Testing Phase", (1,))
    assert (second.start, second.end) == (datetime(2019, 10, 1, tzinfo=UTC), None)


def test_the_wheat_bundle_has_two_tasks_and_a_solution_for_both(wheat: BundleReading) -> None:
    spec = wheat.require()

    for task, name, folder in zip(spec.tasks, ("Developement", "Final"), ("dev_phase", "final_phase"), strict=True):
        assert task.name == f"Wheat Seed {name} Task"
        assert task.input_data == FileRef(path=f"{folder}/input_data")
        assert task.reference_data == FileRef(path=f"{folder}/reference_data")
        assert task.ingestion_program == FileRef(path="ingestion_program")
        assert task.scoring_program == FileRef(path="scoring_program")
    (solution,) = spec.solutions
    assert (solution.tasks, solution.path) == ((0, 1), FileRef(path="solution.zip"))


def test_the_wheat_bundle_has_one_board_of_two_columns(wheat: BundleReading) -> None:
    (board,) = wheat.require().leaderboards

    assert (board.title, board.key, board.submission_rule) == ("Results", "main", SubmissionRule.ADD)
    assert board.columns == WHEAT_COLUMNS


def test_the_programs_of_the_wheat_bundle_are_stored_with_their_content_at_the_root() -> None:
    with open_source(shared_bundle("competition.zip")) as source:
        reading = read_bundle(source)
        program = reading.require().tasks[0].ingestion_program
        assert program is not None
        assert program.path is not None
        buffer = io.BytesIO()
        assert pack_member(source, reading.member_name(program.path), buffer) == "zip"

    with zipfile.ZipFile(buffer) as archive:
        assert {info.filename: info.file_size for info in archive.infolist()} == {
            "ingestion.py": 1240,
            "metadata.yaml": 107,
        }


def test_the_bundle_with_four_tasks_in_one_phase_reads_without_any_remark_on_them() -> None:
    reading = reading_of("competition_v2_multi_task.zip")
    spec = reading.require()

    assert reading.problems == ()
    assert spec.title == "Classify Wheat Seeds - Single phase with multiple task"
    (phase,) = spec.phases
    # 6-15-2020 can only be month-first.
    assert (phase.start, phase.end, phase.tasks) == (datetime(2020, 6, 15, tzinfo=UTC), None, (0, 1, 2, 3))
    assert [task.name for task in spec.tasks] == [
        f"Wheat Seed {number} Task" for number in ("First", "Second", "Third", "Fourth")
    ]
    assert [task.reference_data for task in spec.tasks] == [
        FileRef(path=f"{number}/reference_data") for number in ("first", "second", "third", "fourth")
    ]
    assert spec.solutions[0].tasks == (0, 1, 2, 3)
    assert spec.leaderboards[0].columns == WHEAT_COLUMNS


def test_the_codalab_bundle_has_no_errors_and_notes_what_it_asks_for_in_vain() -> None:
    assert [(note.code, note.place, note.severity) for note in reading_of("competition_15_iris.zip").problems] == [
        ("version-codalab", "competition.yaml:2:1", "note"),
        ("key-unused", "competition.yaml:8:1", "note"),
        ("key-unused", "competition.yaml:31:5", "note"),
        ("key-unused", "competition.yaml:50:5", "note"),
    ]


def test_the_codalab_bundle_has_its_title_people_and_pages() -> None:
    spec = reading_of("competition_15_iris.zip").require()

    assert (spec.version, spec.title, spec.image, spec.terms_file) == ("1.5", "Iris", "logo.png", "terms.html")
    assert [(page.title, page.file) for page in spec.pages] == [
        ("data", "data.html"),
        ("evaluation", "evaluation.html"),
        ("overview", "overview.html"),
    ]
    assert spec.docker_image == "codalab/codalab-legacy:py37"
    assert spec.collaborators == ("guyon", "lsenta", "pavao")
    assert spec.registration_auto_approve
    assert spec.enable_detailed_results


def test_the_codalab_bundle_has_two_phases_without_a_gap_each_with_a_task() -> None:
    spec = reading_of("competition_15_iris.zip").require()
    first, second = spec.phases

    assert (first.name, first.start) == ("Development", datetime(2020, 1, 15, 18, 53, tzinfo=UTC))
    assert first.end == second.start == datetime(2020, 2, 15, 18, 53, tzinfo=UTC)
    assert (second.name, second.end) == ("Final", None)
    assert (first.max_submissions_per_day, second.max_submissions_per_day) == (15, 5)
    assert (first.execution_time_limit_s, second.execution_time_limit_s) == (500, 500)
    assert (first.starting_kit, first.public_data) == (
        FileRef(path="starting_kit.zip"),
        FileRef(path="input_data_1_2.zip"),
    )
    for task, name, truth in zip(spec.tasks, ("Development", "Final"), ("1", "2"), strict=True):
        assert task.name == f"{name} Task"
        assert task.reference_data == FileRef(path=f"reference_data_{truth}.zip")
        assert task.scoring_program == FileRef(path="scoring_program.zip")


def test_the_codalab_bundle_has_one_board_that_shows_the_last_submissions() -> None:
    (board,) = reading_of("competition_15_iris.zip").require().leaderboards

    assert (board.title, board.primary_index) == ("Results", 0)
    # force_submission_to_leaderboard and disallow_leaderboard_modifying are both true.
    assert board.submission_rule is SubmissionRule.FORCE_LAST
    assert board.columns == (
        Column("set1_score", "Prediction score", 0, precision=4),
        Column("Duration", "Duration", 1, precision=2),
    )


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("submission.zip", {"model.py": 242}),
        ("submission_15_iris_code.zip", {"metadata": 78, "model.py": 3271}),
        (
            "submission_15_iris_result.zip",
            {"iris_test.predict": 210, "iris_train.predict": 735, "iris_valid.predict": 105},
        ),
    ],
)
def test_real_submissions_unpack_to_the_files_that_unzip_lists(
    tmp_path: Path, name: str, files: dict[str, int]
) -> None:
    extract_archive(shared_bundle(name), tmp_path / "out", SUBMISSION_LIMITS)

    assert {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()} == files
