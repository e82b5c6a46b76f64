"""The streams that open pages listen to (Server-Sent Events): that they have changed, and logs as they are written.

`changed` says that the page should be read again; `log` brings a piece of a log; `detail` says that the detailed
results are new; `gone` that the person may not follow it any more. Each has an id, from which a stream that broke is
taken up again (Last-Event-ID): nothing is told twice, and nothing is missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from podium.rules.errors import NotAllowed
from podium.server.accounts.credentials import Credential, credential_of, people_behind
from podium.server.accounts.people import Person
from podium.server.live.answers import explained, services
from podium.server.live.hub import AnySubject, AnyTold, Hub, Listener
from podium.server.submissions.queries.following import (
    Place,
    Subject,
    follow_board,
    follow_list,
    follow_submission,
    place_from,
)
from podium.server.submissions.queries.live import LiveNews

_ALIVE_EVERY_S = 15.0
_RETRY_MS = 1000
_MOST_LISTENERS = 4000
"""Of one process: each is a connection, of which a process may hold only so many."""
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # A proxy that gathers the answer would keep it from the page.
    (b"x-accel-buffering", b"no"),
]

Begin = Callable[[Person | None, str], tuple[AnySubject, Place]]
"""Finds what a person follows, and the place of which they say that they have read it."""


class EventStream(Response):
    """A stream to one page, until the page leaves, the process ends, or there is nothing for it any more."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, stopping: asyncio.Event, credential: Credential, subject: AnySubject, place: Place):
        super().__init__()
        self._hub = hub
        self._stopping = stopping
        self._credential = credential
        self._subject = subject
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the hub tells."""
        del scope
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        leaving = asyncio.ensure_future(_left(receive))
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            async with self._hub.listening(self._credential, self._subject, self._place) as listener:
                # The first words make a browser take the stream for open.
                await _say(send, f"retry: {_RETRY_MS}\nid: {self._place}\n\n".encode())
                async for words in _words(listener, {leaving, stopped}):
                    await _say(send, words)
        finally:
            leaving.cancel()
            stopped.cancel()
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _say(send: Send, words: bytes) -> None:
    await send({"type": "http.response.body", "body": words, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _words(listener: Listener, ends: set[asyncio.Future[Any]]) -> AsyncIterator[bytes]:
    """What is said to the page, with a word now and then that says nothing: else nobody notices a broken line."""
    hearing: asyncio.Future[AnyTold] = asyncio.ensure_future(listener.next())
    try:
        while True:
            done, _ = await asyncio.wait({hearing, *ends}, timeout=_ALIVE_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
            if done & ends:
                return
            if hearing not in done:
                yield b": alive\n\n"
                continue
            told = hearing.result()
            yield b"".join(_events(told))
            if told.gone:
                return
            hearing = asyncio.ensure_future(listener.next())
    finally:
        hearing.cancel()


def _events(told: AnyTold) -> list[bytes]:
    place = told.follower.place
    if told.gone:
        return [_event("gone", place, {})]
    # A stream that breaks between two of these must still be told the rest.
    before = told.before.events
    said = [_event("log", Place(before, message.seq), log_json(message)) for message in told.messages]
    if told.details:
        said.append(_event("detail", Place(before, place.live), {"part": told.details[-1].part}))
    if told.changed or not said:
        said.append(_event("changed", place, {}))
    return said


def log_json(message: LiveNews) -> dict[str, Any]:
    """A piece of a log as pages get it: `text` begins at character `start` of the log and ends before `end`."""
    return {
        "part": message.part,
        "attempt": message.attempt,
        "kind": message.kind,
        "start": message.start,
        "end": message.start + len(message.text),
        "text": message.text,
    }


def _event(kind: str, place: Place, data: dict[str, Any]) -> bytes:
    return b"event: %s\nid: %s\ndata: %s\n\n" % (kind.encode(), str(place).encode(), orjson.dumps(data))


async def stream(request: Request, begin: Begin) -> Response:
    """Let a page follow what `begin` finds for the person behind it, from the place on that it had read."""
    hub: Hub = request.app.state.hub
    if hub.listeners >= _MOST_LISTENERS:
        return Response("Too many pages are open here.\n", 503, {"Retry-After": "10"}, "text/plain")
    credential = credential_of(request.headers.get("cookie", ""), request.headers.get("authorization", ""))
    read = request.headers.get("last-event-id") or request.query_params.get("after", "")

    def begun() -> tuple[AnySubject, Place]:
        return begin(people_behind([credential])[credential], read)

    subject, place = await services(request).call(begun)
    if request.method == "HEAD":
        return Response(media_type="text/event-stream")
    return EventStream(hub, request.app.state.stopping, credential, subject, place)


async def _stream(request: Request, follow: Callable[[Person | None], Subject]) -> Response:
    def begin(person: Person | None, read: str) -> tuple[AnySubject, Place]:
        subject = follow(person)
        return subject, place_from(subject, read)

    return await stream(request, begin)


def _signed_in(person: Person | None) -> Person:
    if person is None:
        raise NotAllowed("sign-in-required", "Only people who are signed in can follow this.", "Sign in.", sign_in=True)
    return person


async def _submission(request: Request) -> Response:
    return await _stream(request, lambda person: follow_submission(person, request.path_params["pk"]))


async def _board(request: Request) -> Response:
    return await _stream(request, lambda person: follow_board(person, request.path_params["pk"]))


async def _own(request: Request) -> Response:
    return await _stream(request, lambda person: follow_list(_signed_in(person), None))


async def _own_here(request: Request) -> Response:
    return await _stream(request, lambda person: follow_list(_signed_in(person), request.path_params["pk"]))


async def _everybodys(request: Request) -> Response:
    return await _stream(
        request, lambda person: follow_list(_signed_in(person), request.path_params["pk"], everybody=True)
    )


routes = [
    Route("/live/submissions/", explained(_own), methods=["GET"]),
    Route("/live/submissions/{pk:int}/", explained(_submission), methods=["GET"]),
    Route("/live/phases/{pk:int}/results/", explained(_board), methods=["GET"]),
    Route("/live/competitions/{pk:int}/submissions/", explained(_own_here), methods=["GET"]),
    Route("/live/competitions/{pk:int}/submissions/all/", explained(_everybodys), methods=["GET"]),
]
