"""What an import says about the programs of a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.server.competition_material import described, make_person, write_bundle
from tests.integration.server.own_jobs import import_bundle

from podium.rules.errors import BundleError

pytestmark = pytest.mark.django_db
STARTS_NOTHING = {"scoring_program/metadata.yaml": b"command: python gone.py\n"}


def test_a_program_that_cannot_run_is_a_note_of_the_import(tmp_path: Path) -> None:
    made = import_bundle(make_person("anna"), write_bundle(tmp_path, described(), STARTS_NOTHING), "sheep.zip")
    # "command: " has nine characters.
    assert [(note.severity, note.code, note.place) for note in made.notes] == [
        ("note", "program-no-script", "scoring_program/metadata.yaml:1:10")
    ]


def test_a_refused_bundle_names_what_is_wrong_with_its_programs_too(tmp_path: Path) -> None:
    path = write_bundle(tmp_path, described(title=None), STARTS_NOTHING)
    with pytest.raises(BundleError) as refused:
        import_bundle(make_person("anna"), path, "sheep.zip")
    assert [problem.code for problem in refused.value.problems] == ["key-missing", "program-no-script"]
