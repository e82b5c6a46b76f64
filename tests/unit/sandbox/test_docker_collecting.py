"""An output that comes as a tar stream is judged like a folder, whatever its maker wrote into the tar."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podium.rules.errors import InternalError
from podium.sandbox.collect import Caps
from podium.sandbox.docker.collecting import Arrived, collect_archive

CAPS = Caps(total_bytes=100_000, entries=20)


def tar_of(*entries: tuple[str, bytes | None] | tarfile.TarInfo) -> bytes:
    """Files with their content, folders (None), and entries made by hand, below the folder `output`."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
        folder = tarfile.TarInfo("output")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                tar.addfile(entry)
                continue
            name, data = entry
            made = tarfile.TarInfo(name)
            made.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            made.size = len(data or b"")
            tar.addfile(made, io.BytesIO(data or b""))
    return content.getvalue()


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def arrived(content: bytes, into: Path, caps: Caps = CAPS, size: int = 1000) -> Arrived:
    return collect_archive((content[start : start + size] for start in range(0, len(content), size)), into, caps)


def test_files_and_folders_arrive_whole_in_whatever_pieces_they_come(tmp_path: Path) -> None:
    found = arrived(tar_of(("output/a", b"x" * 5000), ("output/d", None), ("output/d/b", b"")), tmp_path, size=7)
    assert found.collection.collected == ["a", "d/b"]
    assert (tmp_path / "a").read_bytes() == b"x" * 5000
    assert (found.pages, found.entries) == (2, 3)  # 5000 bytes in pages of 4096


@pytest.mark.parametrize(
    "name",
    ["output/../escaped", "output//etc/passwd", "output/./a", "output/d/../../escaped", "output/a\\b", "output/-a"],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    found = arrived(tar_of((name, b"evil")), inside)
    assert found.collection.collected == []
    assert len(found.collection.refused) == 1
    assert list(tmp_path.rglob("*")) == [inside]


def test_a_file_below_a_link_goes_nowhere(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    evil = link("output/d", str(outside), tarfile.SYMTYPE)
    found = arrived(tar_of(evil, ("output/d/file", b"evil")), inside)
    assert found.collection.collected == []
    assert list(outside.iterdir()) == []


def test_both_names_of_a_hard_link_are_refused(tmp_path: Path) -> None:
    found = arrived(tar_of(("output/a", b"x"), link("output/b", "output/a", tarfile.LNKTYPE)), tmp_path)
    assert found.collection.collected == []
    assert [line.split(":")[0] for line in found.collection.refusals()] == ["a", "b"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    found = arrived(tar_of(link("output/x", "/etc/passwd", kind)), tmp_path)
    assert found.collection.collected == []
    assert "not a file" in found.collection.refused[0]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    found = arrived(tar_of(("output/a", b"first"), ("output/a", b"second")), tmp_path)
    assert (tmp_path / "a").read_bytes() == b"first"
    assert "comes twice" in found.collection.refused[0]


def test_no_more_is_read_than_the_caps_allow(tmp_path: Path) -> None:
    many = tar_of(*((f"output/{number:03}", b"x") for number in range(30)))
    found = arrived(many, tmp_path)
    assert len(found.collection.collected) == 20
    assert "more than the 20 entries allowed" in found.collection.refused[0]


def test_a_file_beyond_the_bytes_allowed_is_left_and_a_smaller_one_kept(tmp_path: Path) -> None:
    found = arrived(tar_of(("output/a", b"x" * 100_001), ("output/b", b"y")), tmp_path)
    assert found.collection.collected == ["b"]
    assert "larger than 100000 bytes" in found.collection.refused[0]


def test_files_that_claim_to_be_much_larger_than_all_that_there_may_be_end_the_reading(tmp_path: Path) -> None:
    huge = []
    for number in range(9):
        made = tarfile.TarInfo(f"output/{number}")
        made.size = 90_000
        huge.append(made)
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for entry in huge:
            for piece in (entry.tobuf(), bytes(90_112)):  # padded to blocks of 512
                read += len(piece)
                yield piece

    found = collect_archive(pieces(), tmp_path, CAPS)
    assert found.collection.collected == ["0"]
    assert ".: its files claim to be much larger than they are" in found.collection.refused
    # Four times the 100 kB allowed are 4 of them: no more than a buffer beyond the fifth was read.
    assert read < 6 * 91_000


def test_folders_deeper_than_allowed_are_left_with_all_that_is_in_them(tmp_path: Path) -> None:
    names = ["output/" + "/".join("d" * depth) for depth in range(1, 11)]
    found = arrived(tar_of(*((name, None) for name in names), (names[-1] + "/file", b"x")), tmp_path)
    assert found.collection.collected == []
    # eight folders above a file, the output included: the eighth below it is refused, and what is inside silently
    assert [line.split(":")[0] for line in found.collection.refused] == ["d/d/d/d/d/d/d/d"]


def test_a_stream_that_breaks_off_keeps_what_came_and_says_so(tmp_path: Path) -> None:
    whole = tar_of(("output/a", b"x" * 2000), ("output/b", b"y" * 5000))
    found = arrived(whole[: whole.index(b"y" * 100) + 1000], tmp_path)
    assert found.collection.collected == ["a"]
    assert "the rest of it cannot be read" in found.collection.refused[0]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_engine_that_hangs_up_is_our_failure(tmp_path: Path) -> None:
    def chunks() -> object:
        yield tar_of(("output/a", b"x" * 5000))[:1500]
        raise ConnectionError("gone")

    with pytest.raises(InternalError, match="did not hand over the output"):
        collect_archive(chunks(), tmp_path, CAPS)  # type: ignore[arg-type]
