"""Where this process may make control groups, found by trying."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from podium.sandbox.cgroups import GroupLimits, Groups, GroupsV1, GroupsV2, remove_group


@dataclass(frozen=True)
class Hierarchy:
    """The folders in which groups can be made, and how to make those of one run (its name, its limits)."""

    bases: Sequence[Path]
    make: Callable[[str, GroupLimits], Groups]

    def remove_leftovers(self, prefix: str) -> None:
        """Remove the groups of dead processes: those named `prefix` and a process id, as `make` was told to."""
        for base in self.bases:
            for group in base.glob(f"{prefix}*"):
                owner = group.name.removeprefix(prefix)
                if owner.isdigit() and not Path("/proc", owner).exists():
                    remove_group(group)


_V1_CONTROLLERS = ("memory", "pids", "cpu")
_V2_CONTROLLERS = ("memory", "pids", "cpu")
_LEAF = "podium-worker"
_TRIAL = GroupLimits(memory_bytes=64 << 20, cpus=1.0, processes=8)


def find_hierarchy(trial_name: str, proc: Path = Path("/proc")) -> Hierarchy | None:
    """Where groups can be made here, or None where the kernel or the permissions forbid it."""
    for found in (_version_2(proc), _version_1(proc)):
        if found is None:
            continue
        with suppress(OSError):
            found.make(trial_name, _TRIAL).remove()
            return found
    return None


def _version_1(proc: Path) -> Hierarchy | None:
    mounted = mounts_v1((proc / "self/mountinfo").read_text(encoding="utf-8", errors="replace"))
    own = own_groups((proc / "self/cgroup").read_text(encoding="utf-8", errors="replace"))
    bases: dict[str, Path] = {}
    for controller in _V1_CONTROLLERS:
        if controller not in mounted:
            return None
        root, point = mounted[controller]
        base = below(own.get(controller, "/"), root, point)
        if not os.access(base, os.W_OK):
            return None
        bases[controller] = base
    return Hierarchy(tuple(bases.values()), partial(GroupsV1, bases))


def _version_2(proc: Path) -> Hierarchy | None:
    mounted = mount_v2((proc / "self/mountinfo").read_text(encoding="utf-8", errors="replace"))
    if mounted is None:
        return None
    root, point = mounted
    own = own_groups((proc / "self/cgroup").read_text(encoding="utf-8", errors="replace")).get("", "/")
    # Root may make groups beside the system's own; another user only below a group that was handed to it.
    mine = below(own, root, point)
    if mine.name == _LEAF:
        mine = mine.parent
    for base in ([point] if os.geteuid() == 0 else []) + [mine]:
        if _delegates(base):
            return Hierarchy((base,), partial(GroupsV2, base))
    return None


def _delegates(base: Path) -> bool:
    """Hand the controllers down to the children of `base`, moving what runs in it into one of them if need be."""
    try:
        available = (base / "cgroup.controllers").read_text(encoding="ascii").split()
        if not {"memory", "pids"} <= set(available):
            return False
        wanted = " ".join(f"+{name}" for name in _V2_CONTROLLERS if name in available)
        control = base / "cgroup.subtree_control"
        try:
            control.write_text(wanted, encoding="ascii")
        except OSError:
            # Controllers cannot be handed down while processes live in the group itself.
            leaf = base / _LEAF
            leaf.mkdir(exist_ok=True)
            for pid in (base / "cgroup.procs").read_text(encoding="ascii").split():
                with suppress(ProcessLookupError):
                    (leaf / "cgroup.procs").write_text(pid, encoding="ascii")
            control.write_text(wanted, encoding="ascii")
    except OSError:
        return False
    return True


def own_groups(text: str) -> Mapping[str, str]:
    """The group of this process per controller, from the text of /proc/self/cgroup; "" names version 2."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    return found


def mounts_v1(text: str) -> Mapping[str, tuple[str, Path]]:
    """Per controller of version 1: the group that its mount shows as its root, and where that is (mountinfo's text)."""
    found: dict[str, tuple[str, Path]] = {}
    for root, point, kind, options in _mounts(text):
        if kind == "cgroup":
            for option in options:
                found.setdefault(option, (root, point))
    return found


def mount_v2(text: str) -> tuple[str, Path] | None:
    """The group that the mount of version 2 shows as its root, and where that is (mountinfo's text)."""
    return next(((root, point) for root, point, kind, _ in _mounts(text) if kind == "cgroup2"), None)


def _mounts(text: str) -> list[tuple[str, Path, str, list[str]]]:
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, facts = before.split(" "), after.split(" ")
        if len(fields) > 4 and len(facts) > 2:
            found.append((fields[3], Path(fields[4]), facts[0], facts[2].split(",")))
    return found


def below(group: str, root: str, point: Path) -> Path:
    """The folder of a group, under a mount at `point` that shows the group `root`."""
    inside = group.removeprefix(root) if root != "/" else group
    return point / inside.lstrip("/")
