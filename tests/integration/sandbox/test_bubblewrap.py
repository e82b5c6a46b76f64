"""What only bubblewrap does."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event

import pytest
from tests.requirements_on_machine import require
from tests.sandboxed import MEBIBYTE, SMALL, HereBench

from podium.sandbox.bubblewrap.spawner import spawner
from podium.sandbox.interface import Command, Mount
from podium.sandbox.interpreter import interpreter, interpreter_root

pytestmark = pytest.mark.sandbox


def test_the_most_memory_is_told_where_the_kernel_counts(here: HereBench) -> None:
    require(here.sandbox.counts_in_kernel, "no control groups can be made here")
    seen = here.run("held = bytearray(50 << 20)")
    assert seen.outcome.memory_peak_bytes is not None
    assert 50 * MEBIBYTE <= seen.outcome.memory_peak_bytes < 100 * MEBIBYTE


def test_the_slot_s_user_is_nobody_else_s(here: HereBench) -> None:
    require(os.geteuid() == 0, "an ordinary user cannot become another")
    seen = here.run(
        "import os; print(os.getuid()); open('/app/output/x', 'w').close(); print(os.stat('/app/output/x').st_uid)"
    )
    assert seen.lines == ["1000", "1000"]


def test_a_shared_folder_is_gone_when_the_host_removes_it(here: HereBench, tmp_path: Path) -> None:
    shared, into = tmp_path / "shared", tmp_path / "collected"
    shared.mkdir()
    into.mkdir()
    program = "open('/app/shared/left', 'w').write('x')"
    mounts = [Mount(shared, "/app/shared", shared=True)]
    command = Command((interpreter(), "-c", program), "/tmp", interpreter_root(), mounts, SMALL)
    assert here.sandbox.run(command, collect_into=into, log=lambda *_: None, cancel=Event()).exit_code == 0
    # Nothing of it is in the host's folder, which can simply be removed.
    assert list(shared.iterdir()) == []
    shared.rmdir()
    assert str(shared) not in Path(f"/proc/{spawner().pid}/mountinfo").read_text()
