"""Keeping the lease of the run that a slot works on."""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from types import TracebackType
from typing import Self

from podium.rules.errors import Conflict, InternalError, NotAllowed
from podium.worker.transport.client import ServerClient
from podium.worker.transport.orders import RunOrder

_log = logging.getLogger(__name__)

_SHORTEST_S = 0.5
_FIRST_AFTER_S = 0.5
"""A claim is a lease already: a run that ends sooner needs no renewal, and a wish to cancel it waits no longer."""


class KeptLease:
    """Renews the lease of an attempt from a thread until the context ends. Each renewal waits at the server for the
    news that the attempt is over.

    `cancel` is set, and `lost` true, as soon as the server says so.
    """

    def __init__(self, client: ServerClient, order: RunOrder, cancel: Event) -> None:
        self._client = client
        self._order = order
        self._done = Event()
        # A daemon that nobody joins: after the end of the attempt the renewal that waits has nothing more to say.
        self._thread = Thread(target=self._keep, name=f"lease-{order.submission_id}", daemon=True)
        self.cancel = cancel
        self.lost = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()

    def _keep(self) -> None:
        self._done.wait(min(_FIRST_AFTER_S, self._order.heartbeat_s))
        while not self._done.is_set():
            began = time.monotonic()
            try:
                self._client.renew(self._order)
            except (Conflict, NotAllowed) as error:
                if not self._done.is_set():
                    # The end that this worker reports is one way for a lease to be over.
                    _log.info("The lease of submission %s is over: %s", self._order.submission_id, error)
                    self.lost = True
                    self.cancel.set()
                return
            except InternalError as error:
                # The lease may still hold when the server is back.
                if not self._done.is_set():
                    _log.warning("The lease of submission %s was not renewed: %s", self._order.submission_id, error)
            # A server that ends answers at once.
            shortest_s = min(_SHORTEST_S, self._order.heartbeat_s)
            self._done.wait(max(shortest_s - (time.monotonic() - began), 0.0))
