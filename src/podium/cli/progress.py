"""How far something is that takes a while: a bar in a terminal, now and then a line elsewhere, both on stderr."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from podium.cli.printing import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from podium.sdk.competitions import TellImport

_LABELS = {"upload": "Uploading", "import": "Importing"}
_LINE_EVERY_S = 5.0


@contextmanager
def telling(*, quiet: bool = False) -> Iterator[TellImport]:
    """Who shows how far an import is while the `with` block lasts; nobody where it is to be quiet."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet:
        from podium.sdk.competitions import tell_nobody

        yield tell_nobody
    elif console.is_terminal:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            yield _Bars(progress)
    else:
        yield _Lines()


class _Bars:
    """One bar for each step, which moves."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int, saying: str) -> None:
        if step not in self._bars:
            self._bars[step] = self._progress.add_task(_LABELS[step], total=None)
        self._progress.update(
            self._bars[step], description=printable(saying or _LABELS[step]), completed=done, total=total or None
        )


class _Lines:
    """A line for each step once it takes long, and another every few seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _LINE_EVERY_S

    def __call__(self, step: str, done: int, total: int, saying: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LINE_EVERY_S
            typer.echo(printable(f"{saying or _LABELS[step]}: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB"), err=True)
