"""`podium init`: a working bundle to begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """What participants send, and how it is run."""

    RESULTS = "results"
    CODE = "code"
    INGESTION = "ingestion"


def init(
    name: Annotated[Path, typer.Argument(help="The folder to make.")],
    kind: Annotated[
        Kind,
        typer.Option(
            help="results: participants send files; code: they send code that an ingestion program runs; "
            "ingestion: their code runs beside the scoring program and talks with it."
        ),
    ] = Kind.RESULTS,
    title: Annotated[
        str | None, typer.Option(help="The title of the competition; default: from the folder's name.")
    ] = None,
) -> None:
    """Make a bundle that works, to be changed into your own."""
    from podium.cli.local.templates import title_of, write_bundle

    folder_name = name.expanduser().resolve().name
    start = datetime.now(UTC).date()
    write_bundle(name.expanduser(), kind, title if title is not None else title_of(folder_name), start)
    typer.echo(f"Made {name}. Try it: podium test {name}")
