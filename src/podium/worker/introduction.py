"""What a worker tells the server of itself: at its start, when its limits are tried, and where it cannot work."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from threading import Event
from typing import Any

from podium.rules.errors import InternalError
from podium.sandbox.interface import LimitReport
from podium.worker.transport.client import ServerClient

_log = logging.getLogger(__name__)

_REPEAT_EVERY_S = 1.0


@dataclass(frozen=True)
class Introduction:
    """`slots` of 0 and a `refusal` are a worker that takes no runs, and why; with `no_network` it takes none of queues
    whose programs have a network."""

    slots: int
    sandbox: str
    report: Sequence[LimitReport] = ()
    refusal: str = ""
    no_network: str = ""

    def content(self) -> dict[str, Any]:
        """The body of the greeting, with this machine's name and the time on its clock."""
        return {
            "slots": self.slots,
            "sandbox": self.sandbox,
            "refusal": self.refusal,
            "no_network": self.no_network,
            "version": version("podium"),
            "host": socket.gethostname(),
            "time": time.time(),
            "report": [asdict(line) for line in self.report],
        }


def introduce(client: ServerClient, introduction: Introduction, stopping: Event, *, patience_s: float = 0.0) -> str:
    """Tell the server until it has heard, until stopped, or for `patience_s` (0: without end). Returns the worker's
    name, empty where it was not heard.

    Raises:
        NotAllowed: the server does not know the token.
    """
    deadline = time.monotonic() + patience_s
    while not stopping.is_set():
        try:
            return client.greet(introduction.content())
        except InternalError as error:
            _log.warning("%s", error)
            if patience_s and time.monotonic() > deadline:
                break
            stopping.wait(_REPEAT_EVERY_S)
    return ""
