from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from tests.unit.blobs.archives.zips import member_of_kind, write_zip, zip_bytes

from podium.blobs.archives import SUBMISSION_LIMITS, extract_archive
from podium.rules.errors import OutOfSpace


def test_files_and_folders_come_out_with_plain_modes(tmp_path: Path) -> None:
    program = member_of_kind("deep/er/run.sh", stat.S_IFREG | 0o4777)
    (tmp_path / "sent.zip").write_bytes(zip_bytes([("a.txt", b"A"), (program, b"#!/bin/sh\n"), ("empty/", b"")]))
    extracted = extract_archive(tmp_path / "sent.zip", tmp_path / "out", SUBMISSION_LIMITS)

    # 1 byte of a.txt and 10 of run.sh.
    assert (extracted.files, extracted.size_bytes, extracted.notes) == (2, 11, ())
    modes = {str(path.relative_to(tmp_path / "out")): path.stat().st_mode for path in (tmp_path / "out").rglob("*")}
    assert modes == {
        "a.txt": stat.S_IFREG | 0o644,
        "deep": stat.S_IFDIR | 0o755,
        "deep/er": stat.S_IFDIR | 0o755,
        "deep/er/run.sh": stat.S_IFREG | 0o644,
        "empty": stat.S_IFDIR | 0o755,
    }


def test_the_last_of_two_members_of_one_name_wins_with_a_note(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "sent.zip", [("a", b"first"), ("b", b""), ("./a", b"last")])
    extracted = extract_archive(path, tmp_path / "out", SUBMISSION_LIMITS)

    assert (tmp_path / "out" / "a").read_bytes() == b"last"
    assert [(note.code, note.severity) for note in extracted.notes] == [("archive-duplicate", "note")]


def test_what_macos_adds_is_left_out(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "sent.zip", {"a": b"1", "__MACOSX/._a": b"2", "sub/.DS_Store": b"3"})

    assert extract_archive(path, tmp_path / "out", SUBMISSION_LIMITS).files == 1
    assert not (tmp_path / "out" / "__MACOSX").exists()


def test_an_archive_without_members_gives_an_empty_folder(tmp_path: Path) -> None:
    assert extract_archive(write_zip(tmp_path / "sent.zip", {}), tmp_path / "out", SUBMISSION_LIMITS).files == 0
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_holds_something_is_not_touched(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "sent.zip", {"a": b"new"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_bytes(b"old")

    with pytest.raises(ValueError, match="not empty"):
        extract_archive(path, tmp_path / "out", SUBMISSION_LIMITS)
    assert (tmp_path / "out" / "a").read_bytes() == b"old"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "sent.zip", {"folder/a": b"1", "folder/b": b"2"})
    fdopen = os.fdopen

    def full_at_b(descriptor: int, *arguments: str) -> object:
        if (tmp_path / "out" / "folder" / "b").exists():
            os.close(descriptor)
            raise OSError(errno.ENOSPC, "No space left on device")
        return fdopen(descriptor, *arguments)

    monkeypatch.setattr(os, "fdopen", full_at_b)
    with pytest.raises(OutOfSpace):
        extract_archive(path, tmp_path / "out", SUBMISSION_LIMITS)
    assert list((tmp_path / "out").iterdir()) == []
