"""Keep what programs were given, what they left and what they printed, in folders for people to look into."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.cli.local.choose import PhasePlan
from podium.rules.bundle.spec import PhaseSpec
from podium.rules.errors import UserError
from podium.rules.runs import Step
from podium.worker.execute import ProgramRun, Role, StepOrder, StepResult

MARKER = "podium-run.json"
"""The file that marks a folder as one that was kept; the folders that it names are replaced by the next run."""

_LONGEST_SLUG = 40
_PHASE_FOLDER = re.compile(r"phase-\d+(-[a-z0-9-]+)?")


@dataclass(frozen=True)
class Place:
    """One submission on one task of a phase: `number` counts the submissions of the phase from 1."""

    phase: PhaseSpec
    number: int
    entrant: str
    task_index: int
    task: str

    @property
    def folder(self) -> Path:
        """Where it is kept, relative to the folder of the run."""
        return Path(
            _phase_folder(self.phase),
            _named(f"submission-{self.number}", self.entrant),
            _named(f"task-{self.task_index}", self.task),
        )


class Keeping:
    """Copies every step into `folder`, which is new, empty, or was kept by an earlier run; that one is replaced.

    Raises:
        UserError: there is something else in the folder (`folder-not-empty`), or it cannot be written
            (`folder-unwritable`).
    """

    def __init__(self, folder: Path, plans: Sequence[PhasePlan]) -> None:
        self._folder = folder
        self._first_copies: dict[Path, Path] = {}
        phases = [_phase_folder(plan.phase) for plan in plans]
        try:
            _clear(folder)
            folder.mkdir(parents=True, exist_ok=True)
            _write_json(folder / MARKER, {"made_by": "podium run", "phases": phases})
        except OSError as failure:
            raise _unwritable(folder, failure) from failure

    def keep(self, place: Place, order: StepOrder, result: StepResult) -> None:
        """Keep what a step was given and what came of it.

        Raises:
            UserError: it cannot be written (`folder-unwritable`).
        """
        folder = self._folder / place.folder / str(order.step)
        try:
            if order.history is not None and any(order.history.iterdir()):
                # It grows from one submission to the next, so that a copy of an earlier one will not do.
                _copy(order.history, folder / "input" / "history")
            for name, source in _inputs(order):
                # The next time the copy is linked rather than made again: data may be large, and runs many.
                _copy(self._first_copies.get(source, source), folder / "input" / name)
                self._first_copies.setdefault(source, folder / "input" / name)
            _copy(result.output, folder / "output")
            logs = folder / "logs"
            logs.mkdir()
            for run in result.runs:
                for stream, text in (("stdout", run.stdout), ("stderr", run.stderr)):
                    (logs / f"{_program_name(order.step, run.role)}.{stream}.txt").write_text(text, encoding="utf-8")
            _write_json(folder / "step.json", _about(place, order, result))
        except OSError as failure:
            raise _unwritable(folder, failure) from failure


def _inputs(order: StepOrder) -> Iterator[tuple[str, Path]]:
    """What the programs of the step could see, by the names that a bundle has for it."""
    seen: dict[str, Path | None] = {"input_data": order.input_data}
    if order.step is Step.PREDICTION:
        seen["submission"] = order.submission
    else:
        seen["scoring_program"] = order.scoring_program
        seen["reference_data"] = order.reference_data
        seen["predictions"] = order.predictions
    if order.runs_ingestion:
        seen["ingestion_program"] = order.ingestion_program
    for name, source in seen.items():
        if source is not None:
            yield name, source


def _about(place: Place, order: StepOrder, result: StepResult) -> dict[str, Any]:
    failure = result.failure
    return {
        "phase": place.phase.name,
        "submission": place.entrant,
        "task": place.task,
        "step": str(order.step),
        "runtime": order.runtime.name,
        "ok": result.ok,
        "problem": {"code": failure.code, "message": failure.message, "hint": failure.hint} if failure else None,
        "notes": list(result.notes),
        "scores": dict(result.scores),
        "programs": [program_as_json(order.step, run) for run in result.runs],
    }


def program_as_json(step: Step, run: ProgramRun) -> dict[str, Any]:
    """How one program ran, as plain values; durations in seconds."""
    outcome = run.outcome
    return {
        "program": _program_name(step, run.role),
        "command": list(run.argv),
        "ending": str(outcome.ending),
        "exit_code": outcome.exit_code,
        "elapsed_s": round(outcome.elapsed_s, 3),
        "cpu_s": None if outcome.cpu_s is None else round(outcome.cpu_s, 3),
        "memory_peak_bytes": outcome.memory_peak_bytes,
    }


def _program_name(step: Step, role: Role) -> str:
    if role is Role.INGESTION:
        return "ingestion_program"
    return "submission" if step is Step.PREDICTION else "scoring_program"


def _clear(folder: Path) -> None:
    """Remove what an earlier run kept; nothing is removed where something else is there too."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError("folder-not-empty", f"{folder} is a file.", "Name a new folder with --keep.")
    present = {entry.name for entry in folder.iterdir()}
    if not present:
        return
    kept = _kept_before(folder / MARKER)
    if not kept or present - kept:
        raise UserError(
            "folder-not-empty",
            f"{folder} is not empty, and holds more than what an earlier run kept there.",
            "Name a new folder with --keep, or empty this one.",
        )
    for name in present - {MARKER}:
        shutil.rmtree(folder / name)


def _kept_before(marker: Path) -> set[str]:
    """The names that an earlier run made beside the marker, and its own; none where there is no such marker."""
    try:
        written = json.loads(marker.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return set()
    phases = written.get("phases") if isinstance(written, dict) else None
    if not isinstance(phases, list):
        return set()
    return {MARKER, *(name for name in phases if isinstance(name, str) and _PHASE_FOLDER.fullmatch(name))}


def _copy(source: Path, target: Path) -> None:
    """A copy of a folder, made of links to the same files where that is possible."""
    shutil.copytree(source, target, symlinks=True, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _phase_folder(phase: PhaseSpec) -> str:
    return _named(f"phase-{phase.index}", phase.name)


def _named(number: str, name: str) -> str:
    """`phase-0` and "Development Phase" make `phase-0-development-phase`."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_LONGEST_SLUG].strip("-")
    return f"{number}-{slug}" if slug else number


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _unwritable(folder: Path, failure: OSError) -> UserError:
    return UserError(
        "folder-unwritable",
        f"{folder} cannot be written: {failure.strerror or failure}.",
        "Name another folder with --keep, or make room.",
    )
