"""`podium rescore`: make scores of a site once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.printing import json_text, printable
from podium.cli.remote import DEFAULT_SERVER, Server, Token, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podium.sdk.answers import VerificationAnswer


def rescore(
    verify: Annotated[
        int,
        typer.Option("--verify", metavar="SUBMISSION", help="Number of the submission to make the scores of again."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Make the scores of a submission once more from the same files, and say what differs. Nothing on the site changes.

    For those who run its competition. Exit status: 0 if the same came of the same, 1 if anything differs.
    """
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
