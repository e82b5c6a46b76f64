"""Bundles written for one test each, and the people who use them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from tests.integration.server.own_jobs import import_bundle
from tests.small_bundles import PNG, write_zip

from podium.server.accounts.people import Person
from podium.server.accounts.services import create_user

COMMAND = b"command: python3 score.py\n"
_numbers = itertools.count(1)

DESCRIPTION: dict[str, Any] = {
    "version": 2,
    "title": "Count the sheep",
    "description": "How many are there?",
    "image": "logo.png",
    "terms": "terms.md",
    "docker_image": "podium/science",
    "registration_auto_approve": True,
    "pages": [{"title": "Overview", "file": "overview.md"}, {"title": "Data", "file": "data.html"}],
    "tasks": [
        {
            "index": 0,
            "name": "Field",
            "scoring_program": "scoring_program",
            "reference_data": "reference_data",
        }
    ],
    "phases": [
        {"name": "Practice", "start": "2030-01-01", "end": "2030-02-01", "tasks": [0]},
        {"name": "Final", "start": "2030-02-01", "max_submissions": 3, "tasks": [0]},
    ],
    "leaderboards": [
        {
            "title": "Results",
            "key": "main",
            "columns": [
                {"title": "Accuracy", "key": "accuracy", "index": 0, "sorting": "desc"},
                {"title": "Seconds", "key": "seconds", "index": 1, "sorting": "asc", "precision": 1},
            ],
        }
    ],
}

FILES: dict[str, bytes] = {
    "logo.png": PNG,
    "terms.md": b"Be fair.\n",
    "overview.md": b"# Sheep\n",
    "data.html": b"<h1>Data</h1>\n",
    "scoring_program/metadata.yaml": COMMAND,
    "scoring_program/score.py": b"print({'accuracy': 1, 'seconds': 2})\n",
    "reference_data/truth.csv": b"1,2\n",
}


def described(**changes: Any) -> dict[str, Any]:
    """The description with some keys of the top level changed; None takes a key away."""
    made = deepcopy(DESCRIPTION) | changes
    return {key: value for key, value in made.items() if value is not None}


def two_tasks(**changes: Any) -> dict[str, Any]:
    """The description with the tasks Field and Barn in its one phase."""
    task = DESCRIPTION["tasks"][0]
    phase = {"name": "Only", "start": "2030-01-01", "tasks": [0, 1]}
    return described(tasks=[task, task | {"index": 1, "name": "Barn"}], phases=[phase], **changes)


def write_bundle(folder: Path, description: Mapping[str, Any], files: Mapping[str, bytes | None] | None = None) -> Path:
    """A zip of the bundle in the folder. `files` are added to the usual ones; None takes one away."""
    content: dict[str, bytes | None] = {**FILES, **(files or {})}
    content["competition.yaml"] = yaml.safe_dump(dict(description)).encode()
    files = {name: data for name, data in content.items() if data is not None}
    return write_zip(folder / f"spooled-{next(_numbers)}", files)


def make_person(name: str, *, is_admin: bool = False) -> Person:
    """A new account without a password."""
    return create_user(name, f"{name}@example.org", None, is_admin=is_admin)


def make_competition(by: Person, folder: Path, description: Mapping[str, Any] = DESCRIPTION) -> int:
    """Import a bundle; the id of the unpublished competition."""
    return import_bundle(by, write_bundle(folder, description), "sheep.zip").id
