"""`podium test`: bundles prove that they work, in the real sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require_program
from tests.small_bundles import small_bundle, write_tree

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    require_program("bwrap", "bubblewrap")


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runtimes")


def podium_test(runtimes: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "podium.cli.main", "test", *map(str, arguments)],
        env={**os.environ, "PODIUM_RUNTIMES": str(runtimes)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def expecting(bundle: Path, **extensions: Any) -> Path:
    """The bundle with `podium:` beside its first solution."""
    yaml = bundle / "competition.yaml"
    content = json.loads(yaml.read_text())
    content["solutions"][0]["podium"] = extensions
    yaml.write_text(json.dumps(content))
    return bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Its solution has 3 of 4 words right."""
    return small_bundle(tmp_path / "b", solutions=({"answer.txt": "a b c x"},))


def test_a_solution_that_scores_as_expected_passes(bundle: Path, runtimes: Path) -> None:
    ended = podium_test(runtimes, expecting(bundle, expected_scores={"share": 0.75, "right": 3}))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "passed  Only / Solution 0 / Task 0  share 0.75, right 3  (2 as expected)",
        "1 passed, 0 failed.",
    ]


def test_a_score_that_differs_fails_unless_the_tolerance_allows_it(bundle: Path, runtimes: Path) -> None:
    ended = podium_test(runtimes, expecting(bundle, expected_scores={"share": 0.7}))
    assert ended.returncode == 1
    assert "share is 0.75; 0.7 was expected." in ended.stdout
    assert ended.stdout.splitlines()[-1] == "0 passed, 1 failed."
    ended = podium_test(runtimes, expecting(bundle, expected_scores={"share": 0.7}, tolerance=0.1))
    assert ended.returncode == 0, ended.stdout


def test_a_solution_that_fails_is_told_with_its_log(bundle: Path, runtimes: Path) -> None:
    (bundle / "solution-0" / "answer.txt").rename(bundle / "solution-0" / "other.txt")
    ended = podium_test(runtimes, bundle, "--json")
    found = json.loads(ended.stdout)
    (run,) = found["runs"]
    assert (ended.returncode, found["passed"], run["passed"], found["lint"]["errors"]) == (1, False, False, 0)
    assert "FileNotFoundError" in run["log_tail"]


def test_nothing_is_run_where_lint_finds_an_error(bundle: Path, runtimes: Path) -> None:
    (bundle / "scoring" / "score.py").rename(bundle / "scoring" / "main.py")
    ended = podium_test(runtimes, bundle)
    assert (ended.returncode, ended.stdout) == (1, "Nothing was run: the bundle has errors.\n")
    assert "program-no-script" in ended.stderr


def test_submissions_can_take_the_place_of_solutions(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b")
    ended = podium_test(runtimes, bundle)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "no solutions" in ended.stderr
    folder = write_tree(tmp_path / "mine", {"answer.txt": "a b x x"})
    ended = podium_test(runtimes, bundle, "-s", folder)
    assert (ended.returncode, ended.stdout.splitlines()[0]) == (0, "passed  Only / mine / Task 0  share 0.5, right 2")


@pytest.mark.parametrize("kind", ["results", "code", "ingestion"])
def test_a_bundle_made_by_init_passes_as_folder_and_as_zip(kind: str, tmp_path: Path, runtimes: Path) -> None:
    for arguments in (["init", "mine", "--kind", kind], ["pack", "mine"]):
        subprocess.run([sys.executable, "-m", "podium.cli.main", *arguments], cwd=tmp_path, check=True, timeout=60)
    for bundle in ("mine", "mine.zip"):
        ended = podium_test(runtimes, tmp_path / bundle)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.splitlines()[-1] == "1 passed, 0 failed."
        assert "1 as expected" in ended.stdout
