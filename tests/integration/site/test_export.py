"""`podium import`, `export` and `diff` with a running site: what goes in comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.running_site import RunningSite
from tests.small_bundles import SCORING_PROGRAM, small_bundle

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


def test_a_competition_comes_out_as_it_went_in(site: RunningSite, tmp_path: Path) -> None:
    token = site.token_of("erika")
    bundle = small_bundle(
        tmp_path / "bundle",
        ingestion_program=SCORING_PROGRAM,
        truths=("a b", "c d"),
        solutions=({"answer.txt": "a b"},),
        phase={"start": "2025-01-01 10:30:00", "max_submissions": None, "starting_kit": "scoring"},
    )
    made = site.run("import", str(bundle), PODIUM_TOKEN=token)
    assert made.returncode == 0, made.stderr
    number = made.stdout.rstrip().rsplit("/", 2)[1]
    saved = tmp_path / "saved.zip"
    done = site.run("export", number, "-o", str(saved), PODIUM_TOKEN=token)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{saved} ({saved.stat().st_size:,} bytes)\n"
    same = site.run("diff", str(bundle), str(saved))
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "Nothing changes.\n")


def test_a_stranger_exports_nothing(site: RunningSite, tmp_path: Path) -> None:
    made = site.run("import", str(small_bundle(tmp_path / "bundle")), PODIUM_TOKEN=site.token_of("frida"))
    number = made.stdout.rstrip().rsplit("/", 2)[1]
    saved = tmp_path / "saved.zip"
    done = site.run("export", number, "-o", str(saved), PODIUM_TOKEN=site.token_of("gustav"))
    assert (done.returncode, saved.exists()) == (1, False)
    assert "There is no such competition." in done.stderr
