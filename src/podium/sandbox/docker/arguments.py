"""The arguments of a program's container: nothing but what its command names, and every limit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.docker.engine import Engine
from podium.sandbox.docker.options import NETWORK_ADVICE
from podium.sandbox.docker.volumes import ulimits
from podium.sandbox.environment import environment_of
from podium.sandbox.interface import Command, Limits
from podium.sandbox.slot_users import SlotUser

_PERIOD_US = 100_000
_PAGE = 4096
_CPU_GRACE_S = 5
_PROCESSES_OF_OTHERS = 4096
_ENTRIES_OF_TEMPORARY = 100_000
_HIDDEN = (
    # What engines hide by themselves, and all of /sys: it describes the machine.
    *("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list"),
    *("/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys"),
)
_READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


def container_arguments(
    engine: Engine, command: Command, image: Mapping[str, Any], mounts: Sequence[Any], user: SlotUser
) -> dict[str, Any]:
    """What the client's `create_container` is called with, besides a name and labels."""
    return {
        "image": image["Id"],
        # As the entry point, so that neither that of the image nor its command is in the way.
        "entrypoint": list(command.argv),
        "command": [],
        "environment": dict(environment_of(command)),
        "working_dir": command.working_directory,
        "user": f"{user.uid}:{user.uid}",
        "hostname": "sandbox",
        "healthcheck": {"test": ["NONE"]},
        "stdin_open": False,
        "tty": False,
        "stop_signal": "SIGKILL",
        "host_config": _host_config(engine, command, mounts, _unused_volumes(image, command), user),
    }


def _unused_volumes(image: Mapping[str, Any], command: Command) -> list[str]:
    """Folders for which an image wants a volume on the engine's disk, which nothing would bound."""
    wanted = (image.get("Config") or {}).get("Volumes") or {}
    taken = {command.output, "/tmp", *(mount.target for mount in command.mounts)}  # noqa: S108 - inside the sandbox
    return [folder for folder in wanted if folder.rstrip("/") not in taken]


def _network(engine: Engine, command: Command) -> str:
    """The network of a container. There is no default for runs that may use one: in the engine's own, containers reach
    one another."""
    if not command.network:
        return "none"
    if not engine.options.network:
        raise SandboxUnavailable("Runs of this queue use a network, and this worker knows none.", NETWORK_ADVICE)
    return engine.options.network


def _host_config(
    engine: Engine, command: Command, mounts: Sequence[Any], volumes: Sequence[str], user: SlotUser
) -> dict[str, Any]:
    from docker.types import HostConfig

    limits = command.limits
    # An engine writes down the name servers of its machine there.
    names = [] if command.network else [bind(Path(os.devnull), "/etc/resolv.conf")]
    temporary = f"rw,exec,nosuid,nodev,size={limits.temporary_bytes},mode=1777"
    inodes = "" if engine.kind == "podman" else f",nr_inodes={_ENTRIES_OF_TEMPORARY}"
    config = HostConfig(
        version="1.41",
        network_mode=_network(engine, command),
        read_only=True,
        privileged=False,
        cap_drop=["ALL"],
        security_opt=engine.security_options(),
        ipc_mode="private",
        mem_limit=limits.memory_bytes,
        memswap_limit=limits.memory_bytes,
        pids_limit=limits.processes,
        cpu_period=_PERIOD_US,
        cpu_quota=int(limits.cpus * _PERIOD_US),
        shm_size=limits.shared_memory_bytes,
        tmpfs={"/tmp": temporary + inodes, **dict.fromkeys(volumes, temporary + inodes)},  # noqa: S108
        ulimits=_ulimits(limits, user),
        log_config={"type": "none"},
        mounts=[*mounts, *names],
        runtime=engine.options.runtime or None,
    )
    if engine.kind == "podman":
        config["SecurityOpt"] = [*config["SecurityOpt"], "mask=/sys"]
        # With a read-only root it mounts file systems in memory here by itself, without a size, unless it is told to.
        config["Tmpfs"] |= dict.fromkeys(("/run", "/var/tmp"), "ro,nosuid,nodev,noexec,size=4096,mode=0755")  # noqa: S108
    else:
        config["MaskedPaths"], config["ReadonlyPaths"] = list(_HIDDEN), list(_READ_ONLY)
    return dict(config)


def _ulimits(limits: Limits, user: SlotUser) -> list[Any]:
    sizes = (limits.output_bytes, limits.temporary_bytes, limits.shared_memory_bytes, limits.program_growth_bytes)
    return ulimits(
        {
            "nofile": limits.open_files,
            # Above what the file systems hold: running full is an error, where passing this limit is a deadly signal.
            "fsize": max(sizes) + 2 * _PAGE,
            "core": 0,
            # Should the worker die, nothing computes without end in what it left behind.
            "cpu": ceil(limits.wall_s * max(1.0, limits.cpus)) + _CPU_GRACE_S,
            # The engine counts for each container apart. Two programs of a step are one user, and so may workers be.
            "nproc": 2 * limits.processes + (8 if user.is_own else _PROCESSES_OF_OTHERS),
        }
    )


def bind(source: Path, target: str) -> Any:
    """A read-only view of a file or folder of this machine."""
    from docker.types import Mount

    return Mount(target, str(source), type="bind", read_only=True)
