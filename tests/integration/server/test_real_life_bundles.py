"""Bundles as organizers write them, imported by the real services: they come out again and say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.server.competition_material import make_person
from tests.integration.server.own_jobs import import_bundle
from tests.integration.server.test_exports import assert_makes_itself_again
from tests.integration.server.test_updates_converge import assert_becomes, assert_changes_nothing
from tests.real_life_bundles import BUNDLES, LONG, LONG_TITLE, TRUTH
from tests.small_bundles import write_zip

from podium.blobs.archives import ZipSource
from podium.rules.bundle.logo import draw_logo
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.files.services import store
from podium.server.leaderboards.models import Column

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


def imported(by: Person, folder: Path, name: str) -> Competition:
    made = import_bundle(by, write_zip(folder / "real.zip", BUNDLES[name].members()), "real.zip")
    assert {problem.severity for problem in made.notes} <= {"note"}
    return Competition.objects.get(pk=made.id)


@pytest.mark.parametrize("name", BUNDLES)
def test_each_is_imported_comes_out_again_and_says_the_same(anna: Person, tmp_path: Path, name: str) -> None:
    competition = imported(anna, tmp_path, name)
    spec = assert_makes_itself_again(anna, competition.pk)
    assert_changes_nothing(anna, competition.pk, tmp_path / "real.zip")
    # An export is always of version 2, which needs a logo and terms.
    assert (spec.version, spec.image.startswith("logo"), bool(spec.terms.strip())) == ("2", True, True)


def test_one_becomes_another(anna: Person, tmp_path: Path) -> None:
    competition = imported(anna, tmp_path, "CodaLab without logo and terms")
    for name in ("data in a file and one day", "long names", "CodaLab without logo and terms"):
        assert_becomes(anna, competition.pk, write_zip(tmp_path / "next.zip", BUNDLES[name].members()))


def test_a_bundle_without_logo_and_terms_gets_both(anna: Person, tmp_path: Path) -> None:
    competition = imported(anna, tmp_path, "CodaLab without logo and terms")
    assert store().path(str(competition.logo_id)).read_bytes() == draw_logo()
    assert (competition.logo_type, competition.terms) == ("image/png", "The organizers gave no terms.\n")


@pytest.mark.parametrize("name", ["data in a file and one day", "CodaLab by Python 2"])
def test_a_single_file_of_data_is_stored_in_a_zip(anna: Person, tmp_path: Path, name: str) -> None:
    data = imported(anna, tmp_path, name).phases.first().tasks.get().reference_data  # type: ignore[union-attr]
    assert data.file_name == "truth.txt.zip"
    with ZipSource(store().path(data.blob_id)) as archive:
        assert list(archive.names()) == ["truth.txt"]
        assert archive.read("truth.txt", limit_bytes=100) == TRUTH.encode()


def test_long_names_stay_whole(anna: Person, tmp_path: Path) -> None:
    competition = imported(anna, tmp_path, "long names")
    column = Column.objects.get(leaderboard__competition=competition)
    assert (column.key, column.title) == (LONG, LONG_TITLE)
    assert (column.leaderboard.key, column.leaderboard.title) == (LONG, LONG_TITLE)
