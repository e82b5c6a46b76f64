"""The jobs process: `python -m podium.server.duties`."""

from __future__ import annotations

import os
import signal
import threading

import django


def main() -> None:
    """Do the duties until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")
    django.setup()
    # It imports models, which exist only after Django's set-up.
    from podium.server.duties.rounds import make_rounds

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    make_rounds(stopping)


if __name__ == "__main__":
    main()
