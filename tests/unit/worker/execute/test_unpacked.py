"""Unpacked archives are shared by content and trimmed by use."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from podium.rules.errors import ArchiveError
from podium.worker.execute import UnpackedCache


def archive(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return path


def test_the_same_bytes_are_unpacked_once(tmp_path: Path) -> None:
    cache = UnpackedCache(tmp_path / "cache")
    first = archive(tmp_path / "a.zip", {"x/y.txt": "hello"})
    second = tmp_path / "b.zip"
    second.write_bytes(first.read_bytes())
    with cache.use(first) as one, cache.use(second) as two:
        assert one == two
        assert (one / "x" / "y.txt").read_text() == "hello"
        assert one.stat().st_mode & 0o005 == 0o005


def test_what_cannot_be_unpacked_leaves_nothing(tmp_path: Path) -> None:
    cache = UnpackedCache(tmp_path / "cache")
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(ArchiveError), cache.use(tmp_path / "a.zip"):
        pass
    assert [entry for entry in cache.folder.iterdir() if entry.is_dir()] == []


def test_trimming_removes_what_was_used_longest_ago_and_spares_what_is_in_use(tmp_path: Path) -> None:
    cache = UnpackedCache(tmp_path / "cache", capacity_bytes=0)
    places = []
    for number in range(3):
        with cache.use(archive(tmp_path / f"{number}.zip", {"x": str(number) * 1000})) as place:
            places.append(place)
        os.utime(cache.folder / f".{place.name}.lock", (number, number))
    with cache.use(tmp_path / "1.zip"):
        freed = cache.trim()
        assert [place.exists() for place in places] == [False, True, False]
    assert freed >= 2000
    assert UnpackedCache(cache.folder, capacity_bytes=1 << 20).trim() == 0
    assert places[1].exists()


def test_what_a_killed_process_half_unpacked_is_removed(tmp_path: Path) -> None:
    cache = UnpackedCache(tmp_path / "cache")
    assert cache.remove_left_behind() == 0
    with cache.use(archive(tmp_path / "a.zip", {"x": "1"})) as place:
        for suffix in ("draft", "leaving"):
            (cache.folder / f".0123.{suffix}/deeper").mkdir(parents=True)
        # Somebody else, who is alive, unpacks this one.
        (cache.folder / f".{place.name}.draft").mkdir()

        assert cache.remove_left_behind() == 2

        assert place.is_dir()
        assert [path.name for path in cache.folder.iterdir() if path.suffix in {".draft", ".leaving"}] == [
            f".{place.name}.draft"
        ]


def test_something_trimmed_is_unpacked_again(tmp_path: Path) -> None:
    cache = UnpackedCache(tmp_path / "cache", capacity_bytes=0)
    zipped = archive(tmp_path / "a.zip", {"x": "1"})
    with cache.use(zipped):
        pass
    cache.trim()
    with cache.use(zipped) as place:
        assert (place / "x").read_text() == "1"
