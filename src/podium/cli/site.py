"""`podium up` and `podium worker`: run a whole site, or a worker for one that runs elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path, typer.Option("--data", envvar="PODIUM_DATA", help="The folder that holds everything.", file_okay=False)
]
DEFAULT_DATA = Path("podium-data")


def up(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    data: Data = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")] = "127.0.0.1",
    url: Annotated[
        str | None,
        typer.Option(envvar="PODIUM_URL", help="What people type to reach the site, if it is something else."),
    ] = None,
    web_processes: Annotated[int | None, typer.Option(min=1, max=64, help="Default: two, or one on one core.")] = None,
    slots: Annotated[
        int | None, typer.Option(min=1, max=256, help="Runs at the same time. Default: half the cores.")
    ] = None,
) -> None:
    """Run a site: web, worker and jobs, until Ctrl-C."""
    from podium.launch.site import Site, SiteOptions

    chosen = SiteOptions(data=data, host=host, port=port, url=url)
    site = Site(
        SiteOptions(
            data=data,
            host=host,
            port=port,
            url=url,
            web_processes=web_processes or chosen.web_processes,
            slots=slots or chosen.slots,
        )
    )
    site.prepare()
    site.serve(lambda line: typer.echo(line, err=True))


def worker(
    server: Annotated[str, typer.Option(envvar="PODIUM_WORKER_SERVER", help="Address of the site to work for.")],
    token: Annotated[
        str, typer.Option(envvar="PODIUM_WORKER_TOKEN", help="From `podium token create --worker NAME` on the server.")
    ],
    slots: Annotated[
        int, typer.Option(envvar="PODIUM_WORKER_SLOTS", min=1, max=1000, help="Runs at the same time.")
    ] = 1,
    folder: Annotated[
        Path | None, typer.Option(envvar="PODIUM_WORKER_FOLDER", help="For its cache; nothing that must be kept.")
    ] = None,
) -> None:
    """Run programs for a site, on this machine, until Ctrl-C."""
    os.environ.update(PODIUM_WORKER_SERVER=server, PODIUM_WORKER_TOKEN=token, PODIUM_WORKER_SLOTS=str(slots))
    if folder is not None:
        os.environ["PODIUM_WORKER_FOLDER"] = str(folder)
    from podium.worker.__main__ import main

    raise typer.Exit(main())
