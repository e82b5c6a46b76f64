"""The whole of a version 2 competition.yaml, from its root table."""

from __future__ import annotations

from podium.rules.bundle.fact_sheet import read_fact_sheet
from podium.rules.bundle.files import BundleFiles
from podium.rules.bundle.findings import Findings
from podium.rules.bundle.images import read_image_name
from podium.rules.bundle.keys import COMPETITION, PAGE
from podium.rules.bundle.leaderboards import read_leaderboards
from podium.rules.bundle.limits import check_limits
from podium.rules.bundle.nodes import Table
from podium.rules.bundle.people import read_address, read_addresses, read_names
from podium.rules.bundle.phases import read_phases
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import SWITCHES, CompetitionSpec, PageSpec, PhaseSpec, TaskSpec
from podium.rules.bundle.tasks import read_solutions, read_tasks


def read_competition(document: Table, files: BundleFiles, findings: Findings) -> CompetitionSpec:
    """The competition that the document describes. To be used only where `findings` has no errors."""
    section = Section(document, COMPETITION, "", findings)
    terms_file, terms = files.page(section, "terms")
    tasks = read_tasks(section, files)
    indexes = {task.index for task in tasks}
    solutions = read_solutions(section, files, indexes)
    phases = read_phases(section, files, indexes)
    _note_unused_tasks(section, tasks, phases)
    queue = section.uuid("queue")
    extensions = section.extensions()
    check_limits(section, extensions)
    values: dict[str, object] = {flag: section.flag(flag) for flag in SWITCHES}
    values |= {
        "version": "2",
        "title": section.text("title"),
        "description": section.text("description"),
        "reward": section.text("reward"),
        "image": files.image(section, "image"),
        "terms": terms,
        "terms_file": terms_file,
        "pages": _read_pages(section, files),
        "docker_image": read_image_name(section, "docker_image"),
        "contact_email": read_address(section, "contact_email"),
        "collaborators": read_names(section, "collaborators"),
        "whitelist_emails": read_addresses(section, "whitelist_emails"),
        "competition_type": section.choice("competition_type"),
        "queue": str(queue) if queue else None,
        "tasks": tasks,
        "solutions": solutions,
        "phases": phases,
        "leaderboards": read_leaderboards(section),
        "fact_sheet": read_fact_sheet(section),
        "extensions": extensions,
    }
    section.note_unknown_keys()
    return CompetitionSpec.model_validate(values)


def _read_pages(competition: Section, files: BundleFiles) -> tuple[PageSpec, ...]:
    pages = []
    for position, section in enumerate(competition.sections("pages", PAGE)):
        title = section.text("title")
        file, content = files.page(section, "file")
        section.note_unknown_keys()
        pages.append(PageSpec(index=position, title=title, file=file, content=content))
    return tuple(pages)


def _note_unused_tasks(
    competition: Section,
    tasks: tuple[TaskSpec, ...],
    phases: tuple[PhaseSpec, ...],
) -> None:
    used = {index for phase in phases for index in phase.tasks}
    for task in tasks:
        if competition.findings.has_errors or task.index in used:
            continue
        message = f'The task {task.index} "{task.name}" is in no phase.'
        competition.findings.note(
            "task-unused", message, competition.mark("tasks"), "Name it in a phase, or remove it."
        )
