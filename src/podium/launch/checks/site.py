"""All checks of a site, in the order in which they are shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from podium.launch.checks.check import Check
from podium.rules.errors import UserError

_DATABASE = "podium.sqlite3"
_KEY = "secret.key"


def has_site(data: Path) -> bool:
    """Whether there is a site to look at: in the folder, or in a database that a setting names."""
    folder = data.expanduser().resolve()
    return bool(os.environ.get("PODIUM_DATABASE_URL")) or any((folder / name).exists() for name in (_DATABASE, _KEY))


def check_site(data: Path) -> Iterator[Check]:
    """Look at the site in a folder; this process then belongs to it. Nothing is changed but for a moment.

    What rests on the database is left out where the database does not answer.
    """
    os.environ["PODIUM_DATA"] = str(data.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")
    try:
        import django

        django.setup()
    except UserError as error:
        yield Check("settings", "failed", error.message, error.hint)
        return
    except OSError as error:
        yield Check("settings", "failed", f"They cannot be read: {error}.", "Run this as the user the site runs as.")
        return
    from podium.launch.checks import clocks, database, mail, software, storage, workers

    yield from software.check_software()
    found = list(database.check_database())
    yield from found
    answers = not any(each.part == database.ANSWERS and each.state == "failed" for each in found)
    has_tables = answers and not any(each.part == database.TABLES and each.state == "failed" for each in found)
    without: list[Callable[[], Iterator[Check]]] = [storage.check_storage, mail.check_mail]
    with_tables: list[Callable[[], Iterator[Check]]] = [clocks.check_clocks, workers.check_workers]
    for look in without + (with_tables if has_tables else []):
        yield from look()
