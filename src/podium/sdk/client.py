"""A client of the HTTP API: what the command line speaks with a server through."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from podium.rules.errors import BundleError, Conflict, NotAllowed, NotFound, Problem, Severity, TooLarge, UserError
from podium.sdk.answers import (
    BoardAnswer,
    CompetitionAnswer,
    ExportAnswer,
    ImportAnswer,
    ImportStarted,
    ImportStatusAnswer,
    JoinAnswer,
    ProposalAnswer,
    RescoreAnswer,
    RescoreBegun,
    SubmissionAnswer,
    TokenAnswer,
    UpdateAnswer,
    UploadAnswer,
    VerificationAnswer,
    VerificationsBegun,
)

TERMINAL = frozenset({"Finished", "Failed", "Cancelled"})
_LOOK_EVERY_S = 0.3
_AWAY_AT_MOST_S = 60.0
_AWAY = frozenset({502, 503, 504})
_TIMEOUT = httpx.Timeout(600.0, connect=10.0)

_FIRST_LOOK_S = 0.02
_CHUNK_BYTES = 256 * 1024

Model = TypeVar("Model", bound=BaseModel)
Tell = Callable[[int, int], None]
TellImport = Callable[[str, int, int, str], None]
"""Hears how far an import is: `upload` or `import`, bytes done, of how many, and what the server says it is doing."""


def tell_nobody(step: str, done: int, total: int, saying: str) -> None:
    """Nobody wants to know."""


class ServerAway(UserError):
    """The server does not answer now; what was asked may be asked again."""


class PodiumClient:
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

    def token(self, name_or_email: str, password: str) -> str:
        """The API token of an account, by name or e-mail and password."""
        answer = self._send("POST", "/api/api-token-auth/", json={"username": name_or_email, "password": password})
        return _understood(TokenAnswer, answer).token

    def import_bundle(self, bundle: Path, *, publish: bool = False, tell: TellImport = tell_nobody) -> ImportAnswer:
        """Make a competition of a bundle (a zip); `tell` hears how far that is.

        Raises:
            BundleError: it has problems; all of them are in it.
            UserError: it was not imported for another reason.
        """
        key = self._upload("competition_bundle", bundle, lambda done, total: tell("upload", done, total, ""))
        answer = self._send("PUT", f"/api/datasets/completed/{key}/", json={"publish": publish})
        made = self._imported(_understood(ImportStarted, answer).status_id, tell)
        if made.error is not None:
            raise error_of(made.error, UserError)
        if made.resulting_competition is None:
            raise UserError("import-unknown", "The server does not say what the bundle became.", "Look at the site.")
        address = f"{self._url}/competitions/{made.resulting_competition}/"
        return ImportAnswer(
            id=made.resulting_competition,
            title=made.title,
            url=address,
            published=made.published,
            notes=made.notes,
        )

    def _imported(self, import_id: int, tell: TellImport) -> ImportStatusAnswer:
        pause_s = _FIRST_LOOK_S
        address = f"/api/competitions/{import_id}/creation_status/"
        for found in self._patiently(lambda: self._read(ImportStatusAnswer, address)):
            if found.status in TERMINAL:
                return found
            tell("import", found.progress.done, found.progress.total, found.progress.saying)
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.2, _LOOK_EVERY_S)
        raise AssertionError("an import ends")

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
                time.sleep(_LOOK_EVERY_S)
            else:
                heard = time.monotonic()
                yield found

    def propose_update(self, competition_id: int, bundle: Path) -> ProposalAnswer:
        """Have the site say what a new version of a competition's bundle (a zip) changes. Nothing is changed yet.

        Raises:
            BundleError: it has problems, or the competition would lose something by it; all of that is in it.
        """
        with bundle.open("rb") as file:
            answer = self._send(
                "POST",
                f"/api/v1/competitions/{competition_id}/updates/",
                files={"file": (bundle.name, file, "application/zip")},
            )
        return _understood(ProposalAnswer, answer)

    def confirm_update(self, competition_id: int, proposed: ProposalAnswer) -> UpdateAnswer:
        """Make the changes that were proposed.

        Raises:
            Conflict: the competition has changed since, so that other things would change.
        """
        wish = {"proposal": proposed.proposal, "seen": proposed.seen}
        answer = self._send("POST", f"/api/v1/competitions/{competition_id}/updates/confirm/", json=wish)
        return _understood(UpdateAnswer, answer)

    def export(self, competition_id: int, *, keys_instead_of_files: bool = False) -> ExportAnswer:
        """Have a bundle made of a competition; `fetch` gets it."""
        wish = {"keys_instead_of_files": keys_instead_of_files}
        return _understood(
            ExportAnswer, self._send("POST", f"/api/competitions/{competition_id}/create_dump/", json=wish)
        )

    def fetch(self, exported: ExportAnswer, target: Path) -> None:
        """Save an exported bundle as `target`. What stood there is replaced once everything has arrived.

        Raises:
            UserError: what arrived is not what the server announced.
        """
        link = str(httpx.URL(self._url).join(exported.url))
        digest = hashlib.sha256()
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            arrived = Path(file.name)
        try:
            with arrived.open("wb") as file, self._reading(link) as chunks:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != exported.sha256:
                raise UserError("download-broken", "The bundle did not arrive as it was sent.", "Try again.")
            arrived.chmod(0o644)
            arrived.replace(target)
        finally:
            arrived.unlink(missing_ok=True)

    def competition(self, competition_id: int) -> CompetitionAnswer:
        """A competition with its phases."""
        return self._read(CompetitionAnswer, f"/api/competitions/{competition_id}/")

    def join(self, competition_id: int) -> str:
        """Ask to take part; returns where that stands: approved or pending. The terms count as accepted."""
        answer = self._send("POST", f"/api/competitions/{competition_id}/register/", json={})
        return _understood(JoinAnswer, answer).participant_status

    def submit(self, phase_id: int, archive: Path, *, description: str = "") -> SubmissionAnswer:
        """Upload a zip and submit it to a phase."""
        key = self._upload("submission", archive)
        self._send("PUT", f"/api/datasets/completed/{key}/", json={})
        content = {"phase": phase_id, "data": str(key), "description": description}
        return _understood(SubmissionAnswer, self._send("POST", "/api/submissions/", json=content))

    def _upload(self, kind: str, archive: Path, tell: Tell | None = None) -> UUID:
        """Send a zip as a new data set of that type; `tell` hears how many bytes are sent, and of how many."""
        size = archive.stat().st_size
        announced = {
            "type": kind,
            "request_sassy_file_name": archive.name,
            "file_name": archive.name[-64:],
            "file_size": size,
        }
        made = _understood(UploadAnswer, self._send("POST", "/api/datasets/", json=announced))
        link = httpx.URL(self._url).join(made.sassy_url)
        with archive.open("rb") as file:
            headers = {"Content-Type": "application/zip", "Content-Length": str(size)}
            content = file if tell is None else _told(file, size, tell)
            # The link is a permission of its own, and may lead to another machine, which the token does not concern.
            self._send("PUT", str(link), content=content, headers=headers, auth=None)
        return made.key

    def submission(self, submission_id: int) -> SubmissionAnswer:
        """A submission as it stands now."""
        return self._read(SubmissionAnswer, f"/api/submissions/{submission_id}/")

    def wait(self, submission_id: int, tell: Callable[[SubmissionAnswer], None]) -> SubmissionAnswer:
        """A submission once it has ended; `tell` is called whenever its status has changed.

        A server that is restarted meanwhile does not end the waiting; one that stays away for a minute does.
        """
        last = ""
        for found in self._patiently(lambda: self.submission(submission_id)):
            if found.status != last:
                last = found.status
                tell(found)
            if found.status in TERMINAL:
                return found
            time.sleep(_LOOK_EVERY_S)
        raise AssertionError("a submission ends")

    def add_to_leaderboard(self, submission_id: int) -> None:
        """Put a submission on the leaderboard."""
        self._send("POST", f"/api/submissions/{submission_id}/submission_leaderboard_connection/", json={})

    def start_rescore(
        self,
        competition_id: int,
        reason: str,
        *,
        phase: int | None = None,
        submissions: list[int] | None = None,
        sample: int = 5,
    ) -> int:
        """Have submissions scored once more, in the shadow. Returns the number of the rescore."""
        wish = {"reason": reason, "phase": phase, "submissions": submissions, "sample": sample}
        answer = self._send("POST", f"/api/v1/competitions/{competition_id}/rescores/", json=wish)
        return _understood(RescoreBegun, answer).id

    def rescore(self, rescore_id: int) -> RescoreAnswer:
        """A rescore as it is now, with the first of its submissions."""
        return self._read(RescoreAnswer, f"/api/v1/rescores/{rescore_id}/")

    def decide_rescore(self, rescore_id: int, what: Literal["apply", "cancel"]) -> RescoreAnswer:
        """Apply a rescore, or cancel it.

        Raises:
            Conflict: that is not possible any more, or not yet.
        """
        return _understood(RescoreAnswer, self._send("POST", f"/api/v1/rescores/{rescore_id}/{what}/"))

    def verify(self, submission_id: int) -> list[int]:
        """Have the scores of a submission made once more. Returns the numbers of the verifications."""
        answer = self._send("POST", f"/api/v1/submissions/{submission_id}/verifications/", json={})
        return [each.id for each in _understood(VerificationsBegun, answer).verifications]

    def verification(self, verification_id: int) -> VerificationAnswer:
        """A verification once it has ended."""
        for found in self._patiently(
            lambda: self._read(VerificationAnswer, f"/api/v1/verifications/{verification_id}/")
        ):
            if found.ended:
                return found
            time.sleep(_LOOK_EVERY_S)
        raise AssertionError("a verification ends")

    def leaderboard(self, phase_id: int) -> BoardAnswer:
        """The board of a phase."""
        return self._read(BoardAnswer, f"/api/phases/{phase_id}/get_leaderboard/")

    def _read(self, model: type[Model], path: str) -> Model:
        return _understood(model, self._send("GET", path))

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


def _understood(model: type[Model], answer: httpx.Response) -> Model:
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


_KINDS: dict[int, type[UserError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    **dict.fromkeys(_AWAY, ServerAway),
}


def refusal(answer: httpx.Response) -> UserError:
    """The server's refusal as the error that it was there."""
    if answer.has_redirect_location:
        place = answer.headers["Location"]
        return UserError("moved", f"The server sends us to {place}.", "Name that address (--server or PODIUM_SERVER).")
    kind = _KINDS.get(answer.status_code, UserError)
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return kind("refused", f"The server answered with status {answer.status_code}.")
    return error_of(content, kind, answer.reason_phrase)


def error_of(content: dict[str, Any], kind: type[UserError], otherwise: str = "") -> UserError:
    """An error as the server tells it."""
    if content.get("code") == "bundle-invalid" and content.get("problems"):
        return BundleError([_problem(item) for item in content["problems"]])
    reference = str(content.pop("reference", ""))
    message = str(content.get("message") or content.get("detail") or _first_line(content) or otherwise)
    hint = str(content.get("hint") or "")
    if reference and reference not in message:
        hint = f"{hint} Reference: {reference}.".strip()
    return kind(str(content.get("code") or "refused"), message, hint)


def _problem(item: dict[str, Any]) -> Problem:
    known = {name: item.get(name) for name in ("file", "line", "column")}
    severity: Severity = "note" if item.get("severity") == "note" else "error"
    return Problem(
        str(item.get("code", "")), str(item.get("message", "")), str(item.get("hint", "")), severity=severity, **known
    )


def _first_line(content: dict[str, Any]) -> str:
    """The text of an answer that names fields with lists of messages."""
    lines = [
        " ".join(map(str, value)) if isinstance(value, list) else str(value) for value in content.values() if value
    ]
    return " ".join(lines)
