"""`podium run`: run a competition on this machine, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from podium.cli.local.board import Board
    from podium.rules.bundle import BundleReading


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
    phase: Annotated[
        str | None, typer.Option("--phase", help="Name or index of the phase; default: the first.")
    ] = None,
    all_phases: Annotated[bool, typer.Option("--all-phases", help="Run every phase.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the boards as JSON.")] = False,
) -> None:
    """Run submissions of a competition here, as a server would, and print the board.

    Exit status: 0 if every submission was scored, 1 if one failed or the bundle has problems.
    """
    if phase is not None and all_phases:
        raise typer.BadParameter("--phase and --all-phases exclude each other.")
    import json

    from rich.console import Console

    from podium.cli.local.board import as_json as board_as_json
    from podium.cli.local.running import stoppable
    from podium.cli.local.show import show_board, show_failures

    told = Console(stderr=True, highlight=False, markup=False)

    def progress(line: str) -> None:
        told.print(line, soft_wrap=True)

    boards = stoppable(lambda cancel: _boards(bundle, submission or [], phase, all_phases, progress, cancel))
    if as_json:
        typer.echo(json.dumps([board_as_json(board) for board in boards], indent=2, allow_nan=False))
    for board in boards:
        if not as_json:
            show_board(board, Console(highlight=False, markup=False))
        show_failures(board, told)
    if any(board.failed for board in boards):
        raise typer.Exit(1)


def _boards(
    bundle: Path,
    submissions: Sequence[Path],
    phase: str | None,
    all_phases: bool,
    progress: Callable[[str], None],
    cancel: Event,
) -> list[Board]:
    """Read the bundle, run the submissions of each phase, and rank them."""
    from podium.blobs.archives import open_source
    from podium.cli.local.choose import choose_entrants, choose_phases, tasks_of
    from podium.cli.local.running import PhasePlan, run_plans
    from podium.rules.bundle import read_bundle

    with open_source(bundle) as source:
        reading = read_bundle(source)
        spec = reading.require()
        _tell_notes(reading, progress)
        plans = [
            PhasePlan(chosen, tasks_of(spec, chosen), choose_entrants(spec, chosen, submissions))
            for chosen in choose_phases(spec, phase, every=all_phases)
        ]
        return run_plans(source, reading, plans, progress, cancel)


def _tell_notes(reading: BundleReading, progress: Callable[[str], None]) -> None:
    for problem in reading.problems:
        progress(f"note: {problem}")
