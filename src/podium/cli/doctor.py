"""`podium doctor`: what isolates programs on this machine, and whether the site's parts work, by trying them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.site import DEFAULT_DATA, Data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from podium.launch.checks import Check
    from podium.sandbox.interface import LimitReport

_COLOURS = {
    "enforced": typer.colors.GREEN,
    "approximate": typer.colors.YELLOW,
    "not enforced": typer.colors.RED,
    "in order": typer.colors.GREEN,
    "none": typer.colors.YELLOW,
    "attention": typer.colors.YELLOW,
    "failed": typer.colors.RED,
}
_BAD = frozenset({"not enforced", "failed"})


def doctor(
    sandbox: Annotated[
        str, typer.Option(envvar="PODIUM_SANDBOX", help="The back end to try: bubblewrap, docker or none.")
    ] = "bubblewrap",
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Try whether programs are isolated here, and whether every part of the site works. Status 1 if anything fails."""
    shown = _Shown(quiet=as_json)
    limits, no_network, trouble = _limits(sandbox, shown)
    site = _site(data, shown)
    bad = [limit for limit in limits if limit["enforcement"] in _BAD]
    broken = [check for check in site or [] if check["state"] in _BAD]
    healthy = not (bad or broken or trouble)
    if as_json:
        content = {
            "healthy": healthy,
            "sandbox": {"name": sandbox, "error": trouble or None, "limits": limits, "no_network": no_network},
            "site": None if site is None else {"data": str(data.expanduser().resolve()), "checks": site},
        }
        typer.echo(json.dumps(content, indent=2))
    else:
        _sum_up(len(bad), len(broken), trouble)
    raise typer.Exit(0 if healthy else 1)


def _limits(name: str, shown: _Shown) -> tuple[list[dict[str, Any]], str | None, str]:
    """The report of each limit, why runs of queues with a network cannot be done here (None where they can), and what
    kept the rest from being tried."""
    from podium.rules.errors import InternalError, UserError
    from podium.sandbox.backends import open_sandbox
    from podium.sandbox.doctor import examine, examine_network
    from podium.sandbox.temporary import temporary_folder

    shown.heading(f"Sandbox {name}")
    found: list[dict[str, Any]] = []

    def tell(report: LimitReport) -> None:
        found.append(asdict(report))
        shown.row(report.limit, report.enforcement, report.detail, report.advice)

    try:
        # Of the kind that no other doctor takes for one left behind.
        with temporary_folder("podium-doctor-work-") as folder:
            sandbox = open_sandbox(name, 0, folder)
            for report in examine(sandbox):
                tell(report)
            reports, no_network = examine_network(sandbox)
            for report in reports:
                tell(report)
    except (InternalError, UserError) as error:
        shown.trouble(str(error))
        return found, None, str(error)
    if not reports and no_network:
        shown.row("network of queues", "none", no_network, "")
    return found, no_network or None, ""


def _site(data: Path, shown: _Shown) -> list[dict[str, Any]] | None:
    """The checks of the site; None where there is none."""
    from podium.launch.checks import check_site, has_site

    if not has_site(data):
        shown.heading("Site")
        shown.line(f"There is no site in {data}, so the sandbox alone was tried. --data names the folder of one.")
        return None
    shown.heading(f"Site in {data}")
    return [asdict(check) for check in shown.checks(check_site(data))]


def _sum_up(bad: int, broken: int, trouble: str) -> None:
    said = []
    if trouble:
        said.append("Programs cannot be run here.")
    if bad:
        said.append(f"{bad} limit{'s are' if bad > 1 else ' is'} not enforced.")
    if broken:
        said.append(f"{broken} part{'s' if broken > 1 else ''} of the site failed.")
    typer.echo()
    typer.secho(" ".join(said) or "Everything holds.", fg=typer.colors.RED if said else typer.colors.GREEN, bold=True)


class _Shown:
    """Lines for people, as soon as something is known; none of them where JSON is written."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def line(self, text: str) -> None:
        from podium.cli.printing import printable

        if not self._quiet:
            typer.echo(f"  {printable(text)}")

    def heading(self, text: str) -> None:
        if not self._quiet:
            typer.secho(text, bold=True)

    def trouble(self, text: str) -> None:
        if not self._quiet:
            typer.secho(f"  {text}", fg=typer.colors.RED)

    def row(self, name: str, word: str, detail: str, advice: str) -> None:
        from podium.cli.printing import printable

        if self._quiet:
            return
        coloured = typer.style(f"{word:<13}", fg=_COLOURS[word], bold=word in _BAD)
        typer.echo(f"  {name:<24}{coloured}{printable(detail)}")
        if advice:
            typer.echo(f"  {'':<24}{'':<13}{printable(advice)}")

    def checks(self, checks: Iterable[Check]) -> Iterator[Check]:
        """The checks, each shown on its way."""
        for check in checks:
            self.row(check.part, check.state, check.detail, check.advice)
            yield check
