"""Make a data folder ready to be served: keys, tables, static files, the supervisor's own worker.

Runs as a process of its own (`python -m podium.launch.prepare`), so that the supervisor itself stays small.
"""

from __future__ import annotations

import os
import sys

from podium.rules.errors import UserError

LOCAL_WORKER = "local"


def prepare() -> None:
    """Bring the data folder and the database up to date; safe to repeat."""
    import django
    from django.core.management import call_command

    from podium.server.configuration import configuration, make_data_folder

    make_data_folder(configuration())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    token = os.environ.get("PODIUM_WORKER_TOKEN")
    if token:
        from podium.server.jobs.services import register_worker

        register_worker(None, LOCAL_WORKER, token)


def main() -> int:
    """Prepare by the environment; returns the exit status."""
    from django.db.utils import OperationalError

    try:
        prepare()
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"The database does not answer: {error}", file=sys.stderr)
        print("Check PODIUM_DATABASE_URL, and that the server runs and lets you in.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
