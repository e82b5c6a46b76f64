"""`podium run`: run a competition on this machine, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.printing import json_text, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from podium.cli.local.board import PhaseBoards
    from podium.cli.local.running import RunOptions
    from podium.rules.bundle import BundleReading


def known_runtime(name: str | None) -> str | None:
    """The name of a runtime that exists, or the path of a list of packages; None stays None.

    Raises:
        BadParameter: there is no such runtime, or no such list.
    """
    if name is not None:
        from podium.rules.errors import UserError
        from podium.runtimes import recipe

        try:
            recipe(name)
        except UserError as unknown:
            raise typer.BadParameter(f"{unknown.message} {unknown.hint}") from unknown
    return name


def known_sandbox(name: str) -> str:
    """The name of a back end that exists.

    Raises:
        BadParameter: there is no such back end.
    """
    from podium.rules.errors import UserError
    from podium.sandbox.backends import known

    try:
        return known(name)
    except UserError as unknown:
        raise typer.BadParameter(f"{unknown.message} {unknown.hint}") from unknown


Sandbox = Annotated[
    str,
    typer.Option(
        "--sandbox",
        metavar="NAME",
        envvar="PODIUM_SANDBOX",
        callback=known_sandbox,
        help="What isolates programs: bubblewrap, docker or none.",
    ),
]
Runtime = Annotated[
    str | None,
    typer.Option(
        "--runtime",
        metavar="NAME",
        callback=known_runtime,
        help="A runtime of `podium runtime list`, or a requirements file; default: the one for the bundle's image.",
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        metavar="DIR",
        help="A new folder for what every step was given, what it left, and what it printed.",
    ),
]


def run(
    bundle: Annotated[Path, typer.Argument(help="A bundle: a zip, or the folder of competition.yaml.")],
    submission: Annotated[
        list[Path] | None,
        typer.Option(
            "--submission",
            "-s",
            metavar="PATH",
            help="A zip or folder to run; may be repeated. Default: the bundle's own solutions.",
        ),
    ] = None,
    phase: Annotated[str | None, typer.Option("--phase", help="Name or index of one phase; default: all.")] = None,
    all_phases: Annotated[bool, typer.Option("--all-phases", help="Run every phase, which is the default.")] = False,
    sandbox: Sandbox = "bubblewrap",
    runtime: Runtime = None,
    keep: Keep = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the boards as JSON.")] = False,
) -> None:
    """Run submissions of a competition here, as a server would, and print the boards.

    Exit status: 0 if every submission was scored, 1 if one was not or the bundle has problems, 2 for wrong usage.
    """
    if phase is not None and all_phases:
        raise typer.BadParameter("--phase and --all-phases exclude each other.")
    from rich.console import Console

    from podium.cli.local.board_json import as_json as phase_as_json
    from podium.cli.local.running import RunOptions, stoppable
    from podium.cli.local.show import show_boards, show_failures

    told = Console(stderr=True, highlight=False, markup=False)

    def progress(line: str) -> None:
        told.print(printable(line), soft_wrap=True)

    options = RunOptions(sandbox=sandbox, runtime=runtime, keep=keep)
    phases = stoppable(lambda cancel: _run(bundle, submission or [], phase, options, progress, cancel))
    if as_json:
        typer.echo(json_text([phase_as_json(boards) for boards in phases], indent=2))
    for boards in phases:
        if not as_json:
            show_boards(boards, Console(highlight=False, markup=False))
        show_failures(boards, told)
    if any(boards.failed for boards in phases):
        raise typer.Exit(1)


def _run(
    bundle: Path,
    submissions: Sequence[Path],
    phase: str | None,
    options: RunOptions,
    progress: Callable[[str], None],
    cancel: Event,
) -> list[PhaseBoards]:
    """Read the bundle, run the submissions of each phase, and rank them."""
    from podium.blobs.archives import open_source
    from podium.cli.local.choose import choose_phases, plan_phases
    from podium.cli.local.running import run_plans
    from podium.rules.bundle import read_bundle

    with open_source(bundle) as source:
        reading = read_bundle(source)
        spec = reading.require()
        _tell_notes(reading, progress)
        plans, without = plan_phases(spec, choose_phases(spec, phase), submissions)
        for name in without:
            progress(f"The phase {name} has no solutions; nothing of it is run.")
        return run_plans(source, reading, plans, options, progress, cancel)


def _tell_notes(reading: BundleReading, progress: Callable[[str], None]) -> None:
    for problem in reading.problems:
        progress(f"note: {problem}")
