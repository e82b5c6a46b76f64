"""Small competitions whose programs do what a test needs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)

COMPETITION = """\
version: 2
title: {title}
image: logo.png
terms: terms.md
docker_image: podium/science
registration_auto_approve: true
pages: []
tasks:
  - {{index: 0, name: Task, scoring_program: scoring_program}}
phases:
  - {{index: 0, name: Only, start: 2025-01-01, execution_time_limit: {time_limit_s}, tasks: [0]}}
leaderboards:
  - title: Results
    key: results
    submission_rule: {rule}
    columns: [{{index: 0, key: accuracy, title: Accuracy}}]
"""

ECHO = """\
import pathlib
value = pathlib.Path("/app/input/res/value.txt").read_text()
pathlib.Path("/app/output/scores.json").write_text('{"accuracy": ' + value + "}")
"""
"""Gives what the submission says as its score."""


def bundle(
    folder: Path, scorer: str = ECHO, *, title: str = "Echo", rule: str = "Force_Last", limit_s: int = 60
) -> Path:
    """A zipped bundle whose scoring program is `scorer`."""
    path = folder / "bundle.zip"
    path.write_bytes(
        zipped(
            {
                "competition.yaml": COMPETITION.format(title=title, rule=rule, time_limit_s=limit_s),
                "logo.png": PNG,
                "terms.md": "Be fair.",
                "scoring_program/metadata.yaml": "command: python3 /app/program/score.py",
                "scoring_program/score.py": scorer,
            }
        )
    )
    return path


def submission(folder: Path, value: str = "0.5") -> Path:
    """A zipped result submission."""
    path = folder / "submission.zip"
    path.write_bytes(zipped({"value.txt": value}))
    return path


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
