"""The doctor in a container of a real Docker engine: what its own rules forbid, and what the advice allows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docker_engine import Engine, docker_engine, import_image, missing
from tests.requirements_on_machine import require, require_program

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

IMAGE = "podium-tests:doctor"
PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    require(not missing("docker"), missing("docker"))
    require_program("docker", "docker.io")
    require_program("bwrap", "bubblewrap")
    with docker_engine() as made:
        import_image(made, IMAGE)
        yield made


def doctor_in_a_container(engine: Engine, *options: str) -> subprocess.CompletedProcess[str]:
    """`podium doctor` of this machine as root of a container without a network."""
    shown = {"/usr", "/lib", "/lib64", "/bin", "/etc/alternatives", str(PROJECT), sys.prefix, sys.base_prefix}
    there = sorted(folder for folder in shown if Path(folder).exists())
    outermost = [folder for folder in there if not any(folder.startswith(f"{other}/") for other in there)]
    binds = [word for folder in outermost for word in ("-v", f"{folder}:{folder}:ro")]
    variables = ["-e", f"PYTHONPATH={PROJECT / 'src'}", "-e", "PATH=/usr/bin:/bin"]
    words = [sys.executable, "-m", "podium", "doctor", "--data", "/tmp/no-site"]
    container = ["docker", "-H", engine.host, "run", "--rm", "--network", "none", *options, *binds, *variables, IMAGE]
    return subprocess.run(
        [*container, *words],
        env={**os.environ, "DOCKER_CONFIG": str(engine.folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_dockers_own_rules_forbid_a_sandbox_and_its_advice_allows_it(engine: Engine) -> None:
    refused = doctor_in_a_container(engine)
    assert refused.returncode == 1, refused.stderr
    (line,) = [line for line in refused.stdout.splitlines() if "cannot get namespaces" in line]
    assert "unshare: Operation not permitted" in line
    assert "Programs cannot be run here." in refused.stdout
    assert "Traceback" not in refused.stderr

    advised = re.search("In a container, start it with `([^`]+)`", line)
    assert advised
    allowed = doctor_in_a_container(engine, *shlex.split(advised.group(1)))
    assert allowed.returncode == 0, allowed.stdout + allowed.stderr
    assert "not enforced" not in allowed.stdout
    assert "Everything holds." in allowed.stdout
