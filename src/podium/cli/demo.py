"""`podium demo`: a whole site with real competitions and model boards on it, made before your eyes."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.demo_boards import show_model_boards
from podium.cli.people import open_data_folder
from podium.cli.printing import printable
from podium.cli.remote import print_board

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from podium.sdk.client import PodiumClient

_ORGANIZER = "olga"
_PARTICIPANTS = ("ada", "emmy", "katherine", "mary", "sofia")
_OF_ONE = frozenset({"hello-history"})
"""The examples whose samples are the tries of one participant, who waits for the scores of each."""
_START_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.1
_LOG = "log.txt"
_LOG_LINES = 10


@dataclass(frozen=True)
class _Sample:
    """A sample submission of an example: its folder and what it is called."""

    name: str
    folder: Path


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on; another one is taken if it is in use.")] = 8000,
    examples: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="The folder that holds the example bundles.")
    ] = Path("examples"),
    once: Annotated[bool, typer.Option("--once", help="End when all boards are complete.")] = False,
) -> None:
    """Start a site in an empty folder, run the example competitions and model boards on it, and keep serving."""
    bundles = _bundles(examples)
    # Whoever ends the demo ends its site too, by whichever signal.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with tempfile.TemporaryDirectory(prefix="podium-demo-") as name:
        data = Path(name)
        chosen = _free_port(port)
        url = f"http://127.0.0.1:{chosen}"
        building = _build_runtime()
        with _site(data, chosen) as site:
            _wait_until_it_answers(url, site, data / _LOG)
            open_data_folder(data)
            password = secrets.token_urlsafe(9)
            tokens = _make_people(password)
            building.join()
            _wait_for_a_worker(site, data / _LOG)
            complete = _play(url, tokens, bundles)
            typer.echo(
                f"\nOpen {url} and sign in as ada (participant) or {_ORGANIZER} (organizer), password {password}"
            )
            if once:
                complete = show_model_boards(url, tokens[_ORGANIZER], examples) and complete
            if not complete:
                raise typer.Exit(1)
            if not once:
                with suppress(KeyboardInterrupt):
                    _serve(site, lambda: show_model_boards(url, tokens[_ORGANIZER], examples))


def _serve(site: subprocess.Popen[bytes], meanwhile: Callable[[], bool]) -> None:
    """Wait until the site ends, and do something on it first. What fails of that is told, and the site goes on."""
    from podium.rules.errors import PodiumError

    typer.echo("Serving until Ctrl-C; then everything of this demo is removed.")
    try:
        meanwhile()
    except PodiumError as error:
        typer.echo(printable(f"The model boards are not complete: {error}"), err=True)
    site.wait()


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _bundles(examples: Path) -> list[Path]:
    from podium.rules.errors import UserError

    found = sorted(path.parent for path in examples.glob("*/competition.yaml"))
    if not found:
        raise UserError(
            "no-examples",
            f"No folder in {examples} holds a competition.yaml.",
            "Run the command in Podium's own folder, or name the folder of examples with --examples.",
        )
    return found


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                typer.echo(f"Port {wanted} is in use; taking another one.", err=True)
            else:
                return int(probe.getsockname()[1])
    message = "the system has no free port"
    raise OSError(message)


def _build_runtime() -> threading.Thread:
    """Build the environment of the examples while the site starts; the first run would have to wait for it."""
    from podium.rules.errors import PodiumError
    from podium.runtimes import ensure

    def build() -> None:
        # The submission that cannot be run without it says why.
        with suppress(PodiumError):
            ensure("science", typer.echo)

    thread = threading.Thread(target=build, daemon=True)
    thread.start()
    return thread


@contextmanager
def _site(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "podium", "up", "--data", str(data), "--port", str(port)]
    # The demo listens on this machine only: whoever tries the API of model boards there needs no key.
    surroundings = {**os.environ, "PODIUM_OPEN_MODELBOARDS": "1"}
    with (data / _LOG).open("wb") as log:
        site = subprocess.Popen(  # noqa: S603 - our own module with our own interpreter
            command, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True, env=surroundings
        )
    try:
        yield site
    finally:
        if site.poll() is None:
            site.send_signal(signal.SIGTERM)
            site.wait()


def _wait_until_it_answers(url: str, site: subprocess.Popen[bytes], log: Path) -> None:
    import httpx

    from podium.rules.errors import UserError

    def answers() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{url}/health", timeout=2).is_success
        return False

    if not _comes_true(answers, site):
        raise UserError("demo-not-started", "The site did not start.", _end_of(log) or "`podium up` may say why.")


def _wait_for_a_worker(site: subprocess.Popen[bytes], log: Path) -> None:
    """Submissions would wait for ever where programs cannot be isolated, and so no worker stays."""
    from podium.rules.errors import UserError
    from podium.server.jobs.queries import workers_ready

    if not _comes_true(lambda: workers_ready() > 0, site):
        raise UserError("demo-without-worker", "The site's worker did not start.", _end_of(log))


def _comes_true(condition: Callable[[], bool], site: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < deadline and site.poll() is None:
        if condition():
            return True
        time.sleep(_LOOK_EVERY_S)
    return False


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])


def _make_people(password: str) -> dict[str, str]:
    """Accounts for the demo's people; returns each one's API token."""
    from podium.server.accounts.services import create_api_token, create_user

    tokens = {}
    for name in (_ORGANIZER, *_PARTICIPANTS):
        person = create_user(name, f"{name}@example.org", password)
        tokens[name] = create_api_token(person, "demo")
    return tokens


def _play(url: str, tokens: dict[str, str], bundles: list[Path]) -> bool:
    """Import the bundles, send their sample submissions, print the boards; whether all went well."""
    from podium.sdk.client import PodiumClient

    with PodiumClient(url, tokens[_ORGANIZER]) as organizer:
        competitions = [(bundle.name in _OF_ONE, _import(organizer, bundle), _samples(bundle)) for bundle in bundles]
        sent = []
        for of_one, competition, samples in competitions:
            people = _PARTICIPANTS[:1] * len(samples) if of_one else _PARTICIPANTS
            for name in dict.fromkeys(people[: len(samples)]):
                _join(url, tokens[name], competition)
            for name, sample in zip(people, samples, strict=False):
                sent.append((competition, sample, _send(url, tokens[name], competition, sample)))
                if of_one:
                    organizer.wait(sent[-1][2], lambda _: None)
        failed = 0
        for _, sample, submission in sent:
            ended = organizer.wait(submission, lambda _: None)
            if ended.status != "Finished":
                failed += 1
                said = f"{sample.name}: {ended.status}. {ended.status_details or ''} {ended.hint}"
                typer.echo(printable(said.rstrip()), err=True)
        complete = [
            _show(organizer, competition, min(len(samples), 1) if of_one else len(samples))
            for of_one, competition, samples in competitions
        ]
    return all(complete) and not failed and bool(sent)


def _import(organizer: PodiumClient, bundle: Path) -> int:
    from podium.cli.remote import as_zip

    with as_zip(bundle) as archive:
        made = organizer.import_bundle(archive, publish=True)
    typer.echo(f"Imported and published {made.title}.")
    return made.id


def _samples(bundle: Path) -> list[_Sample]:
    from podium.blobs.archives import open_source
    from podium.rules.bundle import read_bundle

    with open_source(bundle) as source:
        spec = read_bundle(source).require()
    return [
        _Sample(solution.name, bundle / solution.path.path)
        for solution in spec.solutions
        if solution.path is not None and solution.path.path is not None
    ]


def _join(url: str, token: str, competition: int) -> None:
    from podium.sdk.client import PodiumClient

    with PodiumClient(url, token) as participant:
        participant.join(competition)


def _send(url: str, token: str, competition: int, sample: _Sample) -> int:
    from podium.cli.remote import as_zip, choose_phase
    from podium.sdk.client import PodiumClient

    with PodiumClient(url, token) as participant, as_zip(sample.folder) as archive:
        phase = choose_phase(participant.competition(competition), None)
        sent = participant.submit(phase.id, archive, description=sample.name)
    typer.echo(f"Sent {sample.name}.")
    return sent.id


def _show(organizer: PodiumClient, competition: int, expected: int) -> bool:
    from podium.cli.remote import choose_phase

    phase = choose_phase(organizer.competition(competition), None)
    board = organizer.leaderboard(phase.id)
    typer.echo()
    print_board(board, phase.name)
    missing = expected - len(board.submissions)
    if missing:
        typer.echo(f"{missing} of {expected} samples are not on this board.", err=True)
    return not missing
