"""`podium queue`: groups of workers for some competitions, made where the data folder is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.people import open_data_folder
from podium.cli.site import DEFAULT_DATA, Data

if TYPE_CHECKING:
    from podium.server.queues.queries import QueueRow

app = typer.Typer(no_args_is_help=True, help="Make and show queues: workers for some competitions and no others.")

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.command("create")
def create_queue(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    owner: Annotated[str, typer.Option(help="Name or e-mail of the account whose competitions may use it.")],
    organizer: Annotated[
        list[str] | None, typer.Option(help="Another account that may use it; as often as you like.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Every competition may use it.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a queue. Its vhost, which bundles name it by, is printed alone on its line."""
    open_data_folder(data)
    from podium.server.accounts.queries import person_named
    from podium.server.queues.services import create_queue as make

    others = [person_named(each) for each in organizer or []]
    typer.echo(make(name, person_named(owner), organizers=others, is_public=public))


@app.command("list")
def list_queues(as_json: AsJson = False, data: Data = DEFAULT_DATA) -> None:
    """List the queues of a site."""
    open_data_folder(data)
    from podium.cli.printing import printable
    from podium.server.queues.queries import all_queues

    rows = [_described(row) for row in all_queues()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        who = f"{row['owner']}{', public' if row['public'] else ''}"
        busy = f"{len(row['workers'])} workers, {row['waiting']} waiting"
        typer.echo(printable(f"{row['vhost']}  {row['name']:<20} {who:<24} {busy}"))


@app.command("show")
def show_queue(
    vhost: Annotated[str, typer.Argument(help="The UUID that bundles name it by.")],
    as_json: AsJson = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Show a queue: its people, its workers, the competitions that use it, and what waits in it."""
    open_data_folder(data)
    from podium.cli.printing import printable
    from podium.server.queues.queries import queue_of_vhost, vhost_of

    row = _described(queue_of_vhost(vhost_of(vhost)))
    if as_json:
        typer.echo(json.dumps(row, indent=2))
        return
    for name, value in row.items():
        typer.echo(printable(f"{name:<15} {_shown(value)}"))


@app.command("set")
def set_queue(
    vhost: Annotated[str, typer.Argument(help="The UUID that bundles name it by.")],
    default: Annotated[
        str | None,
        typer.Option("--default", help="What a run gets that asks for nothing, like 'memory=2 GiB'."),
    ] = None,
    maximum: Annotated[
        str | None, typer.Option("--max", help="The most that a run gets; knows time, in seconds, as well.")
    ] = None,
    network: Annotated[
        bool | None, typer.Option("--network/--no-network", help="Whether programs reach the network.")
    ] = None,
    runs_per_person: Annotated[
        int | None, typer.Option(min=0, max=32767, help="How many runs of one person at a time; 0: as for the site.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Set what runs of a queue may use; an empty text takes limits back."""
    open_data_folder(data)
    from podium.rules.limits import limits_of_line
    from podium.server.queues.queries import queue_of_vhost, vhost_of
    from podium.server.queues.services import QueuePowers, empower_queue

    powers = QueuePowers(
        limit_defaults=None if default is None else limits_of_line(default),
        limit_maxima=None if maximum is None else limits_of_line(maximum, with_time=True),
        network=network,
        runs_per_person=runs_per_person,
    )
    found = queue_of_vhost(vhost_of(vhost))
    empower_queue(None, found.id, powers)
    show_queue(vhost, data=data)


def _described(queue: QueueRow) -> dict[str, Any]:
    from podium.rules.limits import line_of_limits
    from podium.server.competitions.queries import titles_in_queue
    from podium.server.jobs.queries import load_of

    load = load_of(queue.id)
    return {
        "vhost": str(queue.vhost),
        "name": queue.name,
        "owner": queue.owner,
        "organizers": list(queue.organizers),
        "public": queue.is_public,
        "network": queue.network,
        "default": line_of_limits(queue.limit_defaults),
        "max": line_of_limits(queue.limit_maxima),
        "runs_per_person": queue.runs_per_person,
        "workers": list(load.workers),
        "waiting": load.waiting,
        "competitions": titles_in_queue(queue.id),
    }


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "as for the site"
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)
