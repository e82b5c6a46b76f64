"""A worker by its environment: `python -m podium.worker` with PODIUM_WORKER_SERVER, _TOKEN, _SLOTS, _FOLDER and
_DRAIN_S."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from podium.rules.errors import PodiumError, SandboxUnavailable, UserError
from podium.sandbox.backends import chosen
from podium.worker.execute.limits import own_maxima
from podium.worker.process import WorkerOptions, WorkerProcess

_LONGEST_DRAIN_S = 86_400


def options_from(environment: Mapping[str, str]) -> WorkerOptions:
    """A worker's options from PODIUM_WORKER_* variables.

    Raises:
        UserError: one is missing or makes no sense.
    """
    server = environment.get("PODIUM_WORKER_SERVER", "")
    token = environment.get("PODIUM_WORKER_TOKEN", "")
    if not server or not token:
        raise UserError(
            "setting-missing",
            "A worker needs to know its server and its token.",
            "Set PODIUM_WORKER_SERVER and PODIUM_WORKER_TOKEN.",
        )
    slots = environment.get("PODIUM_WORKER_SLOTS", "1")
    if not slots.isdecimal() or not 0 < int(slots) <= 1000:
        raise UserError("setting-invalid", f"PODIUM_WORKER_SLOTS is {slots!r}.", "Set it to a number from 1 to 1000.")
    folder = Path(environment.get("PODIUM_WORKER_FOLDER") or _default_folder())
    drain_s, sandbox, maxima = _drain_s(environment), chosen(environment), own_maxima(environment)
    return WorkerOptions(server, token, int(slots), folder, drain_s, sandbox, maxima)


def _drain_s(environment: Mapping[str, str]) -> float:
    said = environment.get("PODIUM_WORKER_DRAIN_S", "30")
    if not said.isdecimal() or not said.isascii() or int(said) > _LONGEST_DRAIN_S:
        raise UserError(
            "setting-invalid",
            f"PODIUM_WORKER_DRAIN_S is {said!r}.",
            f"Set it to a number of seconds from 0 to {_LONGEST_DRAIN_S}.",
        )
    return float(said)


def _default_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("podium") / "worker"


def main() -> int:
    """Work until SIGTERM or SIGINT. Returns the exit status: `os.EX_CONFIG` where programs cannot be isolated here, so
    that whoever supervises the worker knows that starting it again soon would change nothing."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("podium").setLevel(logging.INFO)
    try:
        worker = WorkerProcess(options_from(os.environ))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
    except PodiumError as error:
        print(error, file=sys.stderr)
        return os.EX_CONFIG if isinstance(error, SandboxUnavailable) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
