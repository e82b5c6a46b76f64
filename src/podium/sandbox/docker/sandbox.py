"""The Docker back end: one container for each command, through the API of an engine."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

from podium.rules.errors import SandboxUnavailable
from podium.sandbox.certificates import certificates
from podium.sandbox.collect import Caps
from podium.sandbox.docker.arguments import bind, container_arguments
from podium.sandbox.docker.collecting import Arrived, collect_archive
from podium.sandbox.docker.engine import Engine, connect
from podium.sandbox.docker.layout import Layout, lay_out, pack
from podium.sandbox.docker.names import Names, new_name
from podium.sandbox.docker.options import NETWORK_ADVICE, DockerOptions
from podium.sandbox.docker.shared import remove_shared_of_the_dead, shared_folders
from podium.sandbox.docker.supervision import Ended, Supervision, facts_of
from podium.sandbox.docker.users import user_of_pair
from podium.sandbox.docker.volumes import Space, Volume, make_volume, mount_of, remove_all, start_keeper
from podium.sandbox.interface import Command, Ending, FolderLook, Limits, LogSink, Outcome, Root
from podium.sandbox.readable import belongs_to_system, readable_by_all

_KILLED = 128 + signal.SIGKILL
_PAGE = 4096
_NO_PROGRAM = re.compile(
    r"executable file not found|exec: .*(permission denied|no such file or directory|is a directory|not found)"
)
_NOT_SEEN = {
    "memory": "The engine is on another machine, where only it can tell why a program ended",
    "output size": "The engine is on another machine; its file system holds the limit, and the end of the run tells",
}


class DockerSandbox:
    """Runs the commands of one slot of a worker in containers. See `BubblewrapSandbox` for `slot` and `work_folder`.

    Raises:
        SandboxUnavailable: there is no engine, or its client is not installed.
    """

    name = "docker"

    def __init__(self, slot: int, work_folder: Path, options: DockerOptions | None = None) -> None:
        self._names = Names(work_folder, slot)
        self._user = user_of_pair(work_folder, slot)
        self._readable: set[Path] = set()
        with _engine_errors():
            self._engine = connect(options or DockerOptions.from_environment(os.environ), work_folder)
            remove_all(self._engine, self._names.of_slot)
            remove_shared_of_the_dead(self._engine, self._names)

    @property
    def user(self) -> int:
        """The user of the slot's programs."""
        return self._user.uid

    @property
    def engine(self) -> Engine:
        """The engine it found."""
        return self._engine

    @property
    def no_network(self) -> str:
        """See `podium.sandbox.interface.Sandbox.no_network`."""
        return (
            "" if self._engine.options.network else f"Programs get no network: the worker knows none. {NETWORK_ADVICE}"
        )

    @property
    def approximations(self) -> Mapping[str, str]:
        """See `podium.sandbox.interface.Sandbox.approximations`."""
        return {} if self._engine.sees_our_files else _NOT_SEEN

    def image_id(self, name: str) -> str:
        """See `podium.sandbox.interface.TakesImages`."""
        with _engine_errors():
            return str(self._engine.image(name)["Id"])

    def run(self, command: Command, *, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        """See `podium.sandbox.interface.Sandbox.run`."""
        if not command.can_be_run:
            return Outcome(Ending.NOT_FOUND, None, 0.0)
        with _engine_errors():
            # A removal that failed before, because the engine was busy, is caught up on here.
            remove_all(self._engine, self._names.of_slot)
            try:
                return self._run(command, collect_into, log, cancel)
            finally:
                remove_all(self._engine, self._names.of_slot)

    def _run(self, command: Command, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        image, binds = self._surroundings(command.root)
        if command.network and not command.root.image:
            shown = {target for _, target in binds}
            binds += [(Path(folder), folder) for folder in certificates() if folder not in shown]
        try:
            layout = lay_out(command, self._user.uid, sees_our_files=self._engine.sees_our_files)
        except OSError as error:
            message = f"What is to be shown to the program is missing: {error.strerror} ({error.filename})."
            raise SandboxUnavailable(message) from error
        with self._engine.api() as api:
            volumes, output = self._make_volumes(api, command, layout)
            kept = [volume for volume, _ in volumes]
            mounts = [bind(source, target) for source, target in (*binds, *layout.binds)]
            mounts += [mount_of(volume, read_only=read_only) for volume, read_only in volumes]
            mounts += [mount_of(volume) for volume in self._shared(layout, command.limits)]
            arguments = container_arguments(self._engine, command, image, mounts, self._user)
            # One while the other is made: an engine takes a few tenths of a second for each.
            with ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeper") as pool:
                started = pool.submit(start_keeper, self._engine, kept, self._user.uid, self._names.of_slot)
                container = api.create_container(**arguments, name=new_name(), labels=self._names.of_slot)["Id"]
                keeper = started.result()
            for (volume, _), load in zip(volumes, layout.loads, strict=False):
                with tempfile.TemporaryFile() as content:
                    pack(load, content)
                    content.seek(0)
                    api.put_archive(keeper, volume.target, content)
            ended = self._supervise(container, command, output, log, cancel)
            if ended is None:
                return Outcome(Ending.NOT_FOUND, None, 0.0)
            state = facts_of(api, container)
            arrived = self._collect(keeper, output, command.limits, collect_into)
        return _outcome(ended, state, arrived, command.limits, full=_is_full(output, arrived, command.limits))

    def _surroundings(self, root: Root) -> tuple[dict[str, Any], list[tuple[Path, str]]]:
        """The image to run in, and the files of this machine to show in it."""
        if root.image:
            return self._engine.image(root.image), []
        if not self._engine.sees_our_files:
            message = "The container engine is on another machine and does not see the runtimes of this one."
            raise SandboxUnavailable(message, "Name a Docker image in the competition, or use an engine on the worker.")
        binds = [(source.resolve(), target) for source, target in root.binds]
        for source, _ in binds:
            self._require_readable(source)
        return self._engine.image(self._engine.base_image(self._user.uid)), binds

    def _require_readable(self, source: Path) -> None:
        if source in self._readable or belongs_to_system(source):
            return
        if not readable_by_all(source):
            message = f"{source} cannot be read by the user of a container."
            raise SandboxUnavailable(message, f"Type: chmod -R o+rX {source}")
        self._readable.add(source)

    def _make_volumes(
        self, api: Any, command: Command, layout: Layout
    ) -> tuple[list[tuple[Volume, bool]], Volume | None]:
        """The volumes of what is carried, each with whether it is read-only, then that of the output, if private."""
        labels, limits = self._names.of_slot, command.limits
        made = [(make_volume(api, load.space, labels), load.read_only) for load in layout.loads]
        if any(mount.target == command.output for mount in layout.shared):
            return made, None
        # A page and a file more than allowed: when these are used too, more than allowed was wanted.
        space = Space(command.output, self._user.uid, limits.output_bytes + _PAGE, limits.output_entries + 2)
        output = make_volume(api, space, labels)
        return [*made, (output, False)], output

    def _shared(self, layout: Layout, limits: Limits) -> list[Volume]:
        folders = shared_folders(self._engine)
        return [
            folders.volume_for(mount.source.resolve(), mount.target, limits, self._names, self._user.uid)
            for mount in layout.shared
        ]

    def _supervise(
        self, container: str, command: Command, output: Volume | None, log: LogSink, cancel: Event
    ) -> Ended | None:
        """Run the container to its end; None where its first word is no program."""
        from docker.errors import APIError

        supervision = Supervision(self._engine, container, command.limits, log, cancel)
        try:
            return supervision.run(
                lambda: output is not None and _room(output) == 0, lambda: _show(output, command.look)
            )
        except APIError as error:
            said = str(error.explanation or error)
            if _NO_PROGRAM.search(said):
                log("stderr", f"{command.argv[0]}: it cannot be run\n".encode("utf-8", "replace"))
                return None
            raise SandboxUnavailable(f"The container could not be started: {said.strip()}.", _advice(said)) from error

    def _collect(self, keeper: str, output: Volume | None, limits: Limits, into: Path) -> Arrived:
        if output is None:
            return Arrived()
        # A client of its own: what is left of the stream is thrown away with it.
        with self._engine.api() as api:
            chunks, _ = api.get_archive(keeper, output.target)
            return collect_archive(chunks, into, Caps(limits.output_bytes, limits.output_entries))


def _outcome(ended: Ended, state: Mapping[str, Any], arrived: Arrived, limits: Limits, *, full: bool) -> Outcome:
    """Why the run ended. The kernel's counter outweighs an exit code: a parent may outlive its killed children."""
    out_of_memory = bool(state.get("OOMKilled")) or ended.counters.out_of_memory.is_set()
    if ended.killed is None and ended.exit_code == _KILLED:
        # Nobody inside can kill the first process, so it was the kernel, in case it could not be asked in time.
        out_of_memory |= (ended.counters.memory_peak_bytes or 0) >= limits.memory_bytes
    ending = ended.killed
    if ending in {None, Ending.OUTPUT_LIMIT, Ending.MEMORY_LIMIT}:
        if out_of_memory:
            ending = Ending.MEMORY_LIMIT
        elif full:
            ending = Ending.OUTPUT_LIMIT
    by_itself = ended.killed is None and not (ending is Ending.MEMORY_LIMIT and ended.exit_code == _KILLED)
    return Outcome(
        ending=ending or Ending.EXITED,
        exit_code=ended.exit_code if by_itself else None,
        elapsed_s=ended.elapsed_s,
        cpu_s=ended.counters.cpu_s,
        memory_peak_bytes=ended.counters.memory_peak_bytes,
        collected=tuple(arrived.collection.collected),
        refused=tuple(arrived.collection.refusals()),
    )


def _room(volume: Volume) -> int | None:
    """What is left in a volume, in pages or in files, whichever is less; None where its files are out of sight."""
    with suppress(OSError):
        facts = os.statvfs(volume.local_path)
        # Before it is mounted, this is the disk of the engine.
        return min(facts.f_bfree, facts.f_ffree)
    return None


def _show(output: Volume | None, look: FolderLook | None) -> None:
    """Let somebody look at the output while it is being written, where its files are in sight."""
    if output is None or look is None:
        return
    try:
        folder = os.open(output.local_path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        look(folder)
    finally:
        os.close(folder)


def _is_full(output: Volume | None, arrived: Arrived, limits: Limits) -> bool:
    if output is None:
        return False
    room = _room(output)
    if room is not None:
        return room == 0
    return arrived.pages * _PAGE > limits.output_bytes or arrived.entries > limits.output_entries


def _advice(said: str) -> str:
    if "rlimit" in said.lower():
        return "The engine may not set the limits of processes; give it the capability SYS_RESOURCE."
    return ""


@contextmanager
def _engine_errors() -> Iterator[None]:
    """Translate what the engine's client raises."""
    try:
        import docker.errors
        import requests
    except ImportError as error:
        message = "The sandbox `docker` needs the Python package docker, which is not installed."
        raise SandboxUnavailable(message, "Type: pip install 'podium[docker]'") from error
    try:
        yield
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        said = str(getattr(error, "explanation", None) or error).strip().rstrip(".")
        raise SandboxUnavailable(f"The container engine refused: {said}.", _advice(said)) from error
