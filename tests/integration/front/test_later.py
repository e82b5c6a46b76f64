"""Answers that wait for a job, without a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from podium.server.front.later import Later

ASKED: list[tuple[str, str, bytes]] = []


def view(headers: dict[str, str]) -> Callable[[Scope, Receive, Send], Any]:
    """An application that answers POST with these headers, and GET with its address."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        ASKED.append((scope["method"], scope["path"], scope["query_string"]))
        if scope["method"] == "POST":
            await JSONResponse({"state": "waiting"}, headers=headers)(scope, receive, send)
        else:
            names = [name.decode() for name, _ in scope["headers"]]
            await JSONResponse({"state": "done", "headers": names})(scope, receive, send)

    return answer


async def waited(state: Any, job: int, seconds: float) -> None:
    state.append((job, seconds))


class State:
    """What the application keeps: here what was waited for."""

    def __init__(self) -> None:
        self.state: list[tuple[int, float]] = []


def asked(
    headers: dict[str, str], path: str = "/public/submit_model", method: str = "POST", *, gone: bool = False
) -> tuple[list[Message], list[tuple[int, float]]]:
    """What was sent, and what was waited for; a client that is gone left while the job went on."""
    ASKED.clear()
    sent: list[Message] = []
    application = State()
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"x-api-key", b"k"), (b"content-type", b"application/json"), (b"content-length", b"2")],
        "app": application,
    }

    async def receive() -> Message:
        if gone:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    async def wait(state: Any, job: int, seconds: float) -> None:
        await waited(state, job, seconds)
        if gone:
            await asyncio.Event().wait()

    asyncio.run(Later(view(headers), wait)(scope, receive, send))
    return sent, application.state


def test_the_answer_is_that_of_the_address_once_the_job_has_ended() -> None:
    sent, state = asked({"Podium-Later": "7 30 /public/submitted_model/?submission_id=x"})
    assert state == [(7, 30.0)]
    assert ASKED == [("POST", "/public/submit_model", b""), ("GET", "/public/submitted_model/", b"submission_id=x")]
    assert sent[1]["body"] == b'{"state":"done","headers":["x-api-key"]}'
    assert len(sent) == 2


def test_without_an_address_it_is_the_view_s_own_without_the_header() -> None:
    sent, state = asked({"Podium-Later": "7 30"})
    assert state == [(7, 30.0)]
    assert sent[1]["body"] == b'{"state":"waiting"}'
    assert b"podium-later" not in dict(sent[0]["headers"])


def test_all_other_answers_are_sent_at_once() -> None:
    for headers, path, method in (
        ({}, "/public/submit_model", "POST"),
        ({"Podium-Later": "7 30"}, "/elsewhere", "POST"),
        ({"Podium-Later": "7 30"}, "/public/submit_model", "GET"),
    ):
        sent, state = asked(headers, path, method)
        assert state == []
        assert len(sent) == 2


def test_nobody_is_answered_who_left_meanwhile() -> None:
    sent, state = asked({"Podium-Later": "7 30 /public/submitted_model/"}, gone=True)
    assert state == [(7, 30.0)]
    assert sent == []
    assert len(ASKED) == 1
