"""Telling the server what a worker does with a run while it does it."""

from __future__ import annotations

import logging
from threading import Condition, Thread
from types import TracebackType
from typing import Self

from podium.rules.errors import PodiumError
from podium.rules.runs import SubmissionStatus
from podium.worker.transport.client import ServerClient
from podium.worker.transport.orders import RunOrder

_log = logging.getLogger(__name__)

_MOMENT_S = 0.2


class Progress:
    """Says that a run is being prepared, or that its programs run, once that has lasted a moment: most runs are over
    before anybody could read it. From a thread of its own; nothing here can hold up or fail a run."""

    def __init__(self, client: ServerClient, order: RunOrder) -> None:
        self._client = client
        self._order = order
        self._changed = Condition()
        # The server takes every run that it gives away for one that is being prepared.
        self._said = self._now = SubmissionStatus.PREPARING
        self._closed = False
        self._thread = Thread(target=self._tell_all, name=f"progress-{order.submission_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def running(self) -> None:
        """From now on programs run."""
        with self._changed:
            self._now = SubmissionStatus.RUNNING
            self._changed.notify_all()

    def _tell_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._now is not self._said)
                self._changed.wait_for(lambda: self._closed, _MOMENT_S)
                if self._closed:
                    return
                self._said = self._now
            try:
                self._client.report_status(self._order, self._said)
            except PodiumError as error:
                _log.info("What is done for submission %s was not heard: %s", self._order.submission_id, error)
