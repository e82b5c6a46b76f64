from __future__ import annotations

import hashlib
import io
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.blobs.archives.test_sources import as_folder
from tests.unit.blobs.archives.zips import write_zip

from podium.blobs import LocalBlobStore
from podium.blobs.archives import (
    SUBMISSION_LIMITS,
    FolderSource,
    ZipSource,
    extract_archive,
    open_source,
    pack_folder,
    pack_member,
)
from podium.rules.errors import ArchiveError, NotFound

PROGRAM = {"scoring/metadata.yaml": b"command: python a.py\n", "scoring/lib/a.py": b"pass\n", "other/b": b"B"}


def packed(folder: Path) -> bytes:
    buffer = io.BytesIO()
    pack_folder(folder, buffer)
    return buffer.getvalue()


def test_the_same_content_packs_to_the_same_bytes_whatever_its_dates_modes_and_order(tmp_path: Path) -> None:
    one = as_folder(tmp_path / "one", dict(PROGRAM))
    two = as_folder(tmp_path / "two", dict(reversed(PROGRAM.items())))
    os.utime(two / "other" / "b", (1_000_000_000, 1_000_000_000))
    (two / "other" / "b").chmod(0o700)

    assert packed(one) == packed(two)
    (two / "other" / "b").write_bytes(b"C")
    assert packed(one) != packed(two)


def test_another_tool_finds_the_packed_content_whole(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "folder", dict(PROGRAM))
    (folder / "empty").mkdir()
    (tmp_path / "packed.zip").write_bytes(packed(folder))
    with zipfile.ZipFile(tmp_path / "packed.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        dates = {info.date_time for info in archive.infolist()}

    assert names == [
        "empty/",
        "other/",
        "other/b",
        "scoring/",
        "scoring/lib/",
        "scoring/lib/a.py",
        "scoring/metadata.yaml",
    ]
    assert (modes["other/b"], modes["empty/"]) == (stat.S_IFREG | 0o644, stat.S_IFDIR | 0o755)
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_a_file_and_the_writer_of_a_blob_get_the_same_bytes(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "folder", dict(PROGRAM))
    store = LocalBlobStore(tmp_path / "blobs", min_free_bytes=0)
    with store.writer(10_000) as writer:
        pack_folder(folder, writer)
        blob = writer.commit()
    with (tmp_path / "packed.zip").open("wb") as file:
        pack_folder(folder, file)

    assert (tmp_path / "packed.zip").read_bytes() == store.path(blob.sha256).read_bytes()


def test_a_folder_of_a_bundle_becomes_a_zip_with_its_content_at_the_root(tmp_path: Path) -> None:
    bundles = [write_zip(tmp_path / "b.zip", PROGRAM), as_folder(tmp_path / "b", dict(PROGRAM))]
    results = []
    for bundle in bundles:
        with open_source(bundle) as source:
            buffer = io.BytesIO()
            assert pack_member(source, "scoring", buffer) == "zip"
            results.append(buffer.getvalue())

    with zipfile.ZipFile(io.BytesIO(results[0])) as archive:
        assert archive.namelist() == ["lib/", "lib/a.py", "metadata.yaml"]
        assert archive.read("lib/a.py") == b"pass\n"
    # However the bundle was sent, its program is stored once.
    assert hashlib.sha256(results[0]).digest() == hashlib.sha256(results[1]).digest()


def test_a_file_of_a_bundle_stays_as_it_is(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {"model.py": b"pass\n"}).read_bytes()
    with ZipSource(write_zip(tmp_path / "b.zip", {"solution.zip": inner, "data.csv": b"1,2\n", "none": b""})) as source:
        for name, content, kind in (
            ("solution.zip", inner, "zip"),
            ("data.csv", b"1,2\n", "file"),
            ("none", b"", "file"),
        ):
            buffer = io.BytesIO()
            assert pack_member(source, name, buffer) == kind
            assert buffer.getvalue() == content


@pytest.mark.parametrize("form", ["a folder", "a zip"])
def test_a_file_for_runs_becomes_the_only_one_in_a_zip(tmp_path: Path, form: str) -> None:
    files = {"truth/data.csv": b"1,2\n", "inner.zip": write_zip(tmp_path / "i.zip", {"a": b"1"}).read_bytes()}
    bundle = as_folder(tmp_path / "b", files) if form == "a folder" else write_zip(tmp_path / "b.zip", files)
    single, inner = io.BytesIO(), io.BytesIO()
    with open_source(bundle) as source:
        assert pack_member(source, "truth/data.csv", single, for_runs=True) == "zip"
        assert pack_member(source, "inner.zip", inner, for_runs=True) == "zip"

    with zipfile.ZipFile(single) as archive:
        assert archive.namelist() == ["data.csv"]
        assert archive.read("data.csv") == b"1,2\n"
    assert inner.getvalue() == files["inner.zip"]


def test_a_member_that_is_missing_is_not_found(tmp_path: Path) -> None:
    with FolderSource(as_folder(tmp_path / "b", dict(PROGRAM))) as source, pytest.raises(NotFound):
        pack_member(source, "ingestion", io.BytesIO())


def test_a_link_out_of_the_folder_is_refused_and_not_left_out(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "b", dict(PROGRAM))
    (folder / "scoring" / "lib" / "link").symlink_to("/etc/hostname")

    with pytest.raises(ArchiveError, match="scoring/lib/link"):
        packed(folder)
    with FolderSource(folder) as source, pytest.raises(ArchiveError, match="scoring/lib/link"):
        pack_member(source, "scoring", io.BytesIO())


def test_what_macos_adds_is_not_packed(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "b", {"a": b"1"})
    clean = packed(folder)
    as_folder(folder, {".DS_Store": b"x"})

    assert packed(folder) == clean


def test_a_large_member_is_packed_and_unpacked_in_little_memory(tmp_path: Path) -> None:
    size = 64 * 1024 * 1024
    folder = as_folder(tmp_path / "b", {})
    folder.mkdir()
    with (folder / "large").open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1024 * 1024))
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from podium.blobs.archives import SUBMISSION_LIMITS, extract_archive, pack_folder\n"
        "folder, packed, out = map(Path, sys.argv[1:])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with packed.open('wb') as file:\n"
        "    pack_folder(folder, file)\n"
        "print(extract_archive(packed, out, SUBMISSION_LIMITS).size_bytes)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    arguments = [str(tmp_path / name) for name in ("b", "packed.zip", "out")]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True, timeout=120
    )  # fmt: skip
    unpacked, grown_kib = (int(line) for line in done.stdout.split())

    assert unpacked == size
    assert grown_kib < 16 * 1024


NAMES = st.text(alphabet="abcä .-", min_size=1, max_size=6).filter(lambda name: name.strip(". ") != "")


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map(tuple), st.binary(max_size=200), max_size=6))
def test_any_folder_comes_back_from_its_zip(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[tuple[str, ...], bytes]
) -> None:
    base = tmp_path_factory.mktemp("pack")
    (base / "folder").mkdir()
    names = {"/".join(parts): content for parts, content in tree.items()}
    files = {name: content for name, content in names.items() if not any(o.startswith(f"{name}/") for o in names)}
    as_folder(base / "folder", files)
    (base / "packed.zip").write_bytes(packed(base / "folder"))
    extract_archive(base / "packed.zip", base / "out", SUBMISSION_LIMITS)
    found = {
        str(path.relative_to(base / "out")): path.read_bytes() for path in (base / "out").rglob("*") if path.is_file()
    }

    assert found == files
