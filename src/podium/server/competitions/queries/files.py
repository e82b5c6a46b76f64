"""The files of a competition, as one person may fetch them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from podium.server.competitions.queries.detail import CompetitionDetail
from podium.server.competitions.queries.phases import NamedFile, PhaseDetail, TaskDetail

SOLUTION = "solution"


@dataclass(frozen=True)
class OfferedFile:
    """A file, the phase that it is offered in, and the task that it belongs to, where it belongs to one."""

    named: NamedFile
    phase: PhaseDetail
    task: TaskDetail | None = None


def offered_files(detail: CompetitionDetail) -> Iterator[OfferedFile]:
    """Every file that has arrived and that the person of the detail may fetch, phase by phase: starting kit and public
    data, then task by task what the organizer made available, and for those who run the competition everything."""
    for phase in detail.phases:
        for named in (phase.starting_kit, phase.public_data):
            if named is not None and named.file is not None:
                yield OfferedFile(named, phase)
        for task in phase.tasks:
            samples = (NamedFile(each.data_key, SOLUTION, each.name, each.file) for each in task.solutions)
            for named in (*task.files, *samples):
                if named.file is not None:
                    yield OfferedFile(named, phase, task)
