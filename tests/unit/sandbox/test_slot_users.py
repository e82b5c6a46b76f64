"""The users of slots: one sandbox each, whoever else is on this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from podium.rules.errors import SandboxUnavailable
from podium.sandbox import slot_users
from podium.sandbox.slot_users import NUMBERS, reserve_user

FIRST = NUMBERS[0].start
HOLDER = """
import sys
from pathlib import Path
from podium.sandbox.slot_users import reserve_user
user = reserve_user(Path(sys.argv[1]), Path(sys.argv[2]))
print(user.uid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Where processes are listed: one of root."""
    process_of(tmp_path / "proc", 1, 0)
    return tmp_path / "proc"


def process_of(proc: Path, pid: int, uid: int) -> None:
    (proc / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "status").write_text(f"Name:\tx\nUid:\t0\t{uid}\t0\t0\nGid:\t0\t0\t0\t0\n")


def test_each_is_had_once_and_again_when_it_is_let_go(tmp_path: Path, proc: Path) -> None:
    place = tmp_path / "users"
    first, second = reserve_user(place, proc), reserve_user(place, proc)
    assert (first.uid, second.uid) == (FIRST, FIRST + 1)
    assert first.is_own
    assert place.stat().st_mode & 0o777 == 0o700
    del first
    assert reserve_user(place, proc).uid == FIRST


def test_a_killed_process_holds_none(tmp_path: Path, proc: Path) -> None:
    place = tmp_path / "users"
    words = [sys.executable, "-c", HOLDER, str(place), str(proc)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == FIRST
        mine = reserve_user(place, proc)
        assert mine.uid == FIRST + 1
        other.kill()
        other.wait()
        assert reserve_user(place, proc).uid == FIRST


def test_a_user_with_processes_left_is_passed_over(tmp_path: Path, proc: Path) -> None:
    process_of(proc, 77, FIRST)
    assert reserve_user(tmp_path / "users", proc).uid == FIRST + 1


def test_the_user_of_an_account_is_passed_over(tmp_path: Path, proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot_users, "_is_account", lambda uid: bool(uid == FIRST))
    assert reserve_user(tmp_path / "users", proc).uid == FIRST + 1


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, proc: Path) -> None:
    place = tmp_path / "users"
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(SandboxUnavailable, match="Others than root can write there"):
        reserve_user(place, proc)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path, proc: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "users").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SandboxUnavailable, match="cannot be kept apart"):
        reserve_user(tmp_path / "users", proc)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_when_all_are_taken_it_says_so(tmp_path: Path, proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot_users, "NUMBERS", (range(61_000, 61_002),))
    held = [reserve_user(tmp_path / "users", proc) for _ in range(2)]
    assert [user.uid for user in held] == [61_000, 61_001]
    with pytest.raises(SandboxUnavailable, match="All 2 users of slots are taken"):
        reserve_user(tmp_path / "users", proc)


def test_the_folder_above_is_made_where_a_bare_image_has_none(tmp_path: Path, proc: Path) -> None:
    place = tmp_path / "run" / "users"
    assert reserve_user(place, proc).uid == FIRST
    assert (place.parent.stat().st_mode & 0o777, place.stat().st_mode & 0o777) == (0o755, 0o700)
