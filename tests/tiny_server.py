"""A server of a few lines on loopback, which answers what a test says and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Told:
    """One answer. With `cut_after`, the connection ends after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None


def told(content: object, status: int = 200) -> Told:
    """An answer of JSON."""
    return Told(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


Answers = Callable[[Asked], Told]


@dataclass
class TinyServer:
    """Where it listens, and what it was asked so far."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        """Method and path of each request so far."""
        return [f"{each.method} {each.path}" for each in self.asked]


@contextmanager
def tiny_server(answers: Answers) -> Iterator[TinyServer]:
    """A server that answers every request by the function, each in a thread of its own."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers), body)
            running.asked.append(asked)
            answer = answers(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut_after])

        do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815 - the names that the library calls

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = TinyServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
