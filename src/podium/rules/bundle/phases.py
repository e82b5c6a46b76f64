"""Phases: their order, their windows, their limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from podium.rules.bundle.files import BundleFiles
from podium.rules.bundle.keys import PHASE
from podium.rules.bundle.limits import check_limits
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import PhaseSpec
from podium.rules.bundle.tasks import read_task_indexes
from podium.rules.bundle.windows import read_end
from podium.rules.phases import Migrated

MIGRATED_KEY = "migrate"
"""Under `podium` in a phase: which submissions `auto_migrate_to_this_phase` takes over."""


@dataclass(frozen=True)
class _Window:
    section: Section
    name: str
    order: int
    start: datetime | None
    end: datetime | None


def read_phases(competition: Section, files: BundleFiles, task_indexes: Collection[int]) -> tuple[PhaseSpec, ...]:
    """The phases in the order of their `index`, renumbered from 0, one after the other in time.

    Empty where a window cannot be read; the findings then hold the reason.
    """
    windows = [_window(section) for section in competition.sections("phases", PHASE)]
    windows.sort(key=lambda window: window.order)
    _note_repeated_indexes(windows)
    _check_sequence(windows)
    phases = [_phase(position, window, files, task_indexes) for position, window in enumerate(windows)]
    return tuple(phase for phase in phases if phase is not None)


def _window(section: Section) -> _Window:
    name = section.text("name") or section.path
    start = section.moment("start")
    return _Window(section, name, section.whole("index") or 0, start, read_end(section, "end", start))


def _phase(position: int, window: _Window, files: BundleFiles, task_indexes: Collection[int]) -> PhaseSpec | None:
    section = window.section
    extensions = section.extensions()
    values: dict[str, object] = {
        "tasks": read_task_indexes(section, task_indexes),
        "max_submissions": section.limit("max_submissions"),
        "max_submissions_per_day": section.limit("max_submissions_per_day"),
        "execution_time_limit_s": section.whole("execution_time_limit")
        or section.level["execution_time_limit"].default,
        "starting_kit": files.member(section, "starting_kit"),
        "public_data": files.member(section, "public_data"),
        "extensions": extensions,
    }
    for flag in ("auto_migrate_to_this_phase", "hide_output", "hide_prediction_output", "hide_score_output"):
        values[flag] = section.flag(flag)
    for text in ("name", "description"):
        values[text] = section.text(text)
    _check_migrated(section, extensions)
    check_limits(section, extensions)
    if position == 0 and values["auto_migrate_to_this_phase"]:
        message = f"{section.named('auto_migrate_to_this_phase')} is true, but there is no phase before this one."
        mark = section.mark("auto_migrate_to_this_phase")
        section.findings.error("phase-migrates-nothing", message, mark, "Remove it.")
    section.note_unknown_keys()
    if window.start is None:
        return None
    return PhaseSpec.model_validate({"index": position, "start": window.start, "end": window.end, **values})


def _check_migrated(section: Section, extensions: Mapping[str, object]) -> None:
    written = extensions.get(MIGRATED_KEY, Migrated.ALL.value)
    if written not in tuple(Migrated):
        message = f'"{section.path}.podium.{MIGRATED_KEY}" must be one of: {", ".join(Migrated)}.'
        section.findings.error("migrate-unknown", message, section.mark("podium"), "Leave it out for all.")


def _note_repeated_indexes(windows: list[_Window]) -> None:
    for earlier, later in pairwise(windows):
        given = all("index" in window.section.table.entries for window in (earlier, later))
        if given and earlier.order == later.order:
            message = f"{later.section.named('index')} is {later.order} like that of another phase."
            hint = "They keep the order of the list; give each its own index to be sure."
            later.section.findings.note("phase-index-repeated", message, later.section.mark("index"), hint)


def _check_sequence(windows: list[_Window]) -> None:
    for window in windows:
        section = window.section
        if window.start and window.end == window.start:
            message = f'The phase "{window.name}" is never open: it ends at the moment when it starts.'
            section.findings.note("phase-never-open", message, section.mark("end"), "Give it a later end.")
        elif window.start and window.end and window.end < window.start:
            message = (
                f'The phase "{window.name}" ends at {_said(window.end)}, not after its start {_said(window.start)}.'
            )
            section.findings.error("phase-window", message, section.mark("end"), "Correct one of the two.")
    for earlier, later in pairwise(windows):
        section = earlier.section
        if section.node("end") is None:
            message = f'The phase "{earlier.name}" has no end, but "{later.name}" follows it.'
            section.findings.error(
                "phase-endless", message, section.mark("end"), "Only the last phase may lack an end."
            )
        elif earlier.end and later.start and later.start < earlier.end:
            message = (
                f'The phase "{later.name}" starts at {_said(later.start)}, '
                f'before "{earlier.name}" ends at {_said(earlier.end)}.'
            )
            hint = "Phases follow one another; a phase may start at the moment the one before ends."
            later.section.findings.error("phase-overlap", message, later.section.mark("start"), hint)


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
