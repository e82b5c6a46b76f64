"""`podium history`: proving that the record of a competition is whole, and taking it home."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from podium.cli.people import open_data_folder
from podium.cli.site import DEFAULT_DATA, Data
from podium.rules.errors import UserError
from podium.rules.proof import Head, Proven, verify_lines

app = typer.Typer(no_args_is_help=True, help="Prove and export the record of what happened.")

_CHAIN = "Which history: the number of a competition, or a name such as site:0."


@app.command("verify")
def verify(
    chain: Annotated[str | None, typer.Argument(help=f"{_CHAIN} All of them without it.", show_default=False)] = None,
    export: Annotated[
        Path | None, typer.Option(help="Verify this export instead of the database.", show_default=False)
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(help="With --export: the end that it must have, as it was written down.", show_default=False),
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Recompute the chain of events and name the first one that does not fit, and why. Fails if there is one."""
    if export is not None:
        found = [_export(export, head)]
    elif head is not None:
        raise typer.BadParameter("--head needs --export: the database knows its ends.")
    else:
        open_data_folder(data)
        from podium.server.history.proving import chain_names, chain_of_text, prove_chain

        found = [prove_chain(name) for name in ([chain_of_text(chain)] if chain else chain_names())]
    for each in found:
        typer.echo(_sentence(each))
    if any(each.misfit for each in found):
        raise typer.Exit(1)


@app.command("export")
def export(
    chain: Annotated[str, typer.Argument(help=_CHAIN)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of the terminal.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write all events of a history, one a line, with the end of the chain in the first line. No names are in it."""
    open_data_folder(data)
    from podium.server.history.proving import chain_of_text, export_lines

    lines = (f"{line}\n" for line in export_lines(chain_of_text(chain)))
    if output is None:
        sys.stdout.writelines(lines)
        return
    try:
        with output.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
    except OSError as error:
        raise UserError("not-written", f"Cannot write {output}: {error.strerror}.", "Choose another file.") from error
    typer.echo(f"Wrote {output}. `podium history verify --export {output}` proves it.")


def _export(path: Path, head: str | None) -> Proven:
    try:
        known = None if head is None else Head.of_text(head)
    except ValueError as error:
        raise UserError("head-unknown", f"{error}.", "Copy it from the audit page or an export.") from error
    try:
        # Bytes that are no text are found as an event that was edited, not as a file that cannot be read.
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            return verify_lines(file, known)
    except OSError as error:
        raise UserError("no-export", f"Cannot read {path}: {error.strerror}.", "Name an export.") from error
    except ValueError as error:
        raise UserError(
            "no-export", f"{path} is no export of a history, or was changed: {error}.", "Compare it with another copy."
        ) from error


def _sentence(found: Proven) -> str:
    if found.misfit is None:
        events = "1 event" if found.head.seq == 1 else f"{found.head.seq:,} events"
        return f"{found.chain}: all fits, {events}. End: {found.head}"
    return f"{found.chain}: event {found.misfit.seq} does not fit ({found.misfit.kind}). {found.misfit.message}"
