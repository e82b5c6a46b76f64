"""Whatever a competition was, an update makes it what the bundle says, and the same bundle again changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.integration.server.competition_material import DESCRIPTION, described, make_person, write_bundle
from tests.integration.server.flow import assert_all_chains_fit
from tests.integration.server.new_versions import lines
from tests.integration.server.own_jobs import import_bundle
from tests.integration.server.test_codalab_boards import codalab
from tests.integration.server.test_exports import EXAMPLES, RICH, RICH_FILES, standing_alone
from tests.shared_material import shared_bundle
from tests.small_bundles import zipped
from tests.unit.rules.bundle.specifications import files_of, specifications

from podium.blobs.archives import pack_folder
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.bundle.writing import write_competition
from podium.server.accounts.people import Person
from podium.server.updates.services import confirm, propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


def assert_changes_nothing(by: Person, competition_id: int, bundle: Path) -> None:
    assert lines(propose(by, competition_id, bundle, "same.zip")) == []


def assert_becomes(by: Person, competition_id: int, bundle: Path) -> None:
    found = propose(by, competition_id, bundle, "new.zip")
    confirm(by, competition_id, found.proposal, found.seen)
    assert_changes_nothing(by, competition_id, bundle)


def test_a_rich_bundle_and_a_poor_one_become_each_other(anna: Person, tmp_path: Path) -> None:
    make_person("ben")
    rich, poor = write_bundle(tmp_path, RICH, RICH_FILES), write_bundle(tmp_path, DESCRIPTION)
    first, second = (import_bundle(anna, bundle, "a.zip").id for bundle in (rich, poor))
    assert_changes_nothing(anna, first, rich)
    assert_becomes(anna, first, poor)
    assert_becomes(anna, second, rich)
    assert_all_chains_fit()


def test_a_bundle_of_codalab_says_the_same_after_it_was_imported(anna: Person, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, codalab())
    made = import_bundle(anna, bundle, "a.zip").id
    assert_changes_nothing(anna, made, bundle)
    assert_becomes(anna, made, write_bundle(tmp_path, DESCRIPTION))
    assert_becomes(anna, made, bundle)


def test_a_solution_may_have_been_for_a_task_that_no_phase_has(anna: Person, tmp_path: Path) -> None:
    spare = {"index": 1, "name": "Spare", "scoring_program": "scoring_program"}
    solution = {"index": 0, "tasks": [0, 1], "path": "reference_data", "name": "Sure"}
    version = described(tasks=[*DESCRIPTION["tasks"], spare], solutions=[solution])
    made = import_bundle(anna, write_bundle(tmp_path, version), "a.zip").id
    assert_becomes(anna, made, write_bundle(tmp_path, version | {"solutions": [solution | {"description": "Quite."}]}))
    assert_becomes(anna, made, write_bundle(tmp_path, DESCRIPTION))


@pytest.mark.parametrize("name", ["hello", "digits"])
def test_the_examples_say_the_same(anna: Person, tmp_path: Path, name: str) -> None:
    with (tmp_path / "example.zip").open("wb") as file:
        pack_folder(EXAMPLES / name, file)
    assert_changes_nothing(anna, import_bundle(anna, tmp_path / "example.zip", "e.zip").id, tmp_path / "example.zip")


@pytest.mark.parametrize("name", ["competition.zip", "competition_v2_multi_task.zip", "competition_15_iris.zip"])
def test_real_bundles_say_the_same(anna: Person, name: str) -> None:
    assert_changes_nothing(anna, import_bundle(anna, shared_bundle(name), name).id, shared_bundle(name))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(old=specifications(), new=specifications())
def test_any_competition_becomes_any_other(
    anna: Person, tmp_path: Path, old: CompetitionSpec, new: CompetitionSpec
) -> None:
    bundles = []
    for name, spec in (("old", standing_alone(old)), ("new", standing_alone(new))):
        bundle = tmp_path / f"{name}.zip"
        bundle.write_bytes(zipped({**files_of(spec), "competition.yaml": write_competition(spec)}))
        bundles.append(bundle)
    made = import_bundle(anna, bundles[0], "old.zip").id
    assert_changes_nothing(anna, made, bundles[0])
    assert_becomes(anna, made, bundles[1])
