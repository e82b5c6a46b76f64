"""`--keep`: what programs were given, what they left and what they printed, in folders for people."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.requirements_on_machine import require_program
from tests.small_bundles import files_of, small_bundle, write_tree

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

INGEST = {
    "metadata": "command: python $ingestion_program/ingest.py $input $output $submission_program",
    "ingest.py": """
        import sys
        print("reading", open(sys.argv[1] + "/question.txt").read())
        sys.path.append(sys.argv[3])
        import model
        open(sys.argv[2] + "/answer.txt", "w").write(model.answer())
        print("done", file=sys.stderr)
    """,
}
SMALL = "phase-0-only/submission-1-mine/task-0-task-0"


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    require_program("bwrap", "bubblewrap")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    made = small_bundle(tmp_path / "b", ingestion_program=INGEST, task={"input_data": "input"})
    write_tree(made / "input", {"question.txt": "how"})
    return made


def mine(folder: Path, model: str = "def answer(): return 'a b c d'") -> Path:
    return write_tree(folder / "mine", {"model.py": model})


def run(bundle: Path, submission: Path, kept: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["run", bundle, "-s", submission, "--runtime", "plain", "--keep", kept, *options]
    return subprocess.run(
        [sys.executable, "-m", "podium", *map(str, command)], capture_output=True, text=True, timeout=120, check=False
    )


def texts(folder: Path) -> Mapping[str, str]:
    return {name: content.decode() for name, content in files_of(folder).items()}


def test_every_step_has_its_inputs_its_output_its_logs_and_how_it_ended(bundle: Path, tmp_path: Path) -> None:
    ended = run(bundle, mine(tmp_path), tmp_path / "kept")
    assert ended.returncode == 0, ended.stderr
    kept = texts(tmp_path / "kept")
    steps = {name for name in kept if name.startswith(SMALL)}
    assert {name.removeprefix(f"{SMALL}/") for name in steps} == {
        "prediction/input/submission/model.py",
        "prediction/input/ingestion_program/metadata",
        "prediction/input/ingestion_program/ingest.py",
        "prediction/input/input_data/question.txt",
        "prediction/output/answer.txt",
        "prediction/output/model.py",
        "prediction/output/metadata",
        "prediction/logs/ingestion_program.stdout.txt",
        "prediction/logs/ingestion_program.stderr.txt",
        "prediction/step.json",
        "scoring/input/scoring_program/metadata.yaml",
        "scoring/input/scoring_program/score.py",
        "scoring/input/input_data/question.txt",
        "scoring/input/reference_data/truth.txt",
        "scoring/input/predictions/answer.txt",
        "scoring/input/predictions/model.py",
        "scoring/input/predictions/metadata",
        "scoring/output/scores.json",
        "scoring/output/metadata",
        "scoring/logs/scoring_program.stdout.txt",
        "scoring/logs/scoring_program.stderr.txt",
        "scoring/step.json",
    }
    assert set(kept) == {*steps, "podium-run.json"}
    assert kept[f"{SMALL}/prediction/logs/ingestion_program.stdout.txt"] == "reading how\n"
    assert kept[f"{SMALL}/prediction/logs/ingestion_program.stderr.txt"] == "done\n"
    assert kept[f"{SMALL}/scoring/input/predictions/answer.txt"] == "a b c d"
    step = json.loads(kept[f"{SMALL}/scoring/step.json"])
    # All four words are right.
    assert step["scores"] == {"right": 4.0, "share": 1.0}
    assert (step["ok"], step["problem"], step["runtime"], step["step"]) == (True, None, "plain", "scoring")
    (program,) = step["programs"]
    assert (program["program"], program["ending"], program["exit_code"]) == ("scoring_program", "exited", 0)
    assert program["elapsed_s"] > 0


def test_a_step_that_fails_is_kept_with_its_problem(bundle: Path, tmp_path: Path) -> None:
    ended = run(bundle, mine(tmp_path, "import sys\nprint('so far')\nsys.exit('bad luck')"), tmp_path / "kept")
    assert ended.returncode == 1
    kept = texts(tmp_path / "kept" / SMALL)
    assert not any(name.startswith("scoring") for name in kept)
    step = json.loads(kept["prediction/step.json"])
    assert (step["ok"], step["problem"]["code"], step["programs"][0]["exit_code"]) == (False, "exit-code", 1)
    assert kept["prediction/logs/ingestion_program.stderr.txt"] == "bad luck\n"
    assert "so far" in kept["prediction/logs/ingestion_program.stdout.txt"]


def test_what_an_earlier_run_kept_is_replaced(bundle: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    run(bundle, mine(tmp_path), kept)
    other = write_tree(tmp_path / "other", {"model.py": "def answer(): return 'x'"})
    ended = run(bundle, other, kept)
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in kept.glob("*/*")] == ["submission-1-other"]


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(bundle: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    run(bundle, mine(tmp_path), kept)
    (kept / "notes.txt").write_text("precious")
    for folder, words in ((kept, "is not empty"), (bundle, "is not empty"), (kept / "notes.txt", "is a file")):
        before = files_of(folder)
        ended = run(bundle, mine(tmp_path), folder)
        assert ended.returncode == 1
        assert words in ended.stderr
        assert "--keep" in ended.stderr
        assert files_of(folder) == before


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "[]",
        "{}",
        '{"phases": "precious"}',
        '{"phases": ["precious"]}',
        '{"phases": ["../precious", 1]}',
        '{"phases": ["phase-0-only"]}',
        "\xff",
    ],
)
def test_a_marker_of_somebody_else_endangers_nothing(marker: str, bundle: Path, tmp_path: Path) -> None:
    kept = write_tree(tmp_path / "kept", {"precious/thesis.txt": "words"})
    (kept / "podium-run.json").write_bytes(marker.encode("latin-1"))
    ended = run(bundle, mine(tmp_path), kept)
    assert (ended.returncode, "is not empty" in ended.stderr) == (1, True), ended.stderr
    assert (kept / "precious" / "thesis.txt").read_text() == "words"


def test_the_bundle_and_the_submission_are_never_the_files_that_are_kept(bundle: Path, tmp_path: Path) -> None:
    submission = mine(tmp_path)
    assert run(bundle, submission, tmp_path / "kept").returncode == 0
    theirs = {path.stat().st_ino for folder in (bundle, submission) for path in folder.rglob("*")}
    assert not theirs & {path.stat().st_ino for path in (tmp_path / "kept").rglob("*")}


def test_podium_test_keeps_as_well(bundle: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    command = ["test", bundle, "-s", mine(tmp_path), "--runtime", "plain", "--keep", kept]
    subprocess.run([sys.executable, "-m", "podium", *map(str, command)], timeout=120, check=True)
    assert (kept / SMALL / "scoring" / "output" / "scores.json").is_file()


def test_names_become_folders_that_any_system_takes(tmp_path: Path) -> None:
    bundle = small_bundle(
        tmp_path / "b",
        solutions=({"answer.txt": "a b c d"},),
        task={"name": "Größe / ../.. *?"},
        phase={"name": "日本 " + "long " * 30},
    )
    kept = tmp_path / "kept"
    command = ["run", bundle, "--runtime", "plain", "--keep", kept]
    subprocess.run([sys.executable, "-m", "podium", *map(str, command)], timeout=120, check=True)
    (step,) = kept.glob("*/*/*/scoring")
    phase, submission, task = step.relative_to(kept).parts[:3]
    assert phase.startswith("phase-0-long-long-")
    assert len(phase) < 60
    assert (submission, task) == ("submission-1-solution-0", "task-0-gr-e")
