"""Archives of strangers, unpacked as a worker unpacks them, and asked for what a server asks."""

from __future__ import annotations

import hashlib
import resource
import time
from pathlib import Path

import pytest
from tests.attacks.archives.hostile_zips import HOSTILE
from tests.unit.blobs.archives.zips import zip_bytes

from podium.blobs.archives import SUBMISSION_LIMITS, ZipSource
from podium.rules.errors import ArchiveError
from podium.worker.execute import UnpackedCache

_MOST_MEMORY = 64 << 20


def unpack(cache: UnpackedCache, folder: Path, content: bytes) -> dict[str, bytes]:
    path = folder / "sent.zip"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    with cache.use(path, sha256=sha256, limits=SUBMISSION_LIMITS) as place:
        return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("*") if file.is_file()}


@pytest.mark.parametrize("archive", HOSTILE)
def test_archives_that_are_refused(tmp_path: Path, archive: str) -> None:
    content, cache = HOSTILE[archive](), UnpackedCache(tmp_path / "unpacked")
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(ArchiveError) as refused:
        unpack(cache, tmp_path, content)
    assert time.process_time() - begun < 5
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < _MOST_MEMORY
    assert len(refused.value.problems) <= 50
    assert all(problem.message.isprintable() for problem in refused.value.problems)
    # Nothing of it is left, inside or outside, and the next archive is unpacked where it would have been.
    assert [
        path for path in tmp_path.rglob("*") if not path.name.endswith((".lock", ".zip")) and path.name != "unpacked"
    ] == []
    assert not Path("/tmp/escaped").exists()
    assert unpack(cache, tmp_path, zip_bytes([("good", b"content")])) == {"good": b"content"}


def test_archives_of_which_only_one_reading_is_shown(tmp_path: Path) -> None:
    """A name twice: what the server looks at must be what the worker unpacks."""
    content = zip_bytes([("metadata", b"command: python3 first.py"), ("metadata", b"command: python3 second.py")])
    path = tmp_path / "twice.zip"
    path.write_bytes(content)
    with ZipSource(path, SUBMISSION_LIMITS) as source:
        looked_at = source.read("metadata", limit_bytes=1000)
    assert unpack(UnpackedCache(tmp_path / "unpacked"), tmp_path, content) == {"metadata": looked_at}


def test_archives_in_archives(tmp_path: Path) -> None:
    """What is packed in what is packed stays packed: a nested bomb is a small file."""
    content = zip_bytes([("a", zip_bytes([("b", zip_bytes([("c", bytes(32 << 20))]))]))])
    (inner,) = unpack(UnpackedCache(tmp_path / "unpacked"), tmp_path, content).values()
    assert len(inner) < 1 << 20


def test_archives_do_not_decide_on_rights(tmp_path: Path) -> None:
    from tests.unit.blobs.archives.zips import member_of_kind

    path = tmp_path / "sent.zip"
    path.write_bytes(zip_bytes([(member_of_kind("run", 0o106777), b"#!/bin/sh")]))
    with UnpackedCache(tmp_path / "unpacked").use(path, limits=SUBMISSION_LIMITS) as place:
        assert (place / "run").stat().st_mode & 0o7777 == 0o644
