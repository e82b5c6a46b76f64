"""Phases of CodaLab, each of which brings its own programs and data, and the tasks they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from podium.rules.bundle.codalab.families import Draft, Family, group_phases
from podium.rules.bundle.codalab.keys import PHASE
from podium.rules.bundle.codalab.tasks import read_task
from podium.rules.bundle.files import BundleFiles
from podium.rules.bundle.findings import Mark
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import FileRef, PhaseSpec, TaskSpec
from podium.rules.bundle.windows import read_end

_HIDING = ("hide_output", "hide_prediction_output", "hide_score_output")


@dataclass(frozen=True)
class PhasesReading:
    """The phases, the tasks made from them, and what they say about the leaderboard: whether the best submission of
    each participant stands on it, and where the first phase that hides it says so.
    """

    phases: tuple[PhaseSpec, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()
    forces_best: bool = False
    hides_board: Mark | None = None


def read_phases(competition: Section, files: BundleFiles) -> PhasesReading:
    """The phases in the order of their numbers, numbered from 0, each open until the next one starts.

    Parallel phases become tasks of their parent. The reading lacks phases where the findings hold an error.
    """
    drafts = [_draft(section) for _, section in competition.named_sections("phases", PHASE)]
    drafts.sort(key=lambda draft: draft.number or 0)
    _note_repeated_numbers(drafts)
    families = group_phases(drafts)
    ends = _ends(competition, families)
    tasks: list[TaskSpec] = []
    phases: list[PhaseSpec] = []
    for position, (family, end) in enumerate(zip(families, ends, strict=True)):
        made = [read_task(len(tasks) + place, draft, files) for place, draft in enumerate(family.tasks)]
        tasks += made
        phase = _phase(position, family, end, tuple(task.index for task in made), files)
        if phase is not None:
            phases.append(phase)
    hiding = [draft for draft in drafts if _hides_results(draft.section)]
    best = True in [draft.section.flag("force_best_submission_to_leaderboard") for draft in drafts]
    for draft in drafts:
        draft.section.note_unknown_keys()
    mark = hiding[0].section.mark("leaderboard_management_mode") if hiding else None
    return PhasesReading(tuple(phases), tuple(tasks), best, mark)


def _draft(section: Section) -> Draft:
    return Draft(
        section=section,
        number=section.whole("phasenumber"),
        label=section.text("label") or section.path,
        start=section.moment("start_date"),
        parent=section.whole("parent_phasenumber"),
        is_parent=section.flag("is_parallel_parent"),
    )


def _ends(competition: Section, families: Sequence[Family]) -> list[datetime | None]:
    """The end of each phase: the start of the next one, for the last one that of the competition."""
    for earlier, later in pairwise(families):
        _check_order(earlier.head, later.head)
    head = families[-1].head if families else None
    last = read_end(competition, "end_date", head.start if head else None)
    if head is None:
        return []
    if head.section.flag("phase_never_ends"):
        last = None
    if last and last == head.start:
        message = f'"{head.label}" is never open: the competition ends at the moment when it starts.'
        mark = competition.mark("end_date")
        competition.findings.note("phase-never-open", message, mark, "Correct one of the two, or remove end_date.")
    elif last and head.start and last < head.start:
        message = (
            f'The competition ends at {_said(last)}, not after the start of "{head.label}" at {_said(head.start)}.'
        )
        hint = "Correct one of the two, or remove end_date."
        competition.findings.error("phase-window", message, competition.mark("end_date"), hint)
    return [*(later.head.start for later in families[1:]), last]


def _check_order(earlier: Draft, later: Draft) -> None:
    section = earlier.section
    if section.flag("phase_never_ends"):
        message = f'"{earlier.label}" ends when "{later.label}" starts: one phase is open at a time.'
        section.findings.note("phase-ends", message, section.mark("phase_never_ends"))
    if earlier.number is None or later.number is None or earlier.start is None or later.start is None:
        return
    if earlier.start < later.start:
        return
    mark = later.section.mark("start_date")
    if earlier.start == later.start:
        message = f'"{earlier.label}" is never open: "{later.label}" starts at the same moment.'
        later.section.findings.note("phase-never-open", message, mark, "Give one of them another start_date.")
    else:
        message = (
            f'The phase "{later.label}" starts at {_said(later.start)}, '
            f'before "{earlier.label}" starts at {_said(earlier.start)}.'
        )
        hint = "Phases follow one another in the order of their numbers."
        later.section.findings.error("phase-overlap", message, mark, hint)


def _phase(
    position: int, family: Family, end: datetime | None, tasks: tuple[int, ...], files: BundleFiles
) -> PhaseSpec | None:
    head = family.head
    section = head.section
    values: dict[str, object] = {
        "description": section.text("description"),
        "max_submissions": _limit(section, "max_submissions"),
        "max_submissions_per_day": _limit(section, "max_submissions_per_day"),
        "execution_time_limit_s": max(_time_limit(draft.section) for draft in family.members),
        "auto_migrate_to_this_phase": section.flag("auto_migration"),
        "starting_kit": _first_member(family, "starting_kit", files),
        "public_data": _first_member(family, "public_data", files),
    }
    for key in _HIDING:
        values[key] = True in [draft.section.flag(key) for draft in family.members]
    if any(_hides_results(draft.section) for draft in family.members):
        values |= {"hide_output": True, "hide_score_output": True}
    if position == 0 and values["auto_migrate_to_this_phase"]:
        message = f"{section.named('auto_migration')} has no effect: there is no phase before this one."
        section.findings.note("phase-migrates-nothing", message, section.mark("auto_migration"), "Remove it.")
        values["auto_migrate_to_this_phase"] = False
    if head.start is None:
        return None
    return PhaseSpec.model_validate(
        {"index": position, "name": head.label, "start": head.start, "end": end, "tasks": tasks, **values}
    )


def _limit(section: Section, key: str) -> int | None:
    limit = section.limit(key)
    if limit is None and section.node(key) is not None:
        message = f"{section.named(key)} is 0, which is no limit here; CodaLab took no submissions then."
        section.findings.note("limit-none", message, section.mark(key), "Write 1 to let nobody submit more than once.")
    return limit


def _time_limit(section: Section) -> int:
    return section.whole("execution_time_limit") or int(str(section.level["execution_time_limit"].default))


def _first_member(family: Family, key: str, files: BundleFiles) -> FileRef | None:
    """What the parent names, or the first of its parallel phases that names something."""
    found = [files.member(draft.section, key) for draft in family.members]
    return next((member for member in found if member is not None), None)


def _hides_results(section: Section) -> bool:
    return section.choice("leaderboard_management_mode") == "hide_results"


def _note_repeated_numbers(drafts: Sequence[Draft]) -> None:
    for earlier, later in pairwise(drafts):
        if later.number is not None and earlier.number == later.number:
            message = f"{later.section.named('phasenumber')} is {later.number} like that of another phase."
            hint = "They keep the order of the file; give each its own number to be sure."
            later.section.findings.note("phase-index-repeated", message, later.section.mark("phasenumber"), hint)


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
