"""The command `podium`: all commands in one place, and what becomes of errors at its edge."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from podium.cli import (
    demo,
    diff,
    doctor,
    history,
    init,
    lint,
    model_boards,
    pack,
    people,
    queues,
    remote,
    rescore,
    run,
    runtime,
    schema,
    site,
    testing,
)
from podium.cli.printing import printable
from podium.rules.errors import ArchiveError, BundleError, InternalError, PodiumError, UserError

EXIT_FAILED = 1

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # formatting by rich would take half of the time that --help takes
    help="A self-hosted home for benchmark competitions and model leaderboards.",
)
app.command("up")(site.up)
app.command("run")(run.run)
app.command("init")(init.init)
app.command("lint")(lint.lint)
app.command("test")(testing.check)
app.command("pack")(pack.pack)
app.command("schema")(schema.schema)
app.command("diff")(diff.diff)
app.command("import")(remote.import_)
app.command("export")(remote.export)
app.command("submit")(remote.submit)
app.command("leaderboard")(remote.leaderboard)
app.command("demo")(demo.demo)
app.command("worker")(site.worker)
app.command("doctor")(doctor.doctor)
app.add_typer(runtime.app, name="runtime")
app.add_typer(people.users, name="user")
app.add_typer(people.tokens, name="token")
app.add_typer(queues.app, name="queue")
app.add_typer(model_boards.app, name="board")
app.add_typer(rescore.app, name="rescore")
app.add_typer(history.app, name="history")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"podium {version('podium')}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    del show_version


def main() -> None:
    """Run `podium` with the arguments of this process. Ends it: 0 well, 1 failed, 2 wrong usage, 130 interrupted."""
    try:
        app()
    except PodiumError as error:
        tell(error)
        sys.exit(EXIT_FAILED)


def tell(error: PodiumError) -> None:
    """Write an error for people to stderr; every problem of a bundle on a line of its own."""
    message, hint = (error.message, error.hint) if isinstance(error, UserError) else (str(error), "")
    _line(f"Error: {message}", red=True)
    if hint:
        _line(hint)
    if isinstance(error, BundleError) and not _is_said(error):
        for problem in error.problems:
            _line(f"{'note: ' if problem.severity == 'note' else ''}{problem}")
    if isinstance(error, InternalError):
        _line(f"This is a fault of Podium or of this machine, not yours. Reference: {error.reference}")


def _is_said(error: BundleError) -> bool:
    """Whether the message is that of the only problem."""
    return isinstance(error, ArchiveError) and len(error.problems) == 1


def _line(text: str, *, red: bool = False) -> None:
    typer.secho(printable(text), err=True, fg=typer.colors.RED if red else None)


if __name__ == "__main__":
    main()
