"""The socket on which Codabench's own pages follow submissions, as the contract has it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from podium.rules.errors import UserError
from podium.server.accounts.credentials import Credential, credential_of, people_behind
from podium.server.live.answers import Services
from podium.server.live.hub import AnyTold, Hub
from podium.server.submissions.queries.followed import FollowedPart, Following, follow_as_codabench
from podium.server.submissions.queries.live import LiveNews

_REFUSED = 1008
_RESTART = 1012
_MOST_FOLLOWED = 100


@dataclass
class _Conversation:
    """One open page of a Codabench client: what it follows, and the states that it was told."""

    socket: WebSocket
    credential: Credential
    followed: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        services: Services = self.socket.app.state.services
        return services

    async def follow(self, submission_id: int) -> None:
        """Tell what is there of a submission, then what is new. One that the person does not see has nothing."""
        try:
            following = await self.services.call(follow_as_codabench, self.credential, submission_id)
        except UserError:
            return
        top = following.subject.submission
        if top not in self.followed and len(self.followed) < _MOST_FOLLOWED:
            self.told |= {part.id: part.status for part in following.parts}
            lengths = {(log.attempt, log.kind): log.length for log in following.logs}
            await self._catch_up(following, submission_id)
            self.followed[top] = asyncio.create_task(self._go_on(following, lengths))
        else:
            await self._catch_up(following, submission_id)

    async def _catch_up(self, following: Following, submission_id: int) -> None:
        said: list[dict[str, Any]] = []
        for log in following.logs:
            if submission_id in {log.part, following.subject.submission}:
                said += [_log_message(log.kind, text) for text in (log.head, log.tail) if text]
        data = "\n".join(orjson.dumps(each).decode() for each in said)
        await self.send({"type": "catchup", "submission_id": submission_id, "data": data})

    async def _go_on(self, following: Following, lengths: dict[tuple[int, str], int]) -> None:
        hub: Hub = self.socket.app.state.hub
        async with hub.listening(self.credential, following.subject, following.place) as listener:
            while True:
                told = await listener.next()
                for message in told.messages:
                    # What came between the place and the reading of the logs was in the catch-up.
                    end = message.start + len(message.text)
                    known = lengths.get((message.attempt, message.kind), 0)
                    if end > known:
                        await self._log(message, message.text[max(known - message.start, 0) :])
                await self._details(told)
                if told.gone:
                    return
                if told.changed:
                    await self._states(following.subject.submission)

    async def _log(self, message: LiveNews, text: str) -> None:
        await self.message(message.part, _log_message(message.kind, text))

    async def _details(self, told: AnyTold) -> None:
        for message in told.details:
            url = f"/submissions/{message.part}/detailed-results/"
            await self.message(message.part, {"kind": "detailed_result_update", "result_url": url})

    async def _states(self, top: int) -> None:
        try:
            following = await self.services.call(follow_as_codabench, self.credential, top)
        except UserError:
            return
        for part in following.parts:
            if self.told.get(part.id) == part.status:
                continue
            if part.id not in self.told and part.id != top:
                await self.message(top, {"kind": "child_update", "child_id": part.id})
            self.told[part.id] = part.status
            await self.message(part.id, _state(part))

    async def message(self, submission_id: int, data: dict[str, Any]) -> None:
        """Send something that has just happened."""
        await self.send({"type": "message", "submission_id": submission_id, "data": data})

    async def send(self, content: dict[str, Any]) -> None:
        """Send a message as text."""
        await self.socket.send_text(orjson.dumps(content).decode())


def _state(part: FollowedPart) -> dict[str, Any]:
    return {"kind": "status_update", "status": part.status}


def _log_message(kind: str, text: str) -> dict[str, Any]:
    """A piece of a log in the contract's words, which know one stream of errors for both programs."""
    named = "stderr" if kind.endswith("stderr") else "ingestion" if "ingestion" in kind else "program"
    return {"kind": named, "message": text}


async def _submission_output(socket: WebSocket) -> None:
    credential = credential_of(socket.headers.get("cookie", ""))
    person = (await socket.app.state.services.call(people_behind, [credential]))[credential]
    if person is None or not _from_here(socket):
        await socket.close(_REFUSED)
        return
    await socket.accept()
    conversation = _Conversation(socket, credential)
    stopping = asyncio.ensure_future(socket.app.state.stopping.wait())
    reading = asyncio.ensure_future(_read(conversation))
    try:
        await conversation.send({"type": "connection_ready", "status": "connected"})
        await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            await socket.close(_RESTART)
        elif not reading.result():
            await socket.close(1007)
    except WebSocketDisconnect:
        return
    finally:
        for task in (reading, stopping, *conversation.followed.values()):
            task.cancel()


def _from_here(socket: WebSocket) -> bool:
    """Whether a page of this site opened the socket: browsers send cookies along for any page that opens one."""
    origin = socket.headers.get("origin", "")
    return not origin or urlsplit(origin).netloc == socket.headers.get("host", "")


async def _read(conversation: _Conversation) -> bool:
    """Take what the page wants to follow until it leaves. False where it says what nobody understands."""
    while True:
        try:
            said = orjson.loads(await conversation.socket.receive_text())
        except WebSocketDisconnect:
            return True
        except (orjson.JSONDecodeError, KeyError):
            return False
        ids = said.get("submission_ids") if isinstance(said, dict) else None
        if not isinstance(ids, list):
            return False
        for each in ids[:_MOST_FOLLOWED]:
            if isinstance(each, int) and not isinstance(each, bool):
                await conversation.follow(each)


routes = [WebSocketRoute("/submission_output/", _submission_output)]
