"""Where control groups can be made, from the texts the kernel shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from podium.sandbox.cgroups import GroupLimits, GroupsV1, GroupsV2
from podium.sandbox.hierarchy import Hierarchy, below, find_hierarchy, mount_v2, mounts_v1, own_groups

HYBRID = """\
30 24 0:26 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
32 30 0:28 /docker/abc /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
33 30 0:29 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
LIMITS = GroupLimits(memory_bytes=1000, cpus=1.5, processes=12)


def test_mounts_of_version_1_are_found_by_controller() -> None:
    assert mounts_v1(HYBRID)["memory"] == ("/docker/abc", Path("/sys/fs/cgroup/memory"))
    assert mounts_v1(HYBRID)["cpu"] == ("/", Path("/sys/fs/cgroup/cpu,cpuacct"))
    assert "pids" not in mounts_v1(HYBRID)


def test_the_mount_of_version_2_is_found() -> None:
    assert mount_v2(HYBRID) == ("/", Path("/sys/fs/cgroup/unified"))
    assert mount_v2("30 24 0:26 / / rw - ext4 /dev/vda rw\n") is None


def test_own_groups_are_named_by_controller() -> None:
    text = "4:memory:/docker/abc/inner\n2:cpu,cpuacct:/\n0::/user.slice/a:b\n"
    assert own_groups(text) == {"memory": "/docker/abc/inner", "cpu": "/", "cpuacct": "/", "": "/user.slice/a:b"}


@pytest.mark.parametrize(
    ("group", "root", "folder"),
    [
        ("/docker/abc/inner", "/docker/abc", "/mount/inner"),
        ("/docker/abc", "/docker/abc", "/mount"),
        ("/user.slice", "/", "/mount/user.slice"),
        ("/", "/", "/mount"),
    ],
)
def test_a_group_is_found_below_what_its_mount_shows(group: str, root: str, folder: str) -> None:
    assert below(group, root, Path("/mount")) == Path(folder)


def test_without_any_mount_there_is_no_hierarchy(tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_text("30 24 0:26 / / rw - ext4 /dev/vda rw\n")
    (tmp_path / "self/cgroup").write_text("0::/\n")
    assert find_hierarchy("trial", tmp_path) is None


class Kernel:
    """A folder that gives new groups the files the kernel gives them."""

    def __init__(self, base: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        mkdir = Path.mkdir

        def with_files(path: Path, *arguments: object, **named: object) -> None:
            mkdir(path)
            for name, content in files.items():
                (path / name).write_text(content)

        monkeypatch.setattr(Path, "mkdir", with_files)
        # The files of a group go with it.
        monkeypatch.setattr(Path, "rmdir", shutil.rmtree)


def test_version_2_gets_every_limit_in_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = dict.fromkeys(("memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cpu.max"), "")
    Kernel(tmp_path, {**files, "memory.events": "oom 1\noom_kill 0\n", "memory.peak": "77\n"}, monkeypatch)
    groups = GroupsV2(tmp_path, "run", LIMITS)
    assert groups.entrances == (str(tmp_path / "run/cgroup.procs"),)
    found = {name: (tmp_path / "run" / name).read_text() for name in files}
    assert found == {
        "memory.max": "1000",
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "12",
        "cpu.max": "150000 100000",  # microseconds of a processor per tenth of a second
    }
    assert groups.memory_peak_bytes() == 77
    # The limit was reached, but nobody was killed for it.
    assert not groups.out_of_memory()
    (tmp_path / "run/memory.events").write_text("oom 1\noom_kill 1\noom_group_kill 1\n")
    assert groups.out_of_memory()


def test_version_1_without_account_of_swap_forbids_swapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = ("memory.limit_in_bytes", "memory.swappiness", "pids.max", "cpu.cfs_period_us", "cpu.cfs_quota_us")
    Kernel(tmp_path, dict.fromkeys(files, ""), monkeypatch)
    bases = {name: tmp_path / name for name in ("memory", "pids", "cpu")}
    for base in bases.values():
        base.mkdir()
    groups = GroupsV1(bases, "run", LIMITS)
    assert (tmp_path / "memory/run/memory.limit_in_bytes").read_text() == "1000"
    assert (tmp_path / "memory/run/memory.swappiness").read_text() == "0"
    assert (tmp_path / "pids/run/pids.max").read_text() == "12"
    assert (tmp_path / "cpu/run/cpu.cfs_quota_us").read_text() == "150000"
    assert (tmp_path / "cpu/run/cpu.cfs_period_us").read_text() == "100000"
    assert not groups.out_of_memory()
    (tmp_path / "memory/run/memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert groups.out_of_memory()


def test_groups_of_dead_processes_are_removed_and_others_kept(tmp_path: Path) -> None:
    no_process = "4194305"  # one more than the largest process id of Linux
    for name in (f"podium-x-1-{no_process}", "podium-x-1-1", f"podium-x-2-{no_process}", "podium-x-1-notes"):
        (tmp_path / name).mkdir()
    Hierarchy((tmp_path,), lambda name, limits: GroupsV2(tmp_path, name, limits)).remove_leftovers("podium-x-1-")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "podium-x-1-1",
        "podium-x-1-notes",
        f"podium-x-2-{no_process}",
    ]


@pytest.fixture
def delegated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A group of version 2 that was handed to this user, as a folder that keeps the kernel's rule: controllers are not
    handed down from a group in which processes live (cgroups(7), "no internal processes")."""
    base = tmp_path / "cgroup/service"
    base.mkdir(parents=True)
    (base / "cgroup.controllers").write_text("cpu io memory pids\n")
    (base / "cgroup.procs").write_text("10\n11\n")
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_text(f"33 30 0:29 / {tmp_path}/cgroup rw - cgroup2 cgroup2 rw\n")
    (tmp_path / "self/cgroup").write_text("0::/service\n")
    write = Path.write_text

    def like_the_kernel(path: Path, text: str, encoding: str | None = None) -> int:
        living = (base / "cgroup.procs").read_text().split()
        if path == base / "cgroup.subtree_control" and living:
            raise OSError(16, "Device or resource busy")
        if path == base / "podium-worker/cgroup.procs":
            write(base / "cgroup.procs", "".join(f"{pid}\n" for pid in living if pid != text))
        return write(path, text, encoding=encoding)

    monkeypatch.setattr(Path, "write_text", like_the_kernel)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    Kernel(base, {}, monkeypatch)
    return base


def test_a_delegated_group_makes_room_and_hands_its_controllers_down(delegated: Path, tmp_path: Path) -> None:
    found = find_hierarchy("trial", tmp_path)
    assert found is not None
    assert found.bases == (delegated,)
    assert (delegated / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
    assert (delegated / "cgroup.procs").read_text() == ""


def test_a_worker_that_moved_finds_the_same_group_again(delegated: Path, tmp_path: Path) -> None:
    find_hierarchy("trial", tmp_path)
    (tmp_path / "self/cgroup").write_text("0::/service/podium-worker\n")
    found = find_hierarchy("trial", tmp_path)
    assert found is not None
    assert found.bases == (delegated,)
