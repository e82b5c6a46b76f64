from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.blobs import Blob, LocalBlobStore
from podium.rules.errors import NotFound, OutOfSpace, TooLarge, UserError

# From `printf abc | sha256sum`; also the first example of FIPS 180-2.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
# From `sha256sum /dev/null`.
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def store(tmp_path: Path) -> LocalBlobStore:
    return LocalBlobStore(tmp_path / "blobs", min_free_bytes=0)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_stored_is_found_by_its_hash(store: LocalBlobStore) -> None:
    blob = store.put_stream([b"a", b"", b"bc"], max_bytes=3)

    assert blob == Blob(ABC, 3)
    assert store.exists(ABC)
    assert store.size(ABC) == 3
    assert store.path(ABC).read_bytes() == b"abc"
    with store.open(ABC) as file:
        assert file.read() == b"abc"
    assert files_in(store.folder) == [f"ba/78/{ABC}"]


def test_nothing_at_all_can_be_stored(store: LocalBlobStore) -> None:
    assert store.put_stream([], max_bytes=0) == Blob(NOTHING, 0)


def test_a_file_is_copied(store: LocalBlobStore, tmp_path: Path) -> None:
    original = tmp_path / "abc.txt"
    original.write_bytes(b"abc")

    assert store.put_file(original) == Blob(ABC, 3)
    original.write_bytes(b"changed")
    assert store.path(ABC).read_bytes() == b"abc"


def test_only_the_owner_may_look(store: LocalBlobStore) -> None:
    store.put_stream([b"abc"], max_bytes=3)

    place = store.path(ABC)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (place.parent, place.parent.parent, store.folder)} == {
        0o700
    }


def test_storing_the_same_again_renews_its_age_and_keeps_one_file(store: LocalBlobStore) -> None:
    store.put_stream([b"abc"], max_bytes=3)
    os.utime(store.path(ABC), (1000, 1000))
    inode = store.path(ABC).stat().st_ino
    store.put_stream([b"abc"], max_bytes=3)

    assert store.path(ABC).stat().st_mtime > 1000
    assert store.path(ABC).stat().st_ino == inode
    assert files_in(store.folder) == [f"ba/78/{ABC}"]


def test_a_file_that_was_cut_short_is_replaced_by_the_whole_one(store: LocalBlobStore) -> None:
    store.put_stream([b"abc"], max_bytes=3)
    store.path(ABC).write_bytes(b"a")

    store.put_stream([b"abc"], max_bytes=3)
    assert store.path(ABC).read_bytes() == b"abc"


def test_more_than_the_limit_stores_nothing(store: LocalBlobStore) -> None:
    with pytest.raises(TooLarge) as caught:
        store.put_stream([b"ab", b"cd"], max_bytes=3)

    assert caught.value.status == 413
    assert files_in(store.folder) == []


def test_an_iterator_that_breaks_stores_nothing(store: LocalBlobStore) -> None:
    def broken() -> object:
        yield b"ab"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put_stream(broken(), max_bytes=10)  # type: ignore[arg-type]
    assert files_in(store.folder) == []


def test_a_writer_makes_nothing_exist_before_it_commits(store: LocalBlobStore) -> None:
    writer = store.writer(10)
    writer.write(b"ab")
    assert not store.exists(ABC)
    writer.write(b"c")
    assert writer.size_bytes == 3

    assert writer.commit(expected_sha256=ABC.upper(), expected_size=3) == Blob(ABC, 3)
    writer.abort()
    assert store.exists(ABC)


def test_a_writer_that_is_left_or_aborted_leaves_nothing(store: LocalBlobStore) -> None:
    with store.writer(10) as writer:
        writer.write(b"abc")
    other = store.writer(10)
    other.write(b"abc")
    other.abort()

    assert files_in(store.folder) == []
    with pytest.raises(ValueError, match="committed or aborted"):
        other.write(b"more")


@pytest.mark.parametrize(
    ("sha256", "size", "code"), [(NOTHING, None, "upload-hash-differs"), (None, 4, "upload-size-differs")]
)
def test_what_differs_from_the_announcement_is_not_stored(
    store: LocalBlobStore, sha256: str | None, size: int | None, code: str
) -> None:
    writer = store.writer(10)
    writer.write(b"abc")
    with pytest.raises(UserError) as caught:
        writer.commit(sha256, size)

    assert caught.value.code == code
    assert files_in(store.folder) == []


def test_only_what_is_old_is_deleted(store: LocalBlobStore) -> None:
    store.put_stream([b"abc"], max_bytes=3)
    store.put_stream([], max_bytes=0)
    os.utime(store.path(ABC), (1000, 1000))
    os.utime(store.path(NOTHING), (2000, 2000))

    assert list(store.old_blobs(older_than=1500)) == [ABC]
    assert store.delete_old(ABC, older_than=1500)
    assert not store.delete_old(ABC, older_than=1500)
    assert not store.delete_old(NOTHING, older_than=1500)
    assert set(store) == {Blob(NOTHING, 0)}


def test_what_is_stored_again_is_old_no_longer(store: LocalBlobStore) -> None:
    store.put_stream([b"abc"], max_bytes=3)
    os.utime(store.path(ABC), (1000, 1000))
    store.put_stream([b"abc"], max_bytes=3)

    assert not store.delete_old(ABC, older_than=1500)
    assert store.exists(ABC)


def test_who_stores_what_is_deleted_at_this_moment_finds_it_afterwards(store: LocalBlobStore) -> None:
    for _ in range(200):
        store.put_stream([b"abc"], max_bytes=3)
        os.utime(store.path(ABC), (1000, 1000))
        together = threading.Barrier(2)

        def delete(together: threading.Barrier = together) -> None:
            together.wait()
            store.delete_old(ABC, older_than=1500)

        deleting = threading.Thread(target=delete)
        deleting.start()
        with store.writer(3) as writer:
            writer.write(b"abc")
            together.wait()
            writer.commit()
        deleting.join()
        assert store.path(ABC).read_bytes() == b"abc"


def test_who_reads_a_blob_that_is_deleted_reads_it_to_its_end(store: LocalBlobStore) -> None:
    store.put_stream([b"abc"], max_bytes=3)
    with store.open(ABC) as file:
        os.utime(store.path(ABC), (1000, 1000))
        assert store.delete_old(ABC, older_than=1500)
        assert file.read() == b"abc"


@pytest.mark.parametrize("name", [NOTHING, "", "../../etc/passwd", "ab", ABC.upper(), f"{ABC}\n", "g" * 64])
def test_what_is_not_stored_is_not_found_whatever_its_name(store: LocalBlobStore, name: str) -> None:
    assert not store.exists(name)
    for look in (store.path, store.open, store.size):
        with pytest.raises(NotFound):
            look(name)


def test_the_store_lists_its_blobs_and_not_what_is_being_written(store: LocalBlobStore) -> None:
    store.put_stream([b"abc"], max_bytes=3)
    store.put_stream([], max_bytes=0)
    with store.writer(10) as writer:
        writer.write(b"half")

        assert set(store) == {Blob(ABC, 3), Blob(NOTHING, 0)}


KILLED = """
import os, signal, sys
from pathlib import Path
from podium.blobs.local import LocalBlobStore
LocalBlobStore(Path(sys.argv[1])).writer(10).write(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_half_written_files_of_the_dead_are_removed_and_not_those_of_the_living(store: LocalBlobStore) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(store.folder)], check=False)
    assert len(files_in(store.folder)) == 1
    with store.writer(10) as writer:
        writer.write(b"abc")

        assert store.remove_abandoned() == 1
        assert len(files_in(store.folder)) == 1

        assert writer.commit() == Blob(ABC, 3)
    assert store.remove_abandoned() == 0


def test_a_disk_that_is_nearly_full_takes_nothing_more(tmp_path: Path) -> None:
    more_than_there_is = shutil.disk_usage(tmp_path).total * 2
    store = LocalBlobStore(tmp_path / "blobs", min_free_bytes=more_than_there_is)

    with pytest.raises(OutOfSpace) as caught:
        store.put_stream([b"abc"], max_bytes=3)
    assert caught.value.status == 507


def test_a_disk_that_fills_up_during_a_large_upload_stops_it(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path / "blobs", min_free_bytes=0)
    writer = store.writer(10**9)
    store.min_free_bytes = shutil.disk_usage(tmp_path).total * 2

    # The disk is looked at every 16 MiB.
    for _ in range(15):
        writer.write(bytes(1024 * 1024))
    with pytest.raises(OutOfSpace):
        writer.write(bytes(1024 * 1024))
    assert files_in(store.folder) == []


def test_a_full_disk_named_by_the_system_is_out_of_space(
    store: LocalBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = store.writer(10)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutOfSpace):
        writer.write(b"abc")
    assert files_in(store.folder) == []


def test_many_who_store_the_same_at_once_leave_one_file(store: LocalBlobStore) -> None:
    threads = [threading.Thread(target=store.put_stream, args=([b"abc"],), kwargs={"max_bytes": 3}) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert files_in(store.folder) == [f"ba/78/{ABC}"]
    assert store.path(ABC).read_bytes() == b"abc"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_chunks_come_back_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]) -> None:
    store = LocalBlobStore(tmp_path_factory.mktemp("blobs"), min_free_bytes=0)
    content = b"".join(chunks)
    blob = store.put_stream(chunks, max_bytes=len(content))

    assert blob == Blob(hashlib.sha256(content).hexdigest(), len(content))
    assert store.path(blob.sha256).read_bytes() == content
