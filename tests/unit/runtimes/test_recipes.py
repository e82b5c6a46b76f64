"""The lists of packages that ship with Podium, and those of an administrator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from podium.rules.errors import UserError
from podium.runtimes import recipe, shipped_names

PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; [^\\]+)? \\$", re.MULTILINE)
# Issue 2, point 8.
SCIENCE = {"numpy", "scipy", "scikit-learn", "pandas", "pillow", "matplotlib", "pyyaml", "psutil"}
LEGACY_VERSIONS = {
    "numpy": "1.23.5",
    "scipy": "1.10.1",
    "scikit-learn": "1.2.2",
    "pandas": "1.5.3",
    "matplotlib": "3.7.5",
}


@pytest.mark.parametrize("name", ["science", "legacy-science"])
def test_every_requirement_is_pinned_and_hashed_and_names_no_host(name: str) -> None:
    text = recipe(name).requirements
    wanted = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]
    assert wanted
    for block in wanted:
        assert PINNED.match(block), block.splitlines()[0]
        assert "--hash=sha256:" in block
    assert "://" not in text


@pytest.mark.parametrize("name", ["science", "legacy-science"])
def test_the_packages_of_science_are_in_the_list(name: str) -> None:
    assert {found for found, _ in PINNED.findall(recipe(name).requirements)} >= SCIENCE


def test_legacy_science_has_the_versions_that_old_bundles_run_on() -> None:
    assert dict(PINNED.findall(recipe("legacy-science").requirements)).items() >= LEGACY_VERSIONS.items()
    assert recipe("legacy-science").minors == (11,)


def test_comments_do_not_make_another_runtime(tmp_path: Path) -> None:
    (tmp_path / "vision.txt").write_text("# by hand\ntorch==2.4 \\\n    --hash=sha256:00\n    # via me\n")
    made = recipe(str(tmp_path / "vision.txt"))
    assert made.essence == "torch==2.4 \\\n--hash=sha256:00"
    assert made.packages == ("torch==2.4",)
    assert made.hashed


def test_plain_has_no_packages() -> None:
    assert recipe("plain").requirements == ""


def test_a_requirements_file_is_a_recipe_named_after_it(tmp_path: Path) -> None:
    (tmp_path / "vision.txt").write_text("torch==2.4\n")
    made = recipe(str(tmp_path / "vision.txt"))
    assert (made.name, made.requirements, made.hashed) == ("vision", "torch==2.4\n", False)


def test_a_name_that_is_no_runtime_is_an_error_that_lists_the_runtimes() -> None:
    with pytest.raises(UserError) as refused:
        recipe("gpu")
    assert refused.value.code == "runtime-unknown"
    assert all(name in refused.value.hint for name in shipped_names())


def test_a_file_that_cannot_be_read_or_takes_a_shipped_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "science.txt").write_text("")
    for path in (tmp_path / "missing.txt", tmp_path / "science.txt"):
        with pytest.raises(UserError) as refused:
            recipe(str(path))
        assert refused.value.code == "runtime-list-unreadable"
        assert str(path) in refused.value.message
