"""`podium import --update`: what a new version of a bundle changes about a competition, and then the change."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podium.cli.diff import tell_changes
from podium.cli.printing import printable

if TYPE_CHECKING:
    from podium.sdk.answers import ProblemAnswer
    from podium.sdk.client import PodiumClient


def update_competition(client: PodiumClient, archive: Path, competition: int, *, bundle: Path, yes: bool) -> None:
    """Print what changes, ask unless `yes`, and change it. `bundle` is what was typed, of which `archive` is the zip.

    Raises:
        BundleError: the bundle has problems, or the competition would lose submissions or scores by it.
        UserError: the server refused it for another reason.
    """
    from podium.rules.bundle.changes import Change

    found = client.propose_update(competition, archive)
    tell_changes(tuple(Change(**change.model_dump()) for change in found.changes))
    tell_notes(found.notes)
    if not found.changes:
        return
    if not yes:
        _ask(f"Update competition {competition}, {printable(found.title)}?", bundle, competition)
    done = client.confirm_update(competition, found)
    typer.echo(f"Updated competition {done.id}, {printable(done.title)}: {done.url}")


def tell_notes(notes: Iterable[ProblemAnswer]) -> None:
    """Print notes about a bundle, each with its place, to stderr."""
    for note in notes:
        place = ":".join(str(part) for part in (note.file, note.line, note.column) if part is not None)
        typer.echo(printable(f"{place + ': ' if place else ''}note: {note.message} {note.hint}".rstrip()), err=True)


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _ask(question: str, bundle: Path, competition: int) -> None:
    if not is_terminal():
        typer.echo("Nothing was changed. To make these changes, type:", err=True)
        typer.echo(f"podium import {bundle} --update {competition} --yes", err=True)
        raise typer.Exit(1)
    if not typer.confirm(question):
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(1)
