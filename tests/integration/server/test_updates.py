"""Updating competitions from new versions of their bundles."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.competition_material import (
    DESCRIPTION,
    make_competition,
    make_person,
    write_bundle,
)
from tests.integration.server.flow import Flow, kinds

from podium.rules.errors import BundleError
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Task
from podium.server.files.models import DataSet
from podium.server.submissions.models import Attempt, Score
from podium.server.updates.services import ProposedUpdate, Updated, confirm, propose

pytestmark = pytest.mark.django_db

Files = Mapping[str, bytes | None]
BETTER = b"print({'accuracy': 2, 'seconds': 2})\n"


@pytest.fixture
def otto() -> Person:
    return make_person("otto")


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


def test_the_same_bundle_changes_nothing(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    before = list(DataSet.objects.values_list("pk", flat=True))
    found = proposal(otto, made, tmp_path, DESCRIPTION)
    assert lines(found) == []
    assert confirm(otto, made, found.proposal, found.seen).changes == ()
    assert list(DataSet.objects.values_list("pk", flat=True)) == before
    assert kinds(made) == ["competition-imported"]


def test_settings_pages_and_terms_follow_the_bundle(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    version = changed(title="Count all sheep", pages__0__title="Start", reward="A lamb", podium={"a": 1})
    version["whitelist_emails"] = ["B@example.org", "a@example.org"]
    version["fact_sheet"] = {"how": {"key": "how", "type": "text", "title": "How?", "selection": ""}}
    done = update(otto, made, tmp_path, version, {"terms.md": b"Be very fair.\n", "overview.md": b"# Sheep\nMany.\n"})
    assert lines(done) == [
        'competition : title: "Count the sheep" -> "Count all sheep"',
        'competition : reward: none -> "A lamb"',
        'competition : whitelist_emails: none -> "a@example.org", "b@example.org"',
        'competition : podium: none -> "{"a": 1}"',
        "competition : terms: 1 line added, 1 line removed",
        'page Overview: title: "Overview" -> "Start"',
        "page Overview: text: 1 line added, 0 lines removed",
        "question how: added",
    ]
    row = Competition.objects.get(pk=made)
    assert (row.title, row.reward, row.terms, row.extensions) == (
        "Count all sheep",
        "A lamb",
        "Be very fair.\n",
        {"a": 1},
    )
    assert [page.title for page in row.pages.all()] == ["Start", "Data"]
    assert [each.address for each in row.whitelist.all()] == ["a@example.org", "b@example.org"]
    assert [question["key"] for question in row.fact_sheet] == ["how"]
    assert not row.published
    assert lines(proposal(otto, made, tmp_path, version, {"terms.md": b"Be very fair.\n"}))[0].startswith("page")


def test_a_changed_program_is_a_new_data_set_and_old_runs_keep_naming_the_old(flow: Flow, tmp_path: Path) -> None:
    first = flow.scored({"accuracy": 0.5, "seconds": 1.0})
    task = Task.objects.get()
    old_program, old_truth = task.scoring_program_id, task.reference_data_id
    old_sha256 = program_of(task)
    done = update(flow.otto, flow.competition_id, tmp_path, DESCRIPTION, {"scoring_program/score.py": BETTER})
    assert lines(done) == ["task Field: scoring_program: score.py changed"]
    assert codes(done) == ["scores-stay"]
    task = Task.objects.get()
    assert task.scoring_program_id != old_program
    assert task.reference_data_id == old_truth
    assert DataSet.objects.filter(pk=old_program, blob_id=old_sha256).exists()
    assert Attempt.objects.get(run__submission=first).made_from["program_data"] == old_sha256
    flow.scored({"accuracy": 0.7, "seconds": 1.0})
    assert Attempt.objects.latest("pk").made_from["program_data"] == program_of(task) != old_sha256
    assert Score.objects.filter(submission=first, superseded_at=None).count() == 2


def test_the_bundle_becomes_the_competitions_and_the_old_one_stays(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    old = Competition.objects.get(pk=made).bundle
    assert old is not None
    update(otto, made, tmp_path, changed(title="Two"))
    new = Competition.objects.get(pk=made).bundle
    assert new is not None
    assert (new.file_name, new.pk != old.pk, new.blob_id != old.blob_id) == ("sheep-2.zip", True, True)
    assert DataSet.objects.filter(pk=old.pk).exists()
