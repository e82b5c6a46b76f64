"""The socket that workers send logs over while programs run, as the contract has it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from podium.rules.errors import UserError
from podium.server.live.log_writer import LogWriter
from podium.server.submissions.services.live import LiveSource, LogText, live_source

_NOT_JSON = 1007
_REFUSED = 1008
_RESTART = 1012
_PROGRAMS = frozenset({"program", "ingestion"})


async def _submission_input(socket: WebSocket) -> None:
    path = socket.path_params
    services = socket.app.state.services
    try:
        source = await services.call(live_source, path["pk"], path["secret"], path["user"])
    except UserError:
        # Before it is accepted, closing answers with 403.
        await socket.close(_REFUSED)
        return
    await socket.accept()
    writer: LogWriter = socket.app.state.log_writer
    with writer.watching(source) as over:
        ends = [asyncio.ensure_future(each.wait()) for each in (over, socket.app.state.stopping)]
        reading = asyncio.ensure_future(_read(socket, source, writer))
        try:
            await asyncio.wait([reading, *ends], return_when=asyncio.FIRST_COMPLETED)
            code = reading.result() if reading.done() else _RESTART if ends[1].done() else _REFUSED
            if code is not None:
                await socket.close(code)
        finally:
            for task in (reading, *ends):
                task.cancel()


async def _read(socket: WebSocket, source: LiveSource, writer: LogWriter) -> int | None:
    """Take messages until the worker leaves (None) or sends what cannot be read (the code to close with)."""
    here = socket.query_params.get("kind", "")
    program = here if here in _PROGRAMS else "program"
    while True:
        try:
            said = orjson.loads(await socket.receive_text())
        except WebSocketDisconnect:
            return None
        except (orjson.JSONDecodeError, KeyError):
            return _NOT_JSON
        text = _log_text(source, program, said)
        if text is not None:
            await writer.put(text)


def _log_text(source: LiveSource, program: str, said: Any) -> LogText | None:
    """What a message adds to a log; None for one that does not, such as that detailed results are new: their arrival
    tells that."""
    if not isinstance(said, dict) or not isinstance(said.get("message"), str) or not said["message"]:
        return None
    match said.get("kind"):
        case "program" | "ingestion" as writing:
            kind = source.log_kind(writing, "stdout")
        case "stderr":
            kind = source.log_kind(program, "stderr")
        case _:
            return None
    return None if kind is None else LogText(source, kind, said["message"])


routes = [WebSocketRoute("/submission_input/{user:int}/{pk:int}/{secret}/", _submission_input)]
