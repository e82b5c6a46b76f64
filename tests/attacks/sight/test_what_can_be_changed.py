"""Programs that change what others read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.attacks.attacked import Slot, breaches

from podium.sandbox.interface import Mount

pytestmark = pytest.mark.sandbox


def fingerprint(folder: Path) -> dict[str, tuple[object, ...]]:
    """All there is to know of the files of a folder."""
    found = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        facts = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (facts.st_mode, facts.st_uid, facts.st_nlink, facts.st_mtime_ns, os.listxattr(path), content)
    return found


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o666], ids=["as it is unpacked", "closed to others", "open to others"])
def test_inputs_that_later_runs_read(any_slot: Slot, mode: int) -> None:
    """The unpacked content of an archive is shared by all runs that read it."""
    data = any_slot.bench.folder("unpacked")
    (data / "folder").mkdir()
    (data / "truth").write_text("kept")
    (data / "truth").chmod(mode)
    data.chmod(0o755 if mode == 0o644 else 0o700 | (mode & 0o66) >> 3 | (mode & 0o66))
    any_slot.bench.own(data)
    before = fingerprint(data)
    mounts = [Mount(data, "/app/input")]
    seen = any_slot.attack("change_of_inputs", mounts=mounts)
    assert breaches(seen) == []
    assert seen.lines[-1] == "done kept"
    assert fingerprint(data) == before
    later = any_slot.bench.run(
        "import os; print(sorted(os.listdir('/app/input')), open('/app/input/truth').read())", mounts=mounts
    )
    assert later.lines == ["['folder', 'truth'] kept"]


def test_the_system(any_slot: Slot) -> None:
    seen = any_slot.attack("change_of_the_system")
    assert breaches(seen) == []
    assert seen.lines[-1] == "done True"
