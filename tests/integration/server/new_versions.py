"""New versions of the usual bundle, and what they do to a competition."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.competition_material import DESCRIPTION, write_bundle

from podium.rules.errors import BundleError
from podium.server.accounts.people import Person
from podium.server.competitions.models import Task
from podium.server.updates.services import ProposedUpdate, Updated, confirm, propose

Files = Mapping[str, bytes | None]


def changed(base: Mapping[str, Any] = DESCRIPTION, **changes: Any) -> dict[str, Any]:
    """The description with other values at places such as `tasks__0__name`; None takes a key away."""
    made = deepcopy(dict(base))
    for place, value in changes.items():
        *above, last = [int(part) if part.isdigit() else part for part in place.split("__")]
        part: Any = made
        for each in above:
            part = part[each]
        if value is None:
            del part[last]
        elif isinstance(part, list) and last == len(part):
            part.append(value)
        else:
            part[last] = value
    return made


def proposal(
    by: Person, competition_id: int, folder: Path, description: Mapping[str, Any], files: Files | None = None
) -> ProposedUpdate:
    return propose(by, competition_id, write_bundle(folder, description, files), "sheep-2.zip")


def update(
    by: Person, competition_id: int, folder: Path, description: Mapping[str, Any], files: Files | None = None
) -> Updated:
    found = proposal(by, competition_id, folder, description, files)
    return confirm(by, competition_id, found.proposal, found.seen)


def lines(found: ProposedUpdate | Updated) -> list[str]:
    return [f"{change.part} {change.name}: {change.text}" for change in found.changes]


def codes(found: ProposedUpdate | Updated) -> list[str]:
    return [note.code for note in found.notes]


def refusals(by: Person, competition_id: int, folder: Path, description: Mapping[str, Any]) -> list[str]:
    """The codes and lines of what keeps an update from being made."""
    with pytest.raises(BundleError) as refused:
        proposal(by, competition_id, folder, description)
    errors = [problem for problem in refused.value.problems if problem.severity == "error"]
    assert all(problem.hint and problem.file == "competition.yaml" and problem.line for problem in errors), errors
    return [problem.code for problem in errors]


def program_of(task: Task) -> str:
    assert task.scoring_program is not None
    return str(task.scoring_program.blob_id)
