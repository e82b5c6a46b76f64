"""`podium user` and `podium token`: accounts and tokens, made where the data folder is."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from podium.cli.site import DEFAULT_DATA, Data

users = typer.Typer(no_args_is_help=True, help="Make accounts.")
tokens = typer.Typer(no_args_is_help=True, help="Make tokens for programs and workers.")


def open_data_folder(data: Path) -> None:
    """Let this process use the database of a data folder.

    Raises:
        UserError: there is no site in it, or its database does not answer.
    """
    from podium.rules.errors import UserError

    folder = data.expanduser().resolve()
    os.environ["PODIUM_DATA"] = str(folder)
    if not os.environ.get("PODIUM_DATABASE_URL") and not (folder / "podium.sqlite3").is_file():
        raise UserError(
            "no-site",
            f"There is no site in {data}.",
            "Start one with `podium up`, or name its folder with --data.",
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")
    import django
    from django.db import OperationalError, connection

    django.setup()
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise UserError(
            "database-unreachable",
            f"The database does not answer: {str(error).strip()}",
            "Check PODIUM_DATABASE_URL, and that the server runs and lets you in.",
        ) from error


@users.command("create")
def create_user(
    name: Annotated[str, typer.Argument(help="What others see on boards.")],
    email: Annotated[str, typer.Argument()],
    password: Annotated[
        str | None, typer.Option(envvar="PODIUM_USER_PASSWORD", help="Asked for if it is not given.")
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything on the site.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make an account."""
    open_data_folder(data)
    from podium.server.accounts.services import create_user as make

    chosen = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    person = make(name, email, chosen, is_admin=admin)
    typer.echo(f"Made the account {person.name}{' (administrator)' if admin else ''}.")


@users.command("password")
def change_password(
    user: Annotated[str, typer.Argument(help="Name or e-mail of the account.")],
    password: Annotated[
        str | None, typer.Option(envvar="PODIUM_USER_PASSWORD", help="Asked for if it is not given.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Set a new password for somebody who forgot theirs."""
    open_data_folder(data)
    from podium.server.accounts.queries import person_named
    from podium.server.accounts.services import set_password

    person = person_named(user)
    set_password(person, password or typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    typer.echo(f"{person.name} has a new password, and is signed out everywhere.")


@users.command("erase")
def erase_user(
    user: Annotated[str, typer.Argument(help="Name or e-mail of the account.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Delete an account for ever: name, address and texts. Scores stay, under "Deleted participant"."""
    open_data_folder(data)
    from podium.server.accounts.queries import account_named
    from podium.server.removal.people import erase

    user_id = account_named(user)
    if not yes:
        typer.confirm(f"Delete the account {user}? Nothing brings it back.", abort=True)
    typer.echo(
        f"The account is deleted. What it left on boards is now that of {erase(None, user_id, also_organizers=True)}."
    )


@users.command("ban")
def ban_user(
    user: Annotated[str, typer.Argument(help="Name or e-mail of the account.")],
    lift: Annotated[bool, typer.Option("--lift", help="Let the account act again.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Keep an account from doing anything on the site, or let it act again."""
    open_data_folder(data)
    from podium.server.accounts.queries import account_named
    from podium.server.accounts.services import set_banned

    changed = set_banned(None, account_named(user), banned=not lift)
    state = "may act again" if lift else "is banned"
    typer.echo(f"{user} {state}." if changed else f"{user} {state}; nothing changed.")


@tokens.command("create")
def create_token(
    user: Annotated[str | None, typer.Argument(help="Name or e-mail of the account to speak for.")] = None,
    worker: Annotated[str | None, typer.Option(help="Make a token for a worker of this name instead.")] = None,
    queue: Annotated[
        list[str] | None, typer.Option(help="With --worker: take runs of this queue alone; as often as you like.")
    ] = None,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a token: for the programs of a user, or for a worker. It is printed once, alone on its line."""
    if (user is None) == (worker is None):
        raise typer.BadParameter("Name either a user, or a worker with --worker.")
    if queue and worker is None:
        raise typer.BadParameter("Only a worker takes runs of a queue: name one with --worker.")
    open_data_folder(data)
    if worker is not None:
        from podium.server.jobs.services import register_worker
        from podium.server.queues.queries import queue_of_vhost, vhost_of

        token = secrets.token_urlsafe(32)
        queues = [queue_of_vhost(vhost_of(each)).id for each in queue or []]
        register_worker(None, worker, token, queue_ids=queues)
    else:
        from podium.server.accounts.queries import person_named
        from podium.server.accounts.services import create_api_token

        token = create_api_token(person_named(str(user)), label)
    typer.echo(token)
