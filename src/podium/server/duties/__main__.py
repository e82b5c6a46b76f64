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
    from podium.server.duties.internal import InternalJobs
    from podium.server.duties.kinds import KINDS
    from podium.server.duties.rounds import make_rounds
    from podium.server.duties.seldom import make_seldom_rounds
    from podium.server.history.wakeups import CommitWatch

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=make_seldom_rounds, args=(stopping,), name="seldom", daemon=True).start()
    with InternalJobs(KINDS, stopping) as jobs, CommitWatch(jobs.look):
        make_rounds(stopping)


if __name__ == "__main__":
    main()
