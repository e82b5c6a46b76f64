"""Lay out on disk what a step reads, and what it leaves: copies, the `metadata` file, folders programs can read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from podium.rules.flat_yaml import plain_values
from podium.sandbox.readable import readable_by_all
from podium.worker.execute.mounts import Staged
from podium.worker.execute.order import ProgramRun, Role, StepOrder

METADATA = "metadata"
_FORGIVEN = "ingestionFailure"
_LARGEST_METADATA_BYTES = 16 << 10


def stage_scoring(order: StepOrder, work: Path) -> Staged:
    """Make, below `work`, the folders and files of a scoring step that its order does not bring."""
    empty = _folder(work / "empty")
    shared = _folder(work / "shared")
    shared.chmod(0o777)  # the two programs may run under two users
    facts = work / "facts"
    facts.write_text("".join(f"{name}: {_one_line(value)}\n" for name, value in order.facts.items()), encoding="utf-8")
    facts.chmod(0o644)
    predictions = _with_metadata(order.predictions or empty, work / "predictions", ran=order.predictions_ran)
    return Staged(predictions, facts, empty, shared)


def _with_metadata(predictions: Path, copy: Path, *, ran: bool) -> Path:
    """The predictions, or a copy of them with the `metadata` file that scoring programs expect to find there."""
    if ran and (predictions / METADATA).is_file() and readable_by_all(predictions):
        return predictions
    copy_missing(predictions, _folder(copy))
    if not ran or not (copy / METADATA).is_file():
        write_metadata(copy, ())
    make_readable(copy)
    return copy


def write_metadata(output: Path, runs: Sequence[ProgramRun], forgiven: str = "") -> None:
    """Write the file `metadata`: how the programs of the step ended and how long they took, in seconds.

    `forgiven` is the message of a failure that did not end the step; `earlier_failure` reads it back.

    What a submission brought under that name is replaced, because scoring programs trust this file.
    """
    program = next((run for run in runs if run.role is Role.PROGRAM), None)
    ingestion = next((run for run in runs if run.role is Role.INGESTION), None)
    timed = program or ingestion
    content: dict[str, Any] = {
        "exitCode": program.outcome.exit_code if program else None,
        "elapsedTime": timed.outcome.elapsed_s if timed else None,
        "ingestionExitCode": ingestion.outcome.exit_code if ingestion else None,
        "ingestionElapsedTime": ingestion.outcome.elapsed_s if ingestion else None,
    }
    if forgiven:
        content[_FORGIVEN] = forgiven
    path = output / METADATA
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def earlier_failure(predictions: Path) -> str:
    """The message of a failure of the prediction step that did not end it; empty where there was none."""
    path = predictions / METADATA
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        content = file.read(_LARGEST_METADATA_BYTES)
    message = plain_values(content).get(_FORGIVEN)
    return message if isinstance(message, str) else ""


def copy_missing(source: Path, destination: Path) -> list[str]:
    """Copy the plain files of `source` that `destination` does not have yet; the names that it had already."""
    taken = []
    for path in _plain_files(source):
        name = path.relative_to(source)
        target = destination / name
        if target.exists() or any((destination / parent).is_file() for parent in name.parents):
            taken.append(str(name))
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return taken


def make_readable(folder: Path) -> None:
    """Let every user read `folder`: the next step runs under another one. Access is decided further up."""
    for here, _, names in os.walk(folder):
        Path(here).chmod(0o755)
        for path in (Path(here, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o644)


def _plain_files(folder: Path) -> Iterator[Path]:
    for here, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(here, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path


def _one_line(value: str) -> str:
    return "".join(character if character.isprintable() else " " for character in value)
