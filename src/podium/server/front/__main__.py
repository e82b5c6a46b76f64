"""One web process of Podium: `python -m podium.server.front --fd N`, or `--host` and `--port`.

The supervisor opens the listening socket once and passes its descriptor to each of its web processes.
"""

from __future__ import annotations

import argparse
import socket
from collections.abc import Sequence

from podium.server.configuration import configuration
from podium.server.front.listening import listen
from podium.server.front.serve import ServeSettings, serve


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    chosen = _parser().parse_args(arguments)
    listener = socket.socket(fileno=chosen.fd) if chosen.fd is not None else listen(chosen.host, chosen.port)
    # Only now: Django's set-up is slow, and --help and a taken port need nothing of it.
    from podium.server.front.assembly import assemble

    trusted = configuration().trusted_proxies if chosen.trusted_proxies is None else chosen.trusted_proxies
    settings = ServeSettings(trusted_proxies=trusted, graceful_shutdown_s=chosen.timeout_graceful_shutdown)
    serve(assemble(), listener, settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m podium.server.front", description="One web process of Podium.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    parser.add_argument("--fd", type=int, help="descriptor of a socket that listens already, instead of both")
    parser.add_argument("--trusted-proxies", help="whose X-Forwarded headers are believed (PODIUM_TRUSTED_PROXIES)")
    parser.add_argument("--timeout-graceful-shutdown", type=int, default=5, help="seconds for open requests at the end")
    return parser


if __name__ == "__main__":
    main()
