"""Zips written member by member."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from podium.blobs.archives import ZipSource
from podium.blobs.archives.writing import writing_zip


def written() -> bytes:
    sink = io.BytesIO()
    with writing_zip(sink) as archive:
        archive.add_bytes("ä/text.md", b"a" * 1000)
        archive.add("packed.zip", io.BytesIO(b"PK" + bytes(998)), 1000, packed=True)
    return sink.getvalue()


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(written())
    with ZipSource(path) as source:
        assert sorted(source.names()) == ["packed.zip", "ä/text.md"]
        assert source.read("ä/text.md", limit_bytes=2000) == b"a" * 1000
        assert source.read("packed.zip", limit_bytes=2000) == b"PK" + bytes(998)


def test_the_same_members_give_the_same_bytes() -> None:
    assert written() == written()


def test_only_what_is_not_packed_shrinks() -> None:
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        sizes = {info.filename: info.compress_size for info in archive.infolist()}
    assert sizes["packed.zip"] == 1000
    assert sizes["ä/text.md"] < 100
