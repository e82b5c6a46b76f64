"""`podium rescore start`, `show`, `apply`, `cancel`: scoring what was submitted once more, before it counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.printing import json_text, printable
from podium.cli.remote import DEFAULT_SERVER, Server, Token, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podium.sdk.client import PodiumClient
    from podium.sdk.rescore_answers import RescoreAnswer

Number = Annotated[int, typer.Argument(metavar="RESCORE", help="Number of the rescore.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_LOOK_EVERY_S = 1.0


def start(
    competition: Annotated[int, typer.Argument(help="Number of the competition.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; participants read it.")],
    phase: Annotated[int | None, typer.Option("--phase", help="Number of a phase; default: all of them.")] = None,
    submission: Annotated[
        list[int] | None, typer.Option("--submission", help="Number of a submission; as often as you like.")
    ] = None,
    sample: Annotated[int, typer.Option("--sample", help="How many to score twice.")] = 5,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everything has been scored.")] = False,
    as_json: AsJson = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Score what was submitted once more, by the programs and data of the tasks as they are now. Nothing counts yet."""
    with client_of(server, token) as client:
        made = client.start_rescore(competition, reason, phase=phase, submissions=submission, sample=sample)
        _tell(_scored(client, made) if wait else client.rescore(made), as_json=as_json)


def show(
    rescore: Number,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everything has been scored.")] = False,
    as_json: AsJson = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Show how far a rescore is, and what it would change."""
    with client_of(server, token) as client:
        _tell(_scored(client, rescore) if wait else client.rescore(rescore), as_json=as_json)


def apply(rescore: Number, as_json: AsJson = False, server: Server = DEFAULT_SERVER, token: Token = "") -> None:
    """Let the scores of a rescore count, all at one moment."""
    with client_of(server, token) as client:
        _tell(client.decide_rescore(rescore, "apply"), as_json=as_json)


def cancel(rescore: Number, as_json: AsJson = False, server: Server = DEFAULT_SERVER, token: Token = "") -> None:
    """Drop a rescore: all scores stay as they are."""
    with client_of(server, token) as client:
        _tell(client.decide_rescore(rescore, "cancel"), as_json=as_json)


def _scored(client: PodiumClient, number: int) -> RescoreAnswer:
    """The rescore, once nothing of it waits any more, or somebody has decided about it."""
    while True:
        found = client.rescore(number)
        if found.state != "open" or not found.waits:
            return found
        time.sleep(_LOOK_EVERY_S)


def _tell(found: RescoreAnswer, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json_text(found.model_dump(mode="json"), indent=2))
        return
    for line in _lines(found):
        typer.echo(printable(line))


def _lines(found: RescoreAnswer) -> Iterator[str]:
    counts = ", ".join(f"{count:,} {state}" for state, count in found.counts.items() if count)
    yield f"Rescore {found.id} of competition {found.competition}, {found.state}: {counts}."
    yield f"{found.changed:,} of {found.submissions:,} have other scores."
    if found.moved is not None:
        yield f"{found.moved:,} would have other ranks."
    twice = found.scored_twice
    if twice.sampled:
        same = twice.compared - twice.differing
        yield f"Scored twice: {twice.sampled:,}; {same:,} the same both times, {twice.differing:,} not."
    if found.outdated:
        yield "A program or data of a task was replaced since. Cancel it and start another."
    for item in found.items:
        if item.state in {"failed", "left"}:
            yield f"  submission {item.submission}: {item.state}. {item.reason or ''}".rstrip()
            continue
        said = [
            f"{score.column_key} {_number(score.before)} to {_number(score.after)}"
            for score in item.scores
            if score.before != score.after
        ]
        said += [
            f"rank {_number(rank.before)} to {_number(rank.after)}" for rank in item.ranks if rank.before != rank.after
        ]
        if said:
            yield f"  submission {item.submission}: {'; '.join(said)}"


def _number(value: float | None) -> str:
    return "none" if value is None else repr(value)
