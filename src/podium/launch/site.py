"""A whole site on this machine: which processes it has, and how they find each other."""

from __future__ import annotations

import http.client
import os
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from podium.launch.children import Child
from podium.launch.supervisor import Announce, Supervisor
from podium.rules.errors import UserError
from podium.server.front.listening import listen

_LOOK_S = 2.0
# Whoever ends a site mostly waits for it; its service manager, ten seconds at least.
_DRAIN_S = "5"
_HAND_BACK_S = 10.0


@dataclass(frozen=True)
class SiteOptions:
    """How to run a site. `url` is what people use to reach it; None means the address it listens on."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    url: str | None = None
    web_processes: int = max(1, min(2, os.cpu_count() or 1))
    slots: int = max(1, (os.cpu_count() or 2) // 2)


class Site:
    """The processes of one site, not yet started; its socket is bound, so its port is known."""

    def __init__(self, options: SiteOptions) -> None:
        self._options = options
        self._listener = _listen(options.host, options.port)
        self.port: int = self._listener.getsockname()[1]
        shown = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host  # noqa: S104 - compared, not bound
        self._local_url = f"http://{shown}:{self.port}"
        self.url = options.url or os.environ.get("PODIUM_URL") or self._local_url
        self._environment = {
            **os.environ,
            "PODIUM_DATA": str(options.data.expanduser().resolve()),
            "PODIUM_URL": self.url,
            "PODIUM_WORKER_TOKEN": secrets.token_urlsafe(32),
            "PODIUM_WORKER_SERVER": self._local_url,
            "PODIUM_WORKER_SLOTS": str(options.slots),
            "PODIUM_WORKER_DRAIN_S": os.environ.get("PODIUM_WORKER_DRAIN_S", _DRAIN_S),
            "PODIUM_WORKER_FOLDER": str(options.data.expanduser().resolve() / "worker"),
        }

    def prepare(self) -> None:
        """Make the data folder ready.

        Raises:
            UserError: that failed; the message says why.
        """
        done = subprocess.run(
            [sys.executable, "-m", "podium.launch.prepare"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise UserError("data-folder", done.stderr.strip() or "The data folder could not be prepared.")

    def serve(self, announce: Announce) -> None:
        """Run until Ctrl-C or SIGTERM; `announce` gets one line when the site answers, and one for each mishap."""
        supervisor = Supervisor(self._children(), announce)
        supervisor.run(self._answers, lambda: announce(f"Podium is ready at {self.url} (Ctrl-C ends it)."))
        self._listener.close()

    def _children(self) -> list[Child]:
        web = [sys.executable, "-m", "podium.server.front", "--fd", str(self._listener.fileno())]
        fds = [self._listener.fileno()]
        without_token = {name: value for name, value in self._environment.items() if name != "PODIUM_WORKER_TOKEN"}
        children = [Child("web", web, without_token, fds) for _ in range(self._options.web_processes)]
        children.append(Child("jobs", [sys.executable, "-m", "podium.server.duties"], without_token))
        drain_s = self._environment["PODIUM_WORKER_DRAIN_S"]
        grace_s = _HAND_BACK_S + (float(drain_s) if drain_s.isdecimal() else 0.0)
        worker = [sys.executable, "-m", "podium.worker"]
        children.append(Child("worker", worker, self._environment, end_within_s=grace_s))
        return children

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_LOOK_S)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        raise UserError(
            "port-taken",
            f"Podium cannot listen on {host} port {port}: {error.strerror}.",
            "Choose another with --port, or end what uses this one.",
        ) from error
