"""The bundles of the examples, as a folder and as a zip."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.examples.programs import EXAMPLES

from podium.blobs.archives import open_source, pack_folder
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle import read_bundle
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.phases import current_phase

RULES = {
    "hello": SubmissionRule.FORCE_BEST,
    "digits": SubmissionRule.FORCE_BEST,
    # What a submission is scored with is all that came before it, so that the last one tells most.
    "hello-history": SubmissionRule.FORCE_LAST,
}
NAMES = tuple(RULES)


def specification(path: Path) -> CompetitionSpec:
    with open_source(path) as source:
        reading = read_bundle(source)
    assert reading.problems == ()
    return reading.require()


def test_every_folder_here_is_one_of_the_examples() -> None:
    assert sorted(path.parent.name for path in EXAMPLES.glob("*/competition.yaml")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_bundle_is_read_without_a_problem_or_a_note_unzipped_and_zipped(name: str, tmp_path: Path) -> None:
    archive = tmp_path / f"{name}.zip"
    with archive.open("wb") as file:
        pack_folder(EXAMPLES / name, file)
    assert specification(EXAMPLES / name) == specification(archive)


@pytest.mark.parametrize("name", NAMES)
def test_everybody_may_join_and_one_submission_of_each_stands_on_the_board(name: str) -> None:
    competition = specification(EXAMPLES / name)
    assert competition.registration_auto_approve
    assert competition.leaderboards[0].submission_rule is RULES[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("year", [2026, 2030, 2035])
def test_the_first_phase_is_open_for_years(name: str, year: int) -> None:
    phases = specification(EXAMPLES / name).phases
    assert current_phase(phases, datetime(year, 11, 21, tzinfo=UTC)) == phases[0]


@pytest.mark.parametrize("name", NAMES)
def test_three_sample_solutions_have_names_that_people_understand(name: str) -> None:
    competition = specification(EXAMPLES / name)
    assert len({solution.name for solution in competition.solutions}) == 3
    for solution in competition.solutions:
        assert set(solution.tasks) == {task.index for task in competition.tasks}
        assert solution.path is not None
        assert solution.path.path is not None
        assert (EXAMPLES / name / solution.path.path).is_dir()


@pytest.mark.parametrize("name", NAMES)
def test_the_logo_is_a_small_png(name: str) -> None:
    content = (EXAMPLES / name / "logo.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(content) < 20_000


def test_the_model_on_the_page_is_the_model_of_the_starting_kit() -> None:
    page = (EXAMPLES / "digits" / "pages" / "starting_kit.md").read_text(encoding="utf-8")
    model = (EXAMPLES / "digits" / "starting_kit" / "model.py").read_text(encoding="utf-8")
    shown = [line.removeprefix("    ") for line in page.splitlines() if line.startswith("    ") or not line]
    statements = [line.replace("×", "x").strip() for line in shown if line.strip()]
    for line in model.splitlines():
        if line.strip() and not line.startswith('"""'):
            assert line.strip() in statements
