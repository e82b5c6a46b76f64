"""The engine that runs the containers: Docker's own, or podman behind the same API."""

from __future__ import annotations

import json
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from podium.rules.errors import SandboxUnavailable, UserError
from podium.sandbox.docker.base_image import LABEL, base_image, digest_of
from podium.sandbox.docker.options import DockerOptions

Kind = Literal["docker", "podman"]

_ANY_VERSION = "1.41"
_CALL_TIMEOUT_S = 60.0
_PULL_TIMEOUT_S = 3600.0
_PROBE = "/podium-probe"


@dataclass(frozen=True)
class Engine:
    """An engine that answers. `version` is that of its API; `sees_our_files` is whether it can show files of this
    machine to a container."""

    options: DockerOptions
    version: str
    kind: Kind
    processor: str
    sees_our_files: bool

    @contextmanager
    def api(self, timeout_s: float | None = _CALL_TIMEOUT_S) -> Iterator[Any]:
        """A client of its own for one purpose. A stream that is given up half read blocks whoever shares its client,
        and the container with it, so clients are thrown away."""
        with _client(self.options, timeout_s, self.version) as client:
            yield client

    def security_options(self) -> list[str]:
        """No new privileges, and our own filter of system calls: Docker takes its text, podman a path."""
        profile = files("podium.sandbox").joinpath("filters", "engine.json")
        if self.kind == "podman":
            with as_file(profile) as path:
                return ["no-new-privileges", f"seccomp={path}"]
        return ["no-new-privileges", f"seccomp={json.dumps(json.loads(profile.read_text(encoding='ascii')))}"]

    def base_image(self, uid: int) -> str:
        """The id of the image that holds nothing but the user's name; made if it is not there."""
        try:
            content = base_image(self.processor, uid)
        except KeyError as error:
            message = f"There is no waiting program for this kind of engine ({self.processor})."
            raise SandboxUnavailable(message, "Use an engine on x86_64 or aarch64.") from error
        label = f"{LABEL}={digest_of(content)}"
        with self.api() as api:
            found = api.images(filters={"label": label})
            if found:
                return str(found[0]["Id"])
            return str(json.loads(api.import_image_from_data(content, changes=[f"LABEL {label}"]))["status"])

    def image(self, name: str) -> dict[str, Any]:
        """What the engine knows of an image; it is fetched first where it is missing and that is allowed.

        Raises:
            UserError: it is not there (`runtime-unavailable`).
        """
        from docker.errors import APIError, ImageNotFound

        with self.api(_PULL_TIMEOUT_S) as api:
            with suppress(ImageNotFound):
                return dict(api.inspect_image(name))
            if not self.options.pull:
                raise _image_missing(name, "is not on the worker")
            try:
                repository, tag = _with_tag(name)
                api.pull(repository, tag)
                return dict(api.inspect_image(name))
            except (APIError, ImageNotFound) as error:
                raise _image_missing(name, f"cannot be fetched ({error.explanation or error})") from error


def connect(options: DockerOptions, folder: Path) -> Engine:
    """Find the engine, and find out by trying whether it sees `folder`, where the worker does its work.

    Raises:
        SandboxUnavailable: there is none, or its client is not installed; the message ends with the line to type.
    """
    from docker.errors import DockerException

    with _client(options, _CALL_TIMEOUT_S, _ANY_VERSION) as api:
        try:
            # Asked once and without a version: podman takes seconds for the answer.
            facts = api.version(api_version=False)
        except (DockerException, OSError) as error:
            raise _no_answer(options, error) from error
        names = {str(component.get("Name", "")) for component in facts.get("Components") or ()}
        kind: Kind = "podman" if any("Podman" in name for name in names) else "docker"
    version, processor = str(facts.get("ApiVersion", _ANY_VERSION)), str(facts.get("Arch", ""))
    unprobed = Engine(options, version, kind, processor, sees_our_files=False)
    with unprobed.api() as api:
        _check_runtime(api, options, kind)
    return replace(unprobed, sees_our_files=_sees(unprobed, folder))


@contextmanager
def _client(options: DockerOptions, timeout_s: float | None, version: str) -> Iterator[Any]:
    try:
        from docker import APIClient
        from docker.errors import DockerException
    except ImportError as error:
        message = "The sandbox `docker` needs the Python package docker, which is not installed."
        raise SandboxUnavailable(message, "Type: pip install 'podium[docker]'") from error
    try:
        _knock(options.host)
        client = APIClient(base_url=options.host, timeout=timeout_s, version=version)
    except (DockerException, OSError) as error:
        raise _no_answer(options, error) from error
    answers: list[Any] = []
    client.hooks["response"].append(lambda answer, **_: answers.append(answer))
    try:
        yield client
    finally:
        # One that is given up half read belongs to no pool: its socket would stay open.
        for answer in answers:
            answer.close()
        client.close()


def _no_answer(options: DockerOptions, error: Exception) -> SandboxUnavailable:
    message = f"No container engine answers at {options.host}: {_short(error)}."
    hint = "Start it (type: systemctl start docker), let this user reach its socket, or set PODIUM_DOCKER_HOST."
    return SandboxUnavailable(message, hint)


def _knock(host: str) -> None:
    """Fail at once where nobody listens: the client would leave the socket of its own attempt open."""
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(host.removeprefix("unix://"))


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:300].rstrip(".")


def _check_runtime(api: Any, options: DockerOptions, kind: Kind) -> None:
    if not options.runtime or kind == "podman":
        return
    known = sorted(api.info().get("Runtimes") or ())
    if options.runtime not in known:
        message = f"The engine at {options.host} has no runtime {options.runtime!r}; it has {', '.join(known)}."
        raise SandboxUnavailable(message, "Correct PODIUM_DOCKER_RUNTIME, or add the runtime to the engine.")


def _sees(engine: Engine, folder: Path) -> bool:
    """Show a folder to a container that is never started, and read what is in it there."""
    from docker.errors import DockerException
    from docker.types import Mount

    if not engine.options.host.startswith("unix://"):
        return False
    image, token = engine.base_image(0), secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="probe-", dir=folder) as probe, engine.api() as api:
        Path(probe, token).touch()
        shown = Mount(_PROBE, probe, type="bind", read_only=True)
        made = None
        try:
            config = api.create_host_config(mounts=[shown], network_mode="none")
            made = api.create_container(image, command=["probe"], host_config=config)["Id"]
            with engine.api() as reading:
                content, _ = reading.get_archive(made, _PROBE)
                return token.encode() in b"".join(content)
        except DockerException:
            return False
        finally:
            if made is not None:
                api.remove_container(made, v=True, force=True)


def _with_tag(name: str) -> tuple[str, str | None]:
    """An image's name without its tag, and the tag; a name without one means `latest`, not all there are."""
    if "@" in name:
        return name, None
    before, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        return name, "latest"
    return before, tag


def _image_missing(name: str, why: str) -> UserError:
    return UserError(
        "runtime-unavailable",
        f"The Docker image {name!r} {why}.",
        f"Ask the administrator to type `docker pull {name}` there, or to set PODIUM_DOCKER_PULL=yes.",
    )
