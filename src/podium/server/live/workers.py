"""What workers of ours ask and tell beside the contract: claiming a run, keeping its lease, giving it back."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from podium.rules.errors import NotAllowed, UserError
from podium.server.history.wakeups import Wakeups
from podium.server.jobs.models import Worker
from podium.server.jobs.services import greet_worker, is_leaving, note_leaving, worker_of_token
from podium.server.live.answers import JsonResponse, explained, json_body, services
from podium.server.live.lease_watch import LeaseWatch
from podium.server.live.waiting import first_of
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.report import give_back, renew

_LONGEST_WAIT_S = 30.0
_LOOK_AGAIN_S = 1.0
_LATEST_TIME_S = 1e11
_LEASE = "Podium-Lease"


async def _worker(request: Request) -> Worker:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Worker" or not token:
        raise NotAllowed("worker-unknown", "This is for workers.", "Send the header `Authorization: Worker TOKEN`.")
    return await services(request).call(worker_of_token, token)


def _number(body: dict[str, Any], name: str, largest: float) -> float:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= largest:
        raise UserError("request-invalid", f"`{name}` must be a number from 0 to {largest:g}.")
    return float(value)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise UserError("request-invalid", f"`{name}` must be text.")
    return value


async def _claim(request: Request) -> Response:
    worker = await _worker(request)
    body = await json_body(request)
    slot = int(_number(body, "slot", 10_000))
    wait_s = _number(body, "wait_s", _LONGEST_WAIT_S)
    heartbeats = body.get("heartbeats") is True
    wakeups: Wakeups = request.app.state.wakeups
    stopping: asyncio.Event = request.app.state.stopping
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    while not stopping.is_set():
        committed = wakeups.next_commit()
        # A run given to a client that has left would wait for the end of its lease.
        if await request.is_disconnected():
            break
        if await services(request).call(is_leaving, worker):
            break
        order = await services(request).call(claim, worker, slot, heartbeats=heartbeats)
        if order is not None:
            return JsonResponse(order)
        left = deadline - loop.time()
        if left <= 0:
            break
        await first_of(committed, stopping, min(left, _LOOK_AGAIN_S))
    return Response(status_code=204)


async def _greet(request: Request) -> Response:
    worker = await _worker(request)
    body = await json_body(request)
    report = body.get("report", [])
    if not isinstance(report, list) or not all(isinstance(line, dict) for line in report):
        raise UserError("request-invalid", "`report` must be a list of objects.")
    slots = int(_number(body, "slots", 10_000))
    texts = {name: _text(body, name) for name in ("sandbox", "version", "host", "refusal", "no_network")}
    time_s = _number(body, "time", _LATEST_TIME_S) if "time" in body else None
    await services(request).call(greet_worker, worker, slots=slots, report=report, time_s=time_s, **texts)
    return JsonResponse({"name": worker.name})


async def _leave(request: Request) -> Response:
    """A worker is about to end: none of its slots is given anything any more."""
    await services(request).call(note_leaving, await _worker(request))
    return Response(status_code=204)


async def _renew(request: Request) -> Response:
    """Prolong a lease, then wait a while: a worker whose run is taken away hears of it at once."""
    body = await json_body(request)
    number, secret = int(_number(body, "id", 2**53)), _text(body, "secret")
    wait_s = _number(body, "wait_s", _LONGEST_WAIT_S)
    named = request.headers.get(_LEASE, "")
    lease = await services(request).call(renew, number, secret, named)
    if wait_s:
        watch: LeaseWatch = request.app.state.lease_watch
        with watch.until_over(lease) as over:
            await first_of(over, request.app.state.stopping, wait_s)
            if over.is_set():
                await services(request).call(renew, number, secret, named)
    return Response(status_code=204)


async def _give_back(request: Request) -> Response:
    body = await json_body(request)
    reason = _text(body, "reason") or "The worker was stopped."
    number, secret = int(_number(body, "id", 2**53)), _text(body, "secret")
    await services(request).call(give_back, number, secret, reason, request.headers.get(_LEASE, ""))
    return Response(status_code=204)


routes = [
    Route("/live/worker/claim", explained(_claim), methods=["POST"]),
    Route("/live/worker/greet", explained(_greet), methods=["POST"]),
    Route("/live/worker/leave", explained(_leave), methods=["POST"]),
    Route("/live/worker/renew", explained(_renew), methods=["POST"]),
    Route("/live/worker/give-back", explained(_give_back), methods=["POST"]),
]
