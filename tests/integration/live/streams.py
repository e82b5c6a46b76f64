"""Reading streams of events, and speaking as a worker of Codabench does."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE_S = 20.0


@dataclass(frozen=True)
class Said:
    """One event of a stream and when it came, on the monotonic clock."""

    kind: str
    id: str
    data: Any
    at: float


@dataclass
class Stream:
    """An open stream, read by a thread of its own."""

    said: queue.Queue[Said | None] = field(default_factory=queue.Queue)
    opened: threading.Event = field(default_factory=threading.Event)

    def next(self, kind: str | None = None) -> Said:
        """The next event, of that kind."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = self.said.get(timeout=max(deadline - time.monotonic(), 0.01))
            assert found is not None, "the stream ended"
            if kind is None or found.kind == kind:
                return found

    def until_end(self) -> list[Said]:
        """Everything up to the end of the stream, which must come."""
        return list(iter(lambda: self.said.get(timeout=PATIENCE_S), None))

    def nothing_within(self, seconds: float) -> bool:
        """Whether nothing comes in that time."""
        try:
            return self.said.get(timeout=seconds) is None
        except queue.Empty:
            return True


@contextmanager
def listening(url: str, **headers: str) -> Iterator[Stream]:
    """The stream at an address, open when this begins."""
    stream = Stream()
    timeout = httpx.Timeout(PATIENCE_S, read=60)
    with httpx.Client(timeout=timeout) as client, client.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == 200, (answer.status_code, answer.read())
        reader = threading.Thread(target=_read, args=(answer, stream), daemon=True)
        reader.start()
        assert stream.opened.wait(PATIENCE_S)
        yield stream
        answer.close()


def _read(answer: httpx.Response, stream: Stream) -> None:
    kind, identity, data = "", "", ""
    try:
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            match name:
                case "event":
                    kind = value
                case "id":
                    identity = value
                    stream.opened.set()
                case "data":
                    data = value
                case "":
                    if kind:
                        stream.said.put(Said(kind, identity, json.loads(data), time.monotonic()))
                    kind, data = "", ""
    except (httpx.HTTPError, httpx.StreamError, RuntimeError, OSError):
        pass
    stream.said.put(None)


def socket_of(order: dict[str, Any], url: str, kind: str = "program") -> str:
    """Where the holder of an order sends logs to."""
    return f"ws{url[4:]}/submission_input/{order['user_pk']}/{order['id']}/{order['secret']}/?kind={kind}"
