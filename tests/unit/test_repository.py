"""What no committed file may hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.requirements_on_machine import require

REPOSITORY = Path(__file__).parents[2]

# Hosts that packages come from: which one to ask is for the machine to say, not for the project.
REGISTRIES = re.compile(
    rb"pypi\.org|pythonhosted\.org|npmjs\.org|npmjs\.com|deb\.debian\.org|archive\.ubuntu\.com|proxy\.golang\.org|"
    rb"crates\.io|ghcr\.io|quay\.io|conda\.anaconda\.org|download\.pytorch\.org|huggingface\.co"
)
# Absolute paths below somebody's home or checkout.
PLACES = re.compile(rb"(?<![\w.\-{}/])/(?:work|opt/pypi\S*|opt/wheels|root/\.\w+|home/[a-z]+)/")


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    require((REPOSITORY / ".git").exists(), "this is no git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := REPOSITORY / name).is_file()]


def lines_with(pattern: re.Pattern[bytes], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(REPOSITORY)}:{number}: {found[0].decode()}"
        for path in paths
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def test_no_file_names_the_host_of_a_package_registry(committed: list[Path]) -> None:
    assert lines_with(REGISTRIES, committed) == []


def test_no_file_names_a_place_on_somebodys_machine(committed: list[Path]) -> None:
    assert lines_with(PLACES, committed) == []


def test_no_file_is_larger_than_a_reader_would_expect(committed: list[Path]) -> None:
    assert [path.name for path in committed if path.stat().st_size > 500_000] == []


@pytest.mark.parametrize(
    "line", [b"see https://pypi" + b".org/simple", b"cd /work" + b"/main", b'path = "/root' + b'/.cache/x"']
)
def test_the_patterns_find_what_they_are_for(line: bytes) -> None:
    assert REGISTRIES.search(line) or PLACES.search(line)
