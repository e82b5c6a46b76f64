"""`podium import`, `podium submit`, `podium leaderboard`: what people do with a site, by its API."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.printing import json_text, printable

if TYPE_CHECKING:
    from podium.sdk.answers import BoardAnswer, BoardScore, CompetitionAnswer, PhaseAnswer, SubmissionAnswer
    from podium.sdk.client import PodiumClient

Server = Annotated[str, typer.Option("--server", envvar="PODIUM_SERVER", help="Address of the site.")]
Token = Annotated[
    str,
    typer.Option("--token", envvar="PODIUM_TOKEN", help="API token, from the page My work or `podium token create`."),
]
Phase = Annotated[str | None, typer.Option("--phase", help="Name or number of the phase; default: the open one.")]
DEFAULT_SERVER = "http://127.0.0.1:8000"


def import_(
    bundle: Annotated[Path, typer.Argument(exists=True, help="A bundle: a zip, or the folder of competition.yaml.")],
    publish: Annotated[bool, typer.Option("--publish", help="Let everybody see it at once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing of how far it is.")] = False,
    update: Annotated[
        int | None, typer.Option("--update", help="Number of the competition to update from this bundle instead.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --update: do not ask first.")] = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Make a competition of a bundle, or update one from a new version of its bundle."""
    if update is not None:
        if publish or as_json:
            raise typer.BadParameter("--update goes with neither --publish nor --json.")
        _update(bundle, update, server, token, yes=yes)
        return
    if yes:
        raise typer.BadParameter("--yes goes with --update.")
    from podium.cli.progress import telling

    with client_of(server, token) as client, as_zip(bundle) as archive, telling(quiet=as_json) as tell:
        made = client.import_bundle(archive, publish=publish, tell=tell)
    if as_json:
        typer.echo(json_text(made.model_dump(mode="json")))
        return
    for note in made.notes:
        place = ":".join(str(part) for part in (note.file, note.line, note.column) if part is not None)
        typer.echo(printable(f"{place + ': ' if place else ''}note: {note.message} {note.hint}".rstrip()), err=True)
    state = "published" if made.published else "not published yet: only you see it"
    typer.echo(printable(f"Made competition {made.id}, {made.title} ({state}): {made.url}"))


def _update(bundle: Path, competition: int, server: str, token: str, *, yes: bool) -> None:
    from podium.cli.updating import update_competition

    with client_of(server, token) as client, as_zip(bundle) as archive:
        update_competition(client, archive, competition, bundle=bundle, yes=yes)


def export(
    competition: Annotated[int, typer.Argument(help="Number of the competition.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to save the zip; default: here, by the title.")
    ] = None,
    keys: Annotated[
        bool, typer.Option("--keys", help="Name programs and data by their keys on the site, without their files.")
    ] = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Save a competition as a bundle."""
    with client_of(server, token) as client:
        made = client.export(competition, keys_instead_of_files=keys)
        target = output or Path(Path(made.file_name).name)
        client.fetch(made, target)
    typer.echo(printable(f"{target} ({made.size:,} bytes)"))


def submit(
    competition: Annotated[int, typer.Argument(help="Number of the competition.")],
    submission: Annotated[Path, typer.Argument(exists=True, help="A zip, or a folder to be zipped.")],
    phase: Phase = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    add: Annotated[bool, typer.Option("--add", help="With --wait: add it to the leaderboard.")] = False,
    join: Annotated[bool, typer.Option("--join", help="Accept the terms and join first, if need be.")] = False,
    description: Annotated[str, typer.Option(help="A note for yourself.")] = "",
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Send a submission."""
    if add and not wait:
        raise typer.BadParameter("--add needs --wait: only what has scores can be added.")
    with client_of(server, token) as client:
        found = client.competition(competition)
        if join and found.participant_status is None:
            typer.echo(printable(f"Joining: {client.join(competition)}"), err=True)
        chosen = choose_phase(found, phase)
        with as_zip(submission) as archive:
            sent = client.submit(chosen.id, archive, description=description)
        typer.echo(printable(f"Submission {sent.id} to {found.title}, {chosen.name}."))
        if wait:
            _follow(client, sent, add=add)


def _follow(client: PodiumClient, sent: SubmissionAnswer, *, add: bool) -> None:
    ended = client.wait(sent.id, lambda now: typer.echo(printable(now.status), err=True))
    if ended.status != "Finished":
        typer.echo(printable(f"{ended.status}: {ended.status_details or ''} {ended.hint}".strip()), err=True)
        raise typer.Exit(1)
    from podium.rules.board.display import aligned

    for score in ended.scores:
        typer.echo(printable(f"{score.column_key}: {aligned(float(score.score), score.precision)}"))
    if add and not ended.on_leaderboard:
        client.add_to_leaderboard(ended.id)
    if add or ended.on_leaderboard:
        typer.echo("It is on the leaderboard.")
    elif ended.leaderboard_rule is not None and ended.leaderboard_rule.automatic:
        typer.echo(printable(f"It is not on the leaderboard. {ended.leaderboard_rule.habit}"))
    else:
        typer.echo("It is not on the leaderboard. Add it with --add, or on its page.")


def leaderboard(
    competition: Annotated[int, typer.Argument(help="Number of the competition.")],
    phase: Phase = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the server's JSON.")] = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Show the leaderboard of a phase."""
    with client_of(server, token, needs_token=False) as client:
        chosen = choose_phase(client.competition(competition), phase)
        board = client.leaderboard(chosen.id)
    if as_json:
        typer.echo(json_text(board.model_dump(mode="json")))
    else:
        print_board(board, chosen.name)


def choose_phase(competition: CompetitionAnswer, wanted: str | None) -> PhaseAnswer:
    """The phase of that name or number; without either, the open one, else the first.

    Raises:
        UserError: there is none of that name.
    """
    from podium.rules.errors import UserError

    if wanted is None:
        open_now = [phase for phase in competition.phases if phase.status == "Current"]
        return (open_now or list(competition.phases))[-1 if open_now else 0]
    for phase in competition.phases:
        if wanted in (str(phase.index), phase.name):
            return phase
    names = ", ".join(f"{phase.index} ({phase.name})" for phase in competition.phases)
    raise UserError("no-such-phase", f"There is no phase {wanted!r}.", f"There are: {names}.")


def print_board(board: BoardAnswer, phase: str) -> None:
    """Print a board as a table, and below it the values by task where there are several."""
    from rich.console import Console

    from podium.cli.tables import add_row, board_table

    columns = board.tasks[0].columns if board.tasks else ()
    table = board_table(f"{phase}: {board.title}", ("Rank", "Participant"), columns)
    by_task = board_table("By task", ("Participant", "Task"), columns)
    for rank, entry in enumerate(board.submissions, start=1):
        add_row(table, (str(rank), entry.owner), columns, _values(entry.aggregates))
        for task in board.tasks:
            values = _values(score for score in entry.scores if score.task_id == task.id)
            add_row(by_task, (entry.owner, task.name), columns, values)
    console = Console(highlight=False, markup=False)
    console.print(table)
    if len(board.tasks) > 1:
        console.print(by_task)


def _values(scores: Iterable[BoardScore]) -> dict[str, float | None]:
    return {score.column_key: float(score.score) for score in scores}


def client_of(server: str, token: str, *, needs_token: bool = True) -> PodiumClient:
    """A client of the site that a command names.

    Raises:
        UserError: there is no token, and one is needed (`token-missing`).
    """
    from podium.rules.errors import UserError
    from podium.sdk.client import PodiumClient

    if needs_token and not token:
        raise UserError(
            "token-missing",
            "An API token is needed.",
            "Make one on the page My work, or with `podium token create USER` on the server, "
            "and give it with --token or PODIUM_TOKEN.",
        )
    return PodiumClient(server, token)


@contextmanager
def as_zip(path: Path) -> Iterator[Path]:
    """A file as it is, a folder as a zip that is removed afterwards."""
    if path.is_file():
        yield path
        return
    from podium.blobs.archives import pack_folder

    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, f"{path.resolve().name}.zip")
        with archive.open("wb") as file:
            pack_folder(path, file)
        yield archive
