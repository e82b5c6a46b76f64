"""Competitions small enough to be written inside a test; their programs need nothing but Python."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

# A picture of one pixel.
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

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
    (folder / "logo.png").write_bytes(_PNG)
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
