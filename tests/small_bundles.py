"""Competitions small enough to be written inside a test; their programs need nothing but Python."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""

SCORE = """
    import json, sys
    source, target = sys.argv[1:]
    truth = open(source + "/ref/truth.txt").read().split()
    answer = open(source + "/res/answer.txt").read().split()
    right = sum(a == b for a, b in zip(truth, answer))
    json.dump({"right": right, "share": right / len(truth)}, open(target + "/scores.json", "w"))
"""
"""Compares /ref/truth.txt and /res/answer.txt word by word: how many are right, and their share."""

SCORING_PROGRAM = {"metadata.yaml": "command: python3 score.py $input $output", "score.py": SCORE}

ECHO = """
    import sys
    source, target = sys.argv[1:]
    value = open(source + "/res/value.txt").read()
    open(target + "/scores.json", "w").write('{"accuracy": ' + value + "}")
"""
"""Gives what the submission says in value.txt as its accuracy."""


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Make `folder` with these files; their text may be indented."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return folder


def small_bundle(
    folder: Path,
    *,
    scoring_program: Mapping[str, str] = SCORING_PROGRAM,
    ingestion_program: Mapping[str, str] | None = None,
    truths: tuple[str, ...] = ("a b c d",),
    solutions: tuple[Mapping[str, str], ...] = (),
    task: Mapping[str, Any] | None = None,
    phase: Mapping[str, Any] | None = None,
    columns: tuple[Mapping[str, Any], ...] = (
        {"key": "share", "title": "Share", "index": 0},
        {"key": "right", "title": "Right", "index": 1},
    ),
    top: Mapping[str, Any] | None = None,
) -> Path:
    """Write a bundle with one phase into `folder`: a task for each truth, `solutions` for all of them.

    `task`, `phase` and `top` add keys to every task, to the phase, and to the whole.
    """
    write_tree(folder / "scoring", scoring_program)
    write_tree(folder, {"terms.md": "Be kind.", "page.md": "Read me."})
    (folder / "logo.png").write_bytes(PNG)
    tasks = []
    for index, truth in enumerate(truths):
        write_tree(folder / f"reference-{index}", {"truth.txt": truth})
        tasks.append(
            {
                "index": index,
                "name": f"Task {index}",
                "scoring_program": "scoring",
                "reference_data": f"reference-{index}",
                **(task or {}),
            }
        )
        if ingestion_program is not None:
            write_tree(folder / "ingestion", ingestion_program)
            tasks[-1]["ingestion_program"] = "ingestion"
    for index, files in enumerate(solutions):
        write_tree(folder / f"solution-{index}", files)
    indexes = list(range(len(truths)))
    content = {
        "version": 2,
        "title": "Small",
        "image": "logo.png",
        "terms": "terms.md",
        "docker_image": "podium/plain",
        "pages": [{"title": "Page", "file": "page.md"}],
        "tasks": tasks,
        "solutions": [
            {"index": i, "tasks": indexes, "path": f"solution-{i}", "name": f"Solution {i}"}
            for i in range(len(solutions))
        ],
        "phases": [{"name": "Only", "start": "2025-01-01", "tasks": indexes, **(phase or {})}],
        "leaderboards": [{"title": "Results", "key": "main", "columns": list(columns)}],
        **(top or {}),
    }
    # JSON is YAML.
    (folder / "competition.yaml").write_text(json.dumps(content, indent=1))
    return folder


def scored_by(
    folder: Path,
    scorer: str = ECHO,
    *,
    about_scorer: str = SCORING_PROGRAM["metadata.yaml"],
    title: str = "Echo",
    rule: str = "Force_Last",
    limit_s: int = 60,
) -> Path:
    """A zipped bundle in `folder` whose scoring program is `scorer`, with one column, accuracy; anybody may join."""
    tree = small_bundle(
        folder / "bundle",
        scoring_program={"metadata.yaml": about_scorer, "score.py": scorer},
        phase={"execution_time_limit": limit_s},
        top={
            "title": title,
            "registration_auto_approve": True,
            "leaderboards": [
                {
                    "title": "Results",
                    "key": "results",
                    "submission_rule": rule,
                    "columns": [{"index": 0, "key": "accuracy", "title": "Accuracy"}],
                }
            ],
        },
    )
    return write_zip(folder / "bundle.zip", files_of(tree))


def result(folder: Path, value: str = "0.5") -> Path:
    """A zipped result submission in `folder` for the scoring program ECHO."""
    return write_zip(folder / "submission.zip", {"value.txt": value})


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by their names from there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def write_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """A zip of these files at `path`."""
    path.write_bytes(zipped(files))
    return path


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """The bytes of a zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
