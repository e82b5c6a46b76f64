from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.blobs.archives.zips import write_zip
from tests.unit.rules.bundle.bundles import FILES, SMALL, changed

from podium.blobs.archives import ArchiveLimits, FolderSource, ZipSource, open_source
from podium.rules.bundle import read_bundle
from podium.rules.errors import ArchiveError, NotFound, TooLarge

MEMBERS = {
    "a.txt": b"abc",
    "folder/b.txt": b"b",
    "folder/deep/c.txt": b"c",
    "__MACOSX/._a.txt": b"",
    "x/.DS_Store": b"",
}


def as_folder(folder: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(params=["zip", "folder"])
def bundle(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "zip":
        return write_zip(tmp_path / "bundle.zip", MEMBERS)
    return as_folder(tmp_path / "bundle", MEMBERS)


def test_zip_and_folder_show_the_same_members(bundle: Path) -> None:
    with open_source(bundle) as source:
        assert set(source.names()) == {"a.txt", "folder/b.txt", "folder/deep/c.txt"}
        assert {"folder", "folder/deep"} <= set(source.folders())
        assert source.kind("a.txt") == "file"
        assert source.kind("folder") == "folder"
        assert source.kind("folder/deep") == "folder"
        assert source.kind("fold") is None
        assert source.kind("__MACOSX") is None


def test_files_are_read_whole_in_part_and_as_a_stream(bundle: Path) -> None:
    with open_source(bundle) as source:
        assert source.read("a.txt", limit_bytes=3) == b"abc"
        assert source.head("a.txt", 2) == b"ab"
        assert source.head("a.txt", 99) == b"abc"
        assert source.size("a.txt") == 3
        with source.open("folder/deep/c.txt") as file:
            assert file.read() == b"c"


def test_a_file_beyond_the_limit_and_one_that_is_missing_are_our_errors(bundle: Path) -> None:
    with open_source(bundle) as source:
        with pytest.raises(TooLarge):
            source.read("a.txt", limit_bytes=2)
        for name in ("nothing", "folder", "../a.txt", ""):
            with pytest.raises(NotFound):
                source.open(name)


def test_a_path_that_leads_nowhere_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound), open_source(tmp_path / "nothing"):
        pass


def test_a_duplicate_in_a_zip_is_a_note_of_the_reading(tmp_path: Path) -> None:
    members = [*FILES.items(), ("competition.yaml", b"- old"), ("competition.yaml", SMALL.encode())]
    with ZipSource(write_zip(tmp_path / "bundle.zip", members)) as source:
        reading = read_bundle(source)

    assert reading.spec is not None
    assert [problem.code for problem in reading.problems] == ["archive-duplicate"]


def test_links_inside_a_folder_are_followed(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "bundle", {"data/a": b"A"})
    (folder / "again").symlink_to("data")
    (folder / "a").symlink_to(folder / "data" / "a")
    with FolderSource(folder) as source:
        assert set(source.names()) == {"data/a", "again/a", "a"}
        assert source.read("again/a", limit_bytes=9) == b"A"


def test_a_link_out_of_the_folder_spoils_only_what_contains_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = as_folder(tmp_path / "bundle", {"good/a": b"A", "bad/b": b"B"})
    (folder / "bad" / "link").symlink_to(tmp_path / "secret")
    with FolderSource(folder) as source:
        assert source.kind("good") == "folder"
        for name in ("bad", "bad/link"):
            with pytest.raises(ArchiveError, match="bad/link"):
                source.kind(name)
        with pytest.raises(NotFound):
            source.open("bad/link")


@pytest.mark.parametrize("target", ["nowhere", ".", "..", "link"])
def test_links_to_nowhere_and_in_circles_are_refused(tmp_path: Path, target: str) -> None:
    folder = as_folder(tmp_path / "bundle", {"a": b""})
    (folder / "link").symlink_to(target)
    with FolderSource(folder) as source:
        assert set(source.names()) == {"a"}
        with pytest.raises(ArchiveError, match="link"):
            source.kind("link")


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "bundle", {"a": b""})
    os.mkfifo(folder / "pipe")
    with FolderSource(folder) as source, pytest.raises(ArchiveError, match="pipe"):
        source.kind("pipe")


def test_a_program_with_a_link_to_the_outside_is_an_error_at_its_line(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "bundle", {**FILES, "competition.yaml": SMALL.encode()})
    (folder / "scoring" / "data").symlink_to("/etc")
    with FolderSource(folder) as source:
        problems = read_bundle(source).problems

    assert [(problem.code, problem.place) for problem in problems] == [("archive-link", "competition.yaml:8:22")]
    assert "scoring/data" in problems[0].message


def test_a_damaged_page_is_an_error_at_its_line(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "bundle.zip", {**FILES, "competition.yaml": SMALL.encode(), "terms.md": b"Be fair." * 9}
    )
    content = path.read_bytes()
    record = content.rindex(b"PK\x01\x02", 0, content.rindex(b"terms.md"))
    # The checksum stands 16 bytes into the record.
    path.write_bytes(content[: record + 16] + b"\0\0\0\0" + content[record + 20 :])
    with ZipSource(path) as source:
        problems = read_bundle(source).problems

    assert [(problem.code, problem.place) for problem in problems] == [("archive-damaged", "competition.yaml:4:8")]


def test_a_folder_with_more_members_than_the_limit_is_refused(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "bundle", {str(number): b"" for number in range(12)})

    with pytest.raises(ArchiveError, match="more than 10 members"):
        FolderSource(folder, ArchiveLimits(entries=10))


def test_a_zip_of_a_folder_reads_like_the_folder(tmp_path: Path) -> None:
    members = {f"my bundle/{name}": content for name, content in FILES.items()}
    members["my bundle/competition.yaml"] = changed("title: Small", "title: Nested").encode()
    readings = []
    for path in (write_zip(tmp_path / "b.zip", members), as_folder(tmp_path / "b", members)):
        with open_source(path) as source:
            readings.append(read_bundle(source))

    assert readings[0] == readings[1]
    assert readings[0].require().title == "Nested"
