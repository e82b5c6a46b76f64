"""What a program wrote is hostile: only plain files with plain names are copied, within caps."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.errors import InternalError
from podium.sandbox.collect import Caps, Collection, collect, name_problem, printable

CAPS = Caps(total_bytes=1000, entries=20, depth=4)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "written"
    folder.mkdir()
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def collected(written: Path, into: Path, caps: Caps = CAPS) -> Collection:
    descriptor = os.open(written, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return collect(descriptor, into, caps)
    finally:
        os.close(descriptor)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_files_and_folders_arrive_with_their_bytes(written: Path, into: Path) -> None:
    (written / "a").mkdir()
    (written / "a/b.txt").write_bytes(b"\x00\xff")
    (written / "c.txt").write_bytes(b"")
    assert collected(written, into).collected == ["a/b.txt", "c.txt"]
    assert (into / "a/b.txt").read_bytes() == b"\x00\xff"
    assert names(into) == {"a", "a/b.txt", "c.txt"}


def test_rights_are_not_copied(written: Path, into: Path) -> None:
    (written / "tool").write_text("x")
    (written / "tool").chmod(0o6777)
    collected(written, into)
    assert stat.S_IMODE((into / "tool").stat().st_mode) == 0o600


def test_links_are_refused_wherever_they_lead(written: Path, into: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (written / "file").symlink_to(tmp_path / "secret")
    (written / "folder").symlink_to(tmp_path)
    (written / "nowhere").symlink_to("nowhere")
    found = collected(written, into)
    assert names(into) == set()
    assert list(found.refusals()) == [
        "file: it is a symbolic link, not a file",
        "folder: it is a symbolic link, not a file",
        "nowhere: it is a symbolic link, not a file",
    ]


def test_a_second_name_of_a_file_is_refused(written: Path, into: Path, tmp_path: Path) -> None:
    (tmp_path / "truth").write_text("secret")
    (written / "mine").hardlink_to(tmp_path / "truth")
    assert list(collected(written, into).refusals()) == ["mine: it has a second name (a hard link)"]
    assert names(into) == set()


def test_pipes_and_sockets_do_not_hold_up_the_reader(
    written: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(written / "pipe")
    monkeypatch.chdir(written)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        found = collected(written, into)
    assert list(found.refusals()) == ["pipe: it is a pipe, not a file", "socket: it is a socket, not a file"]


def test_the_total_is_capped_and_smaller_files_still_fit(written: Path, into: Path) -> None:
    (written / "large").write_bytes(bytes(1001))
    (written / "small").write_bytes(bytes(1000))
    found = collected(written, into)
    assert found.collected == ["small"]
    assert list(found.refusals()) == ["large: with it the output is larger than 1000 bytes"]


def test_a_sparse_file_counts_with_the_size_it_claims(written: Path, into: Path) -> None:
    with (written / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert collected(written, into).collected == []


def test_entries_are_capped(written: Path, into: Path) -> None:
    for number in range(50):
        (written / f"{number}").touch()
    found = collected(written, into)
    assert len(found.collected) == 20
    assert list(found.refusals()) == [".: it holds more than the 20 entries allowed"]


def test_depth_is_capped(written: Path, into: Path) -> None:
    (written / "1/2/3/4").mkdir(parents=True)
    (written / "1/2/3/fits").touch()
    (written / "1/2/3/4/deeper").touch()
    found = collected(written, into)
    # the collected folder is the first of the four
    assert found.collected == ["1/2/3/fits"]
    assert list(found.refusals()) == ["1/2/3/4: it is nested deeper than 4 folders"]


def test_refusals_are_capped_too(written: Path, into: Path) -> None:
    for number in range(150):
        (written / f"link{number:03}").symlink_to("x")
    found = collected(written, into, Caps(1000, 1000))
    assert len(found.refusals()) == 101
    assert found.refusals()[-1] == "50 further entries were left behind"


def test_a_folder_that_cannot_be_written_is_our_failure(written: Path, into: Path) -> None:
    (written / "a").write_text("new")
    (into / "a").write_text("was here")
    with pytest.raises(InternalError, match="cannot keep what the program wrote"):
        collected(written, into)


@pytest.mark.parametrize(
    "name",
    [
        "-rf",
        ".hidden",
        " space",
        "space ",
        "dot.",
        "a\\b",
        "c:d",
        "new\nline",
        "bell\a",
        "\x1b[2J",
        "a\u202eb",
        "a\u2028b",
        "x" * 121,
    ],
)
def test_deceiving_names_are_refused(name: str) -> None:
    assert name_problem(name) != ""


@pytest.mark.parametrize("name", ["scores.json", "a b", "caf\u00e9", "\u65e5\u672c", "x" * 120, "a-b_c.d+e"])
def test_plain_names_are_fine(name: str) -> None:
    assert name_problem(name) == ""


def test_names_that_are_no_text_are_refused(written: Path, into: Path) -> None:
    Path(os.fsdecode(os.fsencode(written) + b"/\xff\xfe")).touch()
    assert list(collected(written, into).refusals()) == ["\\udcff\\udcfe: its name is not valid UTF-8"]


@given(st.text(min_size=1))
def test_what_is_shown_of_a_name_is_printable_and_bounded(name: str) -> None:
    shown = printable(name)
    assert shown.isprintable()
    # each of at most 240 characters becomes at most the ten of an escape, and three dots
    assert len(shown) <= 240 * 10 + 3


@given(st.binary(min_size=1, max_size=200).filter(lambda name: b"/" not in name and b"\0" not in name))
def test_any_name_the_kernel_allows_is_judged(name: bytes) -> None:
    text = os.fsdecode(name)
    if name_problem(text) == "":
        assert text.isprintable()
        assert 1 <= len(name) <= 120


@pytest.fixture(autouse=True)
def no_descriptor_is_left_open() -> Iterator[None]:
    before = len(list(Path("/proc/self/fd").iterdir()))
    yield
    assert len(list(Path("/proc/self/fd").iterdir())) == before
