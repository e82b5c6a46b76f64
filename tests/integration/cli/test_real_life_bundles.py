"""`podium run` on bundles as organizers write them, in the real sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.real_life_bundles import ANSWER, BUNDLES, SHARE
from tests.requirements_on_machine import require_program
from tests.small_bundles import write_zip

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.mark.parametrize("name", BUNDLES)
def test_each_scores_a_submission_in_every_phase(tmp_path: Path, name: str) -> None:
    require_program("bwrap", "bubblewrap")
    bundle = BUNDLES[name]
    path = write_zip(tmp_path / "bundle.zip", bundle.members())
    answer = write_zip(tmp_path / "answer.zip", ANSWER)
    ended = subprocess.run(
        [sys.executable, "-m", "podium.cli.main", "run", path, "--submission", answer, "--json"],
        env={**os.environ, "PODIUM_RUNTIMES": str(tmp_path / "runtimes")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    phases = json.loads(ended.stdout)
    assert phases
    for phase in phases:
        entries = [entry for board in phase["leaderboards"] for entry in board["entries"]]
        values = [(key, value) for entry in entries for key, value in entry["scores"].items() if key in bundle.keys]
        assert sorted(values) == sorted((key, SHARE) for key in bundle.keys)
