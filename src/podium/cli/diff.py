"""`podium diff`: what changes between two versions of a bundle."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.printing import json_text, printable

if TYPE_CHECKING:
    from podium.rules.bundle.changes import Change


def diff(
    old: Annotated[Path, typer.Argument(help="A bundle: a zip, or the folder of competition.yaml.")],
    new: Annotated[Path, typer.Argument(help="Another version of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what changes between two versions of a bundle: for people, whatever files are called and where they lie.

    Exit status: 0 if nothing changes, 1 if something does or a bundle cannot be read.
    """
    changes = _changes(old, new)
    if as_json:
        from dataclasses import asdict

        listed = [asdict(change) | {"text": change.text} for change in changes]
        typer.echo(json_text({"equal": not changes, "changes": listed}, indent=2))
    else:
        tell_changes(changes)
    if changes:
        raise typer.Exit(1)


def _changes(old: Path, new: Path) -> tuple[Change, ...]:
    from podium.blobs.archives import open_source
    from podium.cli.local.contents import BundleContents
    from podium.rules.bundle import read_bundle
    from podium.rules.bundle.comparing import Version, compare

    with open_source(old) as old_source, open_source(new) as new_source:
        versions = []
        for source in (old_source, new_source):
            reading = read_bundle(source)
            versions.append(Version(reading.require(), BundleContents(source, reading)))
        return compare(versions[0], versions[1])


def tell_changes(changes: tuple[Change, ...]) -> None:
    """Print the changes below the names of what they change, and how many they are."""
    for (part, name), group in groupby(changes, key=lambda change: (change.part, change.name)):
        typer.secho(printable(f'{part} "{name}"' if name else part), bold=True)
        for change in group:
            typer.echo(f"  {printable(change.text)}")
    count = len(changes)
    typer.echo(f"{count} change{'' if count == 1 else 's'}." if count else "Nothing changes.", err=True)
