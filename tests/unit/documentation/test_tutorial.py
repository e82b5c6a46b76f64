"""The bundle that the tutorial writes is a bundle, and its program gives the score that the tutorial promises."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.documentation.pages import DOCS, REPOSITORY, fenced_blocks

from podium.blobs.archives import open_source
from podium.rules.bundle import read_bundle

TUTORIAL = DOCS / "tutorial" / "first-competition.md"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    for block in fenced_blocks(TUTORIAL):
        path = tmp_path / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    shutil.copy(REPOSITORY / "examples" / "hello" / "logo.png", tmp_path / "vowels")
    return tmp_path / "vowels"


def test_the_bundle_is_read_without_a_problem_or_a_note(bundle: Path) -> None:
    with open_source(bundle) as source:
        reading = read_bundle(source)
    assert [str(problem) for problem in reading.problems] == []
    assert reading.require().title == "Count the vowels"


def test_the_mistake_it_suggests_is_found_in_its_line(bundle: Path) -> None:
    file = bundle / "competition.yaml"
    text = file.read_text(encoding="utf-8")
    broken = text.replace("scoring_program: scoring_program", "scoring_program: scoring")
    assert broken != text
    file.write_text(broken, encoding="utf-8")
    with open_source(bundle) as source:
        reading = read_bundle(source)
    line = 1 + next(number for number, content in enumerate(broken.splitlines()) if content.endswith(": scoring"))
    assert [(problem.file, problem.line) for problem in reading.problems] == [("competition.yaml", line)]


def test_four_right_answers_of_five_score_what_it_promises(bundle: Path, tmp_path: Path) -> None:
    program = (bundle / "scoring_program" / "score.py").read_text(encoding="utf-8").replace("/app/", f"{tmp_path}/app/")
    truth, submitted, output = (tmp_path / "app" / part for part in ("input/ref", "input/res", "output"))
    shutil.copytree(bundle / "reference_data", truth)
    submitted.mkdir()
    output.mkdir()
    line = next(line for line in TUTORIAL.read_text(encoding="utf-8").splitlines() if "printf" in line)
    subprocess.run(["sh", "-c", line.strip().replace("try/", f"{submitted}/")], check=True)
    subprocess.run([sys.executable, "-c", program], check=True, env={"PATH": os.defpath})
    assert json.loads((output / "scores.json").read_text()) == {"right": 0.8}
    assert "one row with 0.8:" in TUTORIAL.read_text(encoding="utf-8")
