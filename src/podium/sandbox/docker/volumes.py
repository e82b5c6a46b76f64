"""Volumes in memory and the keeper, a container that does nothing but hold them while the program's comes and goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from podium.sandbox.docker.base_image import PAUSE
from podium.sandbox.docker.engine import Engine
from podium.sandbox.docker.names import filter_by, new_name

_PAGE = 4096
_KEEPER_MEMORY = 64 << 20
_KEEPER_PROCESSES = 8
_REMOVED_AT_ONCE = 4


@dataclass(frozen=True)
class Space:
    """A volume to make: an empty file system in memory of that size for the user `uid`, or one on the engine's disk
    where `size_bytes` is None."""

    target: str
    uid: int
    size_bytes: int | None
    entries: int = 0
    mode: int = 0o755


@dataclass(frozen=True)
class Volume:
    """A volume that exists. `local_path` is where the engine keeps it on its machine."""

    name: str
    target: str
    local_path: str


def make_volume(api: Any, space: Space, labels: Mapping[str, str]) -> Volume:
    """Make a volume."""
    options = {}
    if space.size_bytes is not None:
        pages = -(-max(space.size_bytes, 1) // _PAGE)
        limits = f"nr_blocks={pages},nr_inodes={space.entries}"
        owner = f"uid={space.uid},gid={space.uid},mode={space.mode:04o}"
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"{limits},{owner},nosuid,nodev"}
    made = api.create_volume(name=new_name(), driver="local", driver_opts=options, labels=dict(labels))
    return Volume(made["Name"], space.target, str(made.get("Mountpoint", "")))


def mount_of(volume: Volume, *, read_only: bool = False) -> Any:
    """The volume as a mount of a container. Nothing is copied into it from the image, nor its owner changed."""
    from docker.types import Mount

    return Mount(volume.target, volume.name, type="volume", read_only=read_only, no_copy=True)


def start_keeper(engine: Engine, volumes: Sequence[Volume], uid: int, labels: Mapping[str, str]) -> str:
    """Start a container that holds the volumes; returns its id."""
    image = engine.base_image(uid)
    with engine.api() as api:
        return _start_keeper(engine, api, image, volumes, uid, labels)


def _start_keeper(
    engine: Engine, api: Any, image: str, volumes: Sequence[Volume], uid: int, labels: Mapping[str, str]
) -> str:
    config = api.create_host_config(
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=engine.security_options(),
        mem_limit=_KEEPER_MEMORY,
        pids_limit=_KEEPER_PROCESSES,
        log_config={"type": "none"},
        ulimits=ulimits({"nofile": 64, "nproc": 4096, "core": 0}),
        mounts=[mount_of(volume) for volume in volumes],
    )
    made = api.create_container(
        image,
        entrypoint=[PAUSE],
        user=f"{uid}:{uid}",
        name=new_name(),
        labels=dict(labels),
        host_config=config,
        networking_config=None,
        stop_signal="SIGKILL",
    )
    api.start(made["Id"])
    return str(made["Id"])


def ulimits(values: Mapping[str, int]) -> list[Any]:
    """Limits of processes by the engine's names, soft and hard alike."""
    from docker.types import Ulimit

    return [Ulimit(name=name, soft=value, hard=value) for name, value in values.items()]


def remove_all(engine: Engine, labels: Mapping[str, str]) -> None:
    """Kill and remove all containers with these labels, then all volumes; what is gone already is no error."""
    from docker.errors import APIError, NotFound

    wanted = filter_by(dict(labels))

    def remove(container: str) -> None:
        with engine.api() as api, suppress(NotFound):
            api.remove_container(container, v=True, force=True)

    with engine.api() as api:
        found = [container["Id"] for container in api.containers(all=True, filters=wanted)]
        if found:
            # An engine takes a few tenths of a second for each, and mostly waits.
            with ThreadPoolExecutor(max_workers=_REMOVED_AT_ONCE, thread_name_prefix="remove") as pool:
                list(pool.map(remove, found))
        for volume in api.volumes(filters=wanted).get("Volumes") or ():
            with suppress(NotFound, APIError):
                api.remove_volume(volume["Name"], force=True)
