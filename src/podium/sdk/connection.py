"""Sending requests as the owner of a token, and understanding the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from podium.rules.errors import UserError
from podium.sdk.answers import UploadAnswer
from podium.sdk.refusals import ServerAway, TooOften, refusal

LOOK_EVERY_S = 0.3
_AWAY_AT_MOST_S = 60.0
_TIMEOUT = httpx.Timeout(600.0, connect=10.0)
_CHUNK_BYTES = 256 * 1024

Model = TypeVar("Model", bound=BaseModel)
Tell = Callable[[int, int], None]


class Connection:
    """Speaks for the owner of an API token; an empty one speaks for a visitor.

    Raises:
        UserError: the token holds characters that no token has.
    """

    def __init__(self, url: str, token: str) -> None:
        if not token.isascii() or not token.isprintable():
            raise UserError("token-invalid", "The token holds characters that no token has.", "Copy it again.")
        self._url = url.rstrip("/")

        def sign(request: httpx.Request) -> httpx.Request:
            request.headers["Authorization"] = f"Token {token}"
            return request

        self._http = httpx.Client(timeout=_TIMEOUT, headers={"User-Agent": "podium-sdk"}, auth=sign if token else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _patiently(self, ask: Callable[[], Model]) -> Iterator[Model]:
        """Answers without end. A server that is restarted meanwhile does not end them; one that stays away for a
        minute does."""
        heard = time.monotonic()
        while True:
            try:
                found = ask()
            except ServerAway:
                if time.monotonic() - heard > _AWAY_AT_MOST_S:
                    raise
                time.sleep(LOOK_EVERY_S)
            else:
                heard = time.monotonic()
                yield found

    def send_again(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """The same as `_send` for what may be asked twice without harm: where the server is away or was asked too
        often, it is asked again, as long as that does not take longer than a minute in all."""
        begun, pause_s = time.monotonic(), LOOK_EVERY_S
        while True:
            try:
                return self._send(method, path, **arguments)
            except (ServerAway, TooOften) as error:
                wait_s = error.wait_s if isinstance(error, TooOften) else pause_s
                if time.monotonic() + wait_s - begun > _AWAY_AT_MOST_S:
                    raise
            time.sleep(wait_s)
            pause_s *= 2

    def _upload(self, kind: str, archive: Path, tell: Tell | None = None) -> UUID:
        """Send a zip as a new data set of that type; `tell` hears how many bytes are sent, and of how many."""
        size = archive.stat().st_size
        announced = {
            "type": kind,
            "request_sassy_file_name": archive.name,
            "file_name": archive.name[-64:],
            "file_size": size,
        }
        made = understood(UploadAnswer, self._send("POST", "/api/datasets/", json=announced))
        link = httpx.URL(self._url).join(made.sassy_url)
        with archive.open("rb") as file:
            headers = {"Content-Type": "application/zip", "Content-Length": str(size)}
            content = file if tell is None else _told(file, size, tell)
            # The link is a permission of its own, and may lead to another machine, which the token does not concern.
            self._send("PUT", str(link), content=content, headers=headers, auth=None)
        return made.key

    def _read(self, model: type[Model], path: str) -> Model:
        return understood(model, self._send("GET", path))

    @contextmanager
    def _reading(self, link: str) -> Iterator[Iterator[bytes]]:
        """The content behind a link, which is a permission of its own and is not told the token."""
        try:
            with self._http.stream("GET", link, auth=None) as answer:
                if not answer.is_success:
                    answer.read()
                    raise refusal(answer)
                yield answer.iter_bytes()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(error) from error

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        url = path if path.startswith("http") else f"{self._url}{path}"
        try:
            answer = self._http.request(method, url, **arguments)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(error) from error
        if not answer.is_success:
            raise refusal(answer)
        return answer

    def _away(self, error: Exception) -> ServerAway:
        return ServerAway(
            "server-unreachable",
            f"{self._url} does not answer: {str(error) or type(error).__name__}.",
            "Check the address (--server or PODIUM_SERVER), and that the server runs.",
        )


def _told(file: BinaryIO, size: int, tell: Tell) -> Iterator[bytes]:
    done = 0
    tell(done, size)
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
        done += len(chunk)
        tell(done, size)


def understood(model: type[Model], answer: httpx.Response) -> Model:
    """What the server answered.

    Raises:
        UserError: it is not what a Podium server answers.
    """
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise UserError(
            "answer-not-understood",
            f"What {answer.url.copy_with(query=None)} answers is not understood.",
            "Check that the address is that of a Podium server, and that this command has the server's version.",
        ) from error
