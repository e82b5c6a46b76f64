"""The filters that ship are those that the rules make."""

from __future__ import annotations

import ctypes.util
from pathlib import Path

import pytest
from tests.requirements_on_machine import require

SHIPPED = Path(__file__).parents[3] / "src/podium/sandbox/filters"


@pytest.mark.parametrize("name", ["x86_64.bpf", "aarch64.bpf", "engine.json"])
def test_the_shipped_filter_is_the_one_the_rules_make(name: str, tmp_path: Path) -> None:
    require(ctypes.util.find_library("seccomp") is not None, "libseccomp is missing: apt install libseccomp2")
    from tools.seccomp_filters import write

    write(tmp_path)
    assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes()


def test_a_filter_is_a_list_of_instructions_of_eight_bytes() -> None:
    for shipped in SHIPPED.glob("*.bpf"):
        size = shipped.stat().st_size
        assert size > 0
        assert size % 8 == 0
