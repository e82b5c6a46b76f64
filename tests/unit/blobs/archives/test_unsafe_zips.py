from __future__ import annotations

import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.blobs.archives.zips import (
    DIRECTORY,
    LINK,
    LOCAL,
    PIPE,
    member_of_kind,
    with_announced_size,
    with_field,
    with_raw_name,
    write_zip,
    zip_bytes,
)

from podium.blobs.archives import SUBMISSION_LIMITS, ArchiveLimits, ZipSource, extract_archive
from podium.rules.bundle import read_bundle
from podium.rules.errors import ArchiveError, BundleError


def read_all(path: Path, limits: ArchiveLimits) -> None:
    with ZipSource(path, limits) as source:
        for name in source.names():
            source.read(name, limit_bytes=10**9)


def refused(path: Path, limits: ArchiveLimits = SUBMISSION_LIMITS) -> ArchiveError:
    """The error of opening, and the same of extracting, which leaves nothing behind."""
    destination = path.parent / "out"
    with pytest.raises(ArchiveError) as extracting:
        extract_archive(path, destination, limits)
    assert list(destination.iterdir()) == []
    with pytest.raises(ArchiveError) as opening:
        read_all(path, limits)
    assert opening.value.code == extracting.value.code
    return extracting.value


def refused_bytes(tmp_path: Path, content: bytes, limits: ArchiveLimits = SUBMISSION_LIMITS) -> ArchiveError:
    path = tmp_path / "sent.zip"
    path.write_bytes(content)
    return refused(path, limits)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "archive-empty"),
        (b"I am no zip", "archive-not-zip"),
        (b"PK and no more", "archive-damaged"),
        (zip_bytes([("a", b"content")])[:-30], "archive-damaged"),
    ],
)
def test_what_is_no_zip_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    error = refused_bytes(tmp_path, content)

    assert error.code == code
    assert "sent.zip" in error.message
    assert error.hint


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../evil", "path-outside"),
        ("a/../../evil", "path-outside"),
        ("/etc/passwd", "path-absolute"),
        ("C:/evil", "path-absolute"),
        ("a\\b", "path-backslash"),
        ("a\nb", "path-characters"),
        ("x" * 256, "archive-name-long"),
        ("a/" * 600 + "b", "archive-name-long"),
        ("/", "path-empty"),
    ],
)
def test_an_unsafe_name_is_refused_and_named(tmp_path: Path, name: str, code: str) -> None:
    error = refused(write_zip(tmp_path / "sent.zip", {"good": b"1", name: b"2"}))

    assert [problem.code for problem in error.problems] == [code]
    assert error.problems[0].file == "sent.zip"
    assert not (tmp_path / "evil").exists()


def test_all_unsafe_names_are_told_at_once(tmp_path: Path) -> None:
    error = refused(write_zip(tmp_path / "sent.zip", {"../a": b"", "/b": b"", "c": b""}))

    assert [problem.code for problem in error.problems] == ["path-outside", "path-absolute"]


def test_a_name_with_a_null_byte_is_refused(tmp_path: Path) -> None:
    content = with_raw_name(zip_bytes([("aXb.txt", b"1")]), b"aXb.txt", b"a\0b.txt")

    assert refused_bytes(tmp_path, content).code == "path-characters"


def test_a_name_that_is_no_utf_8_is_refused_and_named(tmp_path: Path) -> None:
    content = with_raw_name(zip_bytes([("M__ller", b"1")]), b"M__ller", b"M\xfc\xe4ller")

    error = refused_bytes(tmp_path, content)
    assert error.code == "archive-name-encoding"
    assert "ller" in error.message


def test_a_name_that_only_claims_to_be_utf_8_is_refused(tmp_path: Path) -> None:
    content = with_raw_name(zip_bytes([("M__ller", b"1")]), b"M__ller", b"M\xfc\xe4ller")
    flags = struct.pack("<H", 0x800)
    content = with_field(with_field(content, LOCAL, 6, flags), DIRECTORY, 8, flags)

    assert refused_bytes(tmp_path, content).code == "archive-damaged"


def test_utf_8_names_without_the_flag_are_read_as_utf_8(tmp_path: Path) -> None:
    content = with_raw_name(zip_bytes([("M__ller", b"1")]), b"M__ller", "Müller".encode())
    path = tmp_path / "sent.zip"
    path.write_bytes(content)

    extract_archive(path, tmp_path / "out", SUBMISSION_LIMITS)
    assert (tmp_path / "out" / "Müller").read_bytes() == b"1"


@pytest.mark.parametrize(("mode", "code"), [(LINK, "archive-link"), (PIPE, "archive-special")])
def test_links_and_special_files_are_refused(tmp_path: Path, mode: int, code: str) -> None:
    error = refused_bytes(tmp_path, zip_bytes([(member_of_kind("strange", mode), b"/etc/passwd")]))

    assert error.code == code
    assert '"strange"' in error.message


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    flags = struct.pack("<H", 0x1)
    content = zip_bytes([("secret", b"1")])
    content = with_field(with_field(content, LOCAL, 6, flags), DIRECTORY, 8, flags)

    assert refused_bytes(tmp_path, content).code == "archive-encrypted"


def test_a_method_that_the_library_would_unpack_without_bounds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sent.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"1")

    assert refused(path).code == "archive-method"


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    assert refused(write_zip(tmp_path / "sent.zip", {"a": b"1", "a/b": b"2"})).code == "archive-clash"


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    content = bytearray(zip_bytes([("a", b"x" * 50), ("b", b"x" * 50)]))
    second = bytes(content).rindex(DIRECTORY)
    # The offset of the header stands 42 bytes into the record; 0 is where the first member lies.
    content[second + 42 : second + 46] = struct.pack("<L", 0)

    assert refused_bytes(tmp_path, bytes(content)).code == "archive-overlap"


def test_content_that_does_not_match_its_checksum_is_refused(tmp_path: Path) -> None:
    content = with_field(zip_bytes([("a", b"x" * 500)]), DIRECTORY, 16, b"\0\0\0\0")

    assert refused_bytes(tmp_path, content).code == "archive-damaged"


@pytest.mark.parametrize("announced", [10, 10_000])
def test_content_that_is_not_as_long_as_announced_is_refused(tmp_path: Path, announced: int) -> None:
    content = with_announced_size(zip_bytes([("a", os.urandom(500))]), announced)

    assert refused_bytes(tmp_path, content).code == "archive-damaged"


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as member:
        for _ in range(200):
            member.write(bytes(1024 * 1024))
    # 200 MiB of zeros deflate to about a thousandth.
    assert path.stat().st_size < 250_000
    tracemalloc.start()
    error = refused(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert error.code == "archive-bomb"
    assert "209,715,200 bytes" in error.message
    assert peak < 5_000_000


def test_a_bomb_in_many_small_members_is_refused(tmp_path: Path) -> None:
    # 40 members of 1 MiB: none is large, together they are 40 MiB from about 40 kB.
    error = refused(write_zip(tmp_path / "sent.zip", {f"m{n}": bytes(1024 * 1024) for n in range(40)}))

    assert error.code == "archive-bomb"


def test_one_bomb_between_honest_data_is_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "sent.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("honest", os.urandom(1024 * 1024))
        archive.writestr("zeros", bytes(32 * 1024 * 1024))

    error = refused(path)
    assert error.code == "archive-bomb"
    assert "zeros" in error.message


def test_what_packs_well_but_is_small_is_no_bomb(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "sent.zip", {"zeros": bytes(8 * 1024 * 1024)})

    assert extract_archive(path, tmp_path / "out", SUBMISSION_LIMITS).size_bytes == 8 * 1024 * 1024


def test_too_many_members_too_much_data_and_too_large_a_member_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "sent.zip", {"a": os.urandom(600), "b": os.urandom(600)})

    assert refused(path, ArchiveLimits(entries=1)).code == "archive-entries"
    assert refused(path, ArchiveLimits(total_bytes=1199)).code == "archive-too-large"
    assert refused(path, ArchiveLimits(entry_bytes=599)).code == "archive-too-large"
    assert extract_archive(path, tmp_path / "out", ArchiveLimits(2, 1200, 600)).files == 2


def test_a_list_of_members_longer_than_the_limits_allow_is_not_even_read(tmp_path: Path) -> None:
    members: list[tuple[str | zipfile.ZipInfo, bytes]] = [(f"{n:05}-{'x' * 240}", b"") for n in range(6000)]

    # 6000 records of 46 bytes and a name of 246 are 1.75 MB; a limit of 10 members allows for 1 MiB.
    error = refused_bytes(tmp_path, zip_bytes(members), ArchiveLimits(entries=10))
    assert error.code == "archive-entries"
    assert "1,048,576" in error.message


def test_many_problems_are_cut_off(tmp_path: Path) -> None:
    error = refused(write_zip(tmp_path / "sent.zip", {f"../{n}": b"" for n in range(500)}))

    assert len(error.problems) == 50


HONEST = zip_bytes([("competition.yaml", b"version: 2\n" * 20), ("folder/", b""), ("folder/file", bytes(500))])


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(HONEST) - 1), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, len(HONEST)),
)
def test_a_zip_with_any_damage_is_read_or_refused_with_our_errors(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes]], length: int
) -> None:
    content = bytearray(HONEST)
    for place, value in changes:
        content[place : place + len(value)] = value
    # Half of the cases keep their end, where the list of members stands.
    kept = bytes(content) if length % 2 else bytes(content[:length])
    folder = tmp_path_factory.mktemp("zip")
    (folder / "sent.zip").write_bytes(kept)

    try:
        with ZipSource(folder / "sent.zip", SUBMISSION_LIMITS) as source:
            read_bundle(source)
        extract_archive(folder / "sent.zip", folder / "out", SUBMISSION_LIMITS)
    except BundleError as error:
        assert error.problems  # noqa: PT017
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(folder) for path in written)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_our_errors(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    path = tmp_path_factory.mktemp("zip") / "sent.zip"
    path.write_bytes(b"PK\x03\x04" + tail)

    with pytest.raises(ArchiveError), ZipSource(path, SUBMISSION_LIMITS):
        pass
