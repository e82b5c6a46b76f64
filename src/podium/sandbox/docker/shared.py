"""Folders that two commands of a step share: a volume in memory each, held until the host removes the folder."""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from time import sleep

from podium.rules.errors import PodiumError
from podium.sandbox.docker.engine import Engine
from podium.sandbox.docker.names import OWNER_LABEL, SHARED_LABEL, Names, filter_by
from podium.sandbox.docker.volumes import Space, Volume, make_volume, remove_all, start_keeper
from podium.sandbox.interface import Limits

_LOOK_EVERY_S = 0.25
_PLACE = "/shared"


@dataclass
class SharedFolders:
    """The shared folders of this process in one engine."""

    engine: Engine
    _volumes: dict[Path, tuple[str, dict[str, str]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _removing: Lock = field(default_factory=Lock)
    """Held while something is removed, so that whoever removes the rest waits for that too."""
    _watched: bool = False

    def volume_for(self, folder: Path, target: str, limits: Limits, names: Names, uid: int) -> Volume:
        """The volume of a host folder as a mount at `target`, made on its first use; later limits change nothing."""
        with self._lock:
            if folder not in self._volumes:
                self._volumes[folder] = self._make(folder, limits, names, uid)
                self._watch()
            return Volume(self._volumes[folder][0], target, "")

    def _make(self, folder: Path, limits: Limits, names: Names, uid: int) -> tuple[str, dict[str, str]]:
        labels = {**names.of_shared, "podium.folder": str(folder)}
        # Everybody may write: the two programs may well be two users.
        space = Space(_PLACE, uid, limits.output_bytes, limits.output_entries + 1, 0o777)
        with self.engine.api() as api:
            volume = make_volume(api, space, labels)
        start_keeper(self.engine, [volume], uid, labels)
        return volume.name, labels

    def _watch(self) -> None:
        if not self._watched:
            self._watched = True
            Thread(target=self._remove_forgotten, name="shared-folders", daemon=True).start()

    def _remove_forgotten(self) -> None:
        """Remove what the host has removed, until nothing is shared any more."""
        while True:
            sleep(_LOOK_EVERY_S)
            with self._removing:
                with self._lock:
                    gone = [folder for folder in self._volumes if not folder.exists()]
                    labels = [self._volumes.pop(folder)[1] for folder in gone]
                    self._watched = bool(self._volumes)
                    done = not self._watched
                self._remove(labels)
            if done:
                return

    def remove_everything(self) -> None:
        """Remove all that this process still shares; when it returns, nothing is left, and nothing is on its way."""
        with self._removing:
            with self._lock:
                labels = [found for _, found in self._volumes.values()]
                self._volumes.clear()
            self._remove(labels)

    def _remove(self, labels: Iterable[Mapping[str, str]]) -> None:
        for each in labels:
            with suppress(PodiumError, OSError):
                remove_all(self.engine, each)


_of_engines: dict[str, SharedFolders] = {}
_of_engines_lock = Lock()


def shared_folders(engine: Engine) -> SharedFolders:
    """The shared folders of this process in that engine."""
    with _of_engines_lock:
        if engine.options.host not in _of_engines:
            _of_engines[engine.options.host] = SharedFolders(engine)
            atexit.register(end_sharing, engine.options.host)
        return _of_engines[engine.options.host]


def end_sharing(host: str) -> None:
    """Remove all that this process shares in the engine at that address, while the engine still runs."""
    with _of_engines_lock:
        folders = _of_engines.get(host)
    if folders is not None:
        folders.remove_everything()


def remove_shared_of_the_dead(engine: Engine, names: Names) -> None:
    """Remove what processes of this worker's folder shared that no longer live."""
    with engine.api() as api:
        wanted = filter_by({SHARED_LABEL: names.worker})
        owners = {container["Labels"].get(OWNER_LABEL, "") for container in api.containers(all=True, filters=wanted)}
        owners |= {volume["Labels"].get(OWNER_LABEL, "") for volume in api.volumes(filters=wanted)["Volumes"] or ()}
    for owner in owners:
        if not Path("/proc", owner).exists():
            remove_all(engine, {SHARED_LABEL: names.worker, OWNER_LABEL: owner})
