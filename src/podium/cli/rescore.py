"""`podium rescore`: make scores of a site once more, those of one submission or of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli import rescores
from podium.cli.printing import json_text, printable
from podium.cli.remote import DEFAULT_SERVER, Server, Token, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podium.sdk.rescore_answers import VerificationAnswer


app = typer.Typer(invoke_without_command=True)
app.command("start")(rescores.start)
app.command("show")(rescores.show)
app.command("apply")(rescores.apply)
app.command("cancel")(rescores.cancel)


@app.callback()
def rescore(
    context: typer.Context,
    verify: Annotated[
        int | None,
        typer.Option("--verify", metavar="SUBMISSION", help="Number of the submission to make the scores of again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Make scores once more: of many submissions, by the commands below, or of one from the same files, to see whether
    they come out the same.

    For those who run its competition. Exit status of --verify: 0 if the same came of the same, 1 if anything differs.
    """
    if context.invoked_subcommand is not None:
        return
    if verify is None:
        raise typer.BadParameter(
            "Name a submission with --verify, or use one of the commands start, show, apply, cancel."
        )
    with client_of(server, token) as client:
        found = [client.verification(number) for number in client.verify(verify)]
    if as_json:
        typer.echo(json_text([each.model_dump(mode="json") for each in found], indent=2))
    else:
        for each in found:
            for line in _lines(each, named=len(found) > 1):
                typer.echo(printable(line))
    if not all(each.agrees for each in found):
        raise typer.Exit(1)


def _lines(found: VerificationAnswer, *, named: bool) -> Iterator[str]:
    about = f"Submission {found.submission}{f' on {found.task}' if named else ''}"
    differences = found.differences
    if differences is None:
        yield f"{about}: its scores could not be made again. {found.problem or ''}".rstrip()
        return
    if found.agrees:
        yield f"{about}: the same scores, from the same files."
    elif differences.scores:
        yield f"{about}: the scores differ."
    else:
        yield f"{about}: the same scores, but not from the same."
    for score in differences.scores:
        by = "" if score.by is None else f" (by {score.by:g})"
        yield f"  {score.key}: {_number(score.before)} then, {_number(score.now)} now{by}"
    for each in (*differences.inputs, *differences.where):
        yield f"  {each.step}, {each.what}: {each.before or 'none'} then, {each.now or 'none'} now"


def _number(value: float | None) -> str:
    return "none" if value is None else repr(value)
