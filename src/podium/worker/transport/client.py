"""Speaking with the server: HTTP, with a token for claiming and a secret for each attempt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from podium.rules.errors import Conflict, InternalError, NotAllowed, TooLarge
from podium.rules.runs import SubmissionStatus
from podium.worker.transport.orders import RunOrder, file_name, read_order

_CLAIM_WAIT_S = 20.0
_TIMEOUT = httpx.Timeout(60.0, connect=10.0, read=120.0)
# A renewal that is not answered a moment after its wait is better sent again: the lease runs on.
_RENEWAL_GRACE_S = 5.0
# Each slot has a claim or a renewal that waits; none of them may keep a report from being sent.
_CONNECTIONS = httpx.Limits(max_connections=None, max_keepalive_connections=64)
_AWAY = frozenset({429, 502, 503, 504, 507})
"""507 is a full disk, which somebody will make room on."""
_CHUNK_BYTES = 1 << 20
_LEAVE_TIMEOUT_S = 2.0


class ServerUnreachable(InternalError):
    """The server does not answer now; what was asked may be asked again."""


class ServerTroubled(InternalError):
    """The server failed with what was asked; the same may go well in a moment, or never."""


class ServerClient:
    """One worker's connection to its server; safe to share between threads."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.Client(
            timeout=_TIMEOUT, limits=_CONNECTIONS, headers={"User-Agent": "podium-worker"}, follow_redirects=True
        )
        self._authorization = {"Authorization": f"Worker {token}"}

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return self._url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def greet(self, content: Mapping[str, Any]) -> str:
        """Say what this worker is. Returns its name on the server.

        Raises:
            NotAllowed: the server does not know the token.
            ServerUnreachable: no answer.
        """
        answer = self._send("POST", f"{self._url}/live/worker/greet", json=dict(content), headers=self._authorization)
        return str(_object(answer).get("name", ""))

    def claim(self, slot: int) -> RunOrder | None:
        """The next run for a slot; None where none came up in a while.

        Raises:
            NotAllowed: the server does not know the token.
            ServerUnreachable: no answer.
        """
        content = {"slot": slot, "wait_s": _CLAIM_WAIT_S, "heartbeats": True}
        answer = self._send("POST", f"{self._url}/live/worker/claim", json=content, headers=self._authorization)
        return None if answer.status_code == httpx.codes.NO_CONTENT else read_order(_object(answer))

    def renew(self, order: RunOrder) -> None:
        """Keep the lease of an attempt, and wait for as long as one heartbeat for the news that it is over.

        Raises:
            Conflict: it is over.
            ServerUnreachable: no answer.
        """
        content = {**_named(order), "wait_s": order.heartbeat_s}
        timeout = order.heartbeat_s + _RENEWAL_GRACE_S
        url = f"{self._url}/live/worker/renew"
        self._send("POST", url, json=content, headers=_lease(order), timeout=timeout)

    def give_back(self, order: RunOrder, reason: str) -> None:
        """Hand a run back that will not be done here."""
        content = {**_named(order), "reason": reason}
        self._send("POST", f"{self._url}/live/worker/give-back", json=content, headers=_lease(order))

    def leave(self) -> None:
        """Say that this worker takes no more runs: claims that wait are answered at once."""
        url = f"{self._url}/live/worker/leave"
        self._send("POST", url, json={}, headers=self._authorization, timeout=_LEAVE_TIMEOUT_S)

    def report_status(self, order: RunOrder, status: str, **fields: str) -> None:
        """Say how the attempt goes or ended; `fields` as the contract and Podium's own workers know them."""
        content = {"secret": order.secret, "status": status, **fields}
        url = f"{self._url}/api/submissions/{order.submission_id}/"
        self._send("PATCH", url, data=content, headers=_lease(order))

    def report_end(self, order: RunOrder, scores: Mapping[str, float], **fields: str) -> None:
        """Say that the scoring step is done and what its scores are, to a server that takes both at once."""
        content = {"secret": order.secret, "status": SubmissionStatus.FINISHED, **fields, "scores": dict(scores)}
        url = f"{self._url}/api/submissions/{order.submission_id}/"
        self._send("PATCH", url, json=content, headers=_lease(order))

    def report_scores(self, order: RunOrder, scores: Mapping[str, float]) -> None:
        """Send the scores of the attempt."""
        content = {"secret": order.secret, "scores": dict(scores)}
        url = f"{self._url}/api/upload_submission_scores/{order.submission_id}/"
        self._send("POST", url, json=content, headers=_lease(order))

    def download(self, link: str, destination: Path, max_bytes: int) -> None:
        """Fetch what a signed link leads to.

        Raises:
            InternalError: it cannot be fetched.
            ServerUnreachable: not now, or it is not all there.
            TooLarge: it has more than `max_bytes`.
        """
        try:
            with self._http.stream("GET", link) as answer, destination.open("wb") as file:
                if answer.status_code in _AWAY:
                    raise ServerUnreachable(f"The server is away now: fetching gave status {answer.status_code}.")
                if answer.status_code != httpx.codes.OK:
                    raise InternalError(f"Fetching {file_name(link)} gave status {answer.status_code}.")
                received = 0
                for chunk in answer.iter_bytes(_CHUNK_BYTES):
                    received += len(chunk)
                    if received > max_bytes:
                        raise TooLarge("download-too-large", f"{file_name(link)} has more than {max_bytes} bytes.")
                    file.write(chunk)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerUnreachable(
                f"Fetching {file_name(link)} failed: {str(error) or type(error).__name__}."
            ) from error

    def upload(self, link: str, content: Path | bytes, content_type: str = "application/zip") -> None:
        """Store something behind a signed link. Raises InternalError where that fails."""
        if isinstance(content, bytes):
            self._send("PUT", link, content=content, headers={"Content-Type": content_type})
            return
        headers = {"Content-Type": content_type, "Content-Length": str(content.stat().st_size)}
        with content.open("rb") as file:
            self._send("PUT", link, content=file, headers=headers)

    def _send(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, url, **arguments)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerUnreachable(f"The server does not answer: {str(error) or type(error).__name__}.") from error
        if answer.is_success:
            return answer
        code, message, hint = _explanation(answer)
        if answer.status_code in _AWAY:
            raise ServerUnreachable(f"The server is away now: {message}")
        if answer.status_code == httpx.codes.CONFLICT:
            raise Conflict(code, message, hint)
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise NotAllowed(code, message, hint)
        kind = ServerTroubled if answer.is_server_error else InternalError
        raise kind(f"{method} {httpx.URL(url).path} gave status {answer.status_code}: {message}")


def _named(order: RunOrder) -> dict[str, Any]:
    return {"id": order.submission_id, "secret": order.secret}


def _lease(order: RunOrder) -> dict[str, str]:
    """The header that names the lease which this worker holds; workers of Codabench send none."""
    return {"Podium-Lease": order.lease} if order.lease else {}


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer that is none where something else than our server answers."""
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InternalError(f"{answer.url.path} gave something else than an object of JSON.")
    return content


def _explanation(answer: httpx.Response) -> tuple[str, str, str]:
    """(code, message, hint) of an answer that is an error, as far as it says."""
    try:
        content = _object(answer)
    except InternalError:
        return "refused", f"The server answered with status {answer.status_code}.", ""
    message = content.get("message") or content.get("detail") or f"status {answer.status_code}"
    return str(content.get("code") or "refused"), str(message), str(content.get("hint") or "")
