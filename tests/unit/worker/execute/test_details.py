"""Reading the detailed results out of a folder that a hostile program writes to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from podium.worker.execute.details import LARGEST_BYTES, NAME, DetailReader


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield opened
    os.close(opened)


def test_a_page_is_read_once_for_each_change(tmp_path: Path, folder: int) -> None:
    reader = DetailReader()
    assert reader.read_if_changed(folder) is None
    (tmp_path / NAME).write_bytes(b"half")
    assert reader.read_if_changed(folder) == b"half"
    assert reader.read_if_changed(folder) is None
    (tmp_path / NAME).write_bytes(b"whole")
    assert reader.read_if_changed(folder) == b"whole"


def test_without_the_named_page_the_first_one_is_read(tmp_path: Path, folder: int) -> None:
    reader = DetailReader()
    (tmp_path / "b.html").write_bytes(b"b")
    (tmp_path / "a.html").write_bytes(b"a")
    assert reader.read_if_changed(folder) == b"a"
    (tmp_path / NAME).write_bytes(b"named")
    assert reader.read_if_changed(folder) == b"named"


def test_no_link_is_followed(tmp_path: Path, folder: int) -> None:
    secret = tmp_path.parent / "secret"
    secret.write_bytes(b"secret")
    for make in (
        lambda page: page.symlink_to(secret),
        lambda page: page.symlink_to("../secret"),
        lambda page: page.hardlink_to(secret),
        lambda page: page.symlink_to("/proc/self/environ"),
    ):
        page = tmp_path / NAME
        make(page)
        assert DetailReader().read_if_changed(folder) is None
        page.unlink()


def test_what_is_no_file_is_not_read_and_nothing_waits_for_it(tmp_path: Path, folder: int) -> None:
    os.mkfifo(tmp_path / NAME)
    assert DetailReader().read_if_changed(folder) is None
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).mkdir()
    assert DetailReader().read_if_changed(folder) is None


def test_a_page_without_end_is_not_read(tmp_path: Path, folder: int) -> None:
    with (tmp_path / NAME).open("wb") as page:
        page.truncate(LARGEST_BYTES + 1)
    assert DetailReader().read_if_changed(folder) is None
    os.truncate(tmp_path / NAME, LARGEST_BYTES)
    content = DetailReader().read_if_changed(folder)
    assert content is not None
    assert len(content) == LARGEST_BYTES


def test_a_folder_without_end_is_not_read_to_its_end(tmp_path: Path, folder: int) -> None:
    for number in range(1500):
        (tmp_path / f"{number}.html").touch()
    # Empty pages are none.
    assert DetailReader().read_if_changed(folder) is None


def test_a_page_that_is_swapped_while_it_is_read_is_one_of_the_pages(tmp_path: Path, folder: int) -> None:
    secret = tmp_path.parent / "secret"
    secret.write_bytes(b"secret")
    stop = Event()

    def swap() -> None:
        while not stop.is_set():
            for make in (lambda new: new.symlink_to(secret), lambda new: new.write_bytes(b"page"), os.mkfifo):
                new = tmp_path / "new"
                make(new)
                new.rename(tmp_path / NAME)

    swapping = Thread(target=swap)
    swapping.start()
    try:
        seen: list[bytes | None] = []
        end = time.monotonic() + 20
        while (seen.count(b"page") < 20 or seen.count(None) < 20) and time.monotonic() < end:
            seen.append(DetailReader().read_if_changed(folder))
    finally:
        stop.set()
        swapping.join(20)
    assert set(seen) == {None, b"page"}
