"""`podium runtime`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from podium.runtimes import shipped_names


def podium(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "podium.cli.main", "runtime", *arguments],
        env={**os.environ, "PODIUM_RUNTIMES": str(where), "PODIUM_RUNTIME_MAP": "lab/*=plain"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_runtime_is_listed_built_and_shown(tmp_path: Path) -> None:
    before = json.loads(podium(tmp_path, "list", "--json").stdout)
    assert [(row["name"], row["built"]) for row in before] == [(name, False) for name in shipped_names()]

    ended = podium(tmp_path, "build", "plain")
    assert ended.returncode == 0, ended.stderr
    folder = Path(ended.stdout.strip())
    assert folder.parent == tmp_path
    assert "Building the runtime plain" in ended.stderr

    after = {row["name"]: row for row in json.loads(podium(tmp_path, "list", "--json").stdout)}
    assert after["plain"]["built"]
    assert after["plain"]["folder"] == str(folder)
    assert "not built yet" in podium(tmp_path, "list").stdout

    shown = json.loads(podium(tmp_path, "show", "plain", "--json").stdout)
    assert shown["images"] == ["lab/*", "podium/plain"]
    assert shown["packages"] == []
    assert len(shown["digest"]) == 64


def test_the_packages_of_a_runtime_are_shown_before_it_is_built(tmp_path: Path) -> None:
    shown = json.loads(podium(tmp_path, "show", "legacy-science", "--json").stdout)
    assert "numpy==1.23.5" in shown["packages"]
    assert not any("hash" in package for package in shown["packages"])
    assert shown["folder"] is None


def test_an_unknown_runtime_is_an_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    ended = podium(tmp_path, "build", "nope")
    assert ended.returncode == 1
    assert "plain, science, legacy-science" in ended.stderr
