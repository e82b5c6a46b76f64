"""A machine that cannot isolate programs is told the line to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.bubblewrap.requirements import find_bwrap


def fake(folder: Path, says: str) -> str:
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return str(folder)


def test_a_missing_bubblewrap_names_the_line_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable) as raised:
        find_bwrap(str(tmp_path))
    assert raised.value.hint == "Type: apt install bubblewrap"


def test_an_old_bubblewrap_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match=r"bubblewrap 0\.4\.1 is too old"):
        find_bwrap(fake(tmp_path, "bubblewrap 0.4.1"))


def test_a_program_of_that_name_that_is_no_bubblewrap_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="unknown version"):
        find_bwrap(fake(tmp_path, ""))


@pytest.mark.parametrize(
    ("says", "disables"), [("bubblewrap 0.6.2", False), ("bubblewrap 0.8.0", True), ("bubblewrap 0.11", True)]
)
def test_what_it_can_do_follows_from_its_version(tmp_path: Path, says: str, disables: bool) -> None:
    # --disable-userns came with bubblewrap 0.8.0 (its release notes)
    assert find_bwrap(fake(tmp_path, says)).disables_userns is disables
