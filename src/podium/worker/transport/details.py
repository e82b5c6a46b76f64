"""Sending the detailed results to the server while the scoring program still writes them."""

from __future__ import annotations

import logging
from threading import Condition, Thread
from types import TracebackType
from typing import Self

from podium.rules.errors import PodiumError
from podium.rules.runs import Step
from podium.worker.execute.details import DetailReader
from podium.worker.transport.client import ServerClient
from podium.worker.transport.log_stream import LogStream
from podium.worker.transport.orders import RunOrder

_log = logging.getLogger(__name__)

UPLOAD = "detailed_results_url"
_EVERY_S = 2.0


class DetailUploads:
    """Uploads the page whenever it has changed, at most every two seconds, from a thread of its own; what it is at the
    end is uploaded with the results. A failure here fails nothing."""

    def __init__(self, client: ServerClient, order: RunOrder, logs: LogStream) -> None:
        self._client = client
        self._logs = logs
        self._link = order.uploads.get(UPLOAD, "") if order.step is Step.SCORING else ""
        self._reader = DetailReader()
        self._changed = Condition()
        self._page: bytes | None = None
        self._closed = False
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        # An upload that is under way must not arrive after the last one.
        if self._thread is not None:
            self._thread.join()

    @property
    def wanted(self) -> bool:
        """Whether the server takes detailed results of this run."""
        return bool(self._link)

    def look(self, folder: int) -> None:
        """Look whether the page in this folder has changed; called now and then while the program runs."""
        page = self._reader.read_if_changed(folder)
        if page is None:
            return
        with self._changed:
            self._page = page
            self._changed.notify_all()
        if self._thread is None:
            self._thread = Thread(target=self._upload_all, name="details", daemon=True)
            self._thread.start()

    def _upload_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._page is not None or self._closed)
                if self._closed or self._page is None:
                    return
                page, self._page = self._page, None
            try:
                self._client.upload(self._link, page, "text/html")
                self._logs.details_changed()
            except PodiumError as error:
                _log.info("The detailed results were not taken now: %s", error)
            with self._changed:
                self._changed.wait_for(lambda: self._closed, _EVERY_S)
