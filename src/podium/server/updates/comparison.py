"""A competition beside the new version of its bundle: what is which, and what changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

from podium.rules.bundle.changes import Change
from podium.rules.bundle.comparing import Version, compare
from podium.rules.bundle.spec import CompetitionSpec, FileRef, LeaderboardSpec, PhaseSpec, SolutionSpec, TaskSpec
from podium.rules.errors import Problem
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.accounts.queries import people_named
from podium.server.competitions.models import Competition
from podium.server.exports.description import Described, describe
from podium.server.imports.naming import Existing, find_existing
from podium.server.imports.people import find_collaborators
from podium.server.updates.bundles import NewVersion
from podium.server.updates.contents import StoredContents
from podium.server.updates.matching import Match, match_boards, match_phases, match_solutions, match_tasks
from podium.server.updates.resolving import solutions_in_full, stored_keys, tasks_in_full, under_keys_of_old


@dataclass(frozen=True)
class Comparison:
    """A competition and the version that it is to become.

    `old` and `new` say alike what both have, whoever owns it and however it is named: they are for comparing. What is
    written is `version.spec`, whose parts have the indexes of those of `new`. Rows have their ids by the index of
    their part in `old`, leaderboards by their key. `existing` is what the version names by key, `missing` the problem
    of each key that does not do; `joining` are the people who come to organize the competition.
    """

    competition: Competition
    version: NewVersion
    old: CompetitionSpec
    new: CompetitionSpec
    existing: Existing
    missing: tuple[Problem, ...]
    task_ids: Mapping[int, int]
    solution_ids: Mapping[int, int]
    phase_ids: Mapping[int, int]
    board_ids: Mapping[str, int]
    joining: tuple[Person, ...]
    notes: tuple[Problem, ...]
    contents_of_old: StoredContents
    contents_of_new: StoredContents

    @cached_property
    def tasks(self) -> Match[TaskSpec]:
        """Which tasks stay, go and come."""
        return match_tasks(self.old.tasks, self.new.tasks)

    @cached_property
    def solutions(self) -> Match[SolutionSpec]:
        """Which solutions stay, go and come."""
        return match_solutions(self.old.solutions, self.new.solutions)

    @cached_property
    def phases(self) -> Match[PhaseSpec]:
        """Which phases stay, go and come."""
        return match_phases(self.old.phases, self.new.phases)

    @cached_property
    def boards(self) -> Match[LeaderboardSpec]:
        """Which leaderboards stay, go and come."""
        return match_boards(self.old.leaderboards, self.new.leaderboards)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Everything that changes, in words."""
        return compare(Version(self.old, self.contents_of_old), Version(self.new, self.contents_of_new))

    @property
    def digest(self) -> str:
        """What tells whether somebody has seen just these changes."""
        said = json.dumps([asdict(change) for change in self.changes], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    @cached_property
    def kept_tasks(self) -> Mapping[int, int]:
        """The row of each task that is there already, by its index in `new`."""
        return {new.index: self.task_ids[old.index] for old, new in self.tasks.kept} | dict(self.existing.tasks)

    def same_file(self, old: FileRef | None, new: FileRef | None) -> bool:
        """Whether a file of the competition and one of the version are the same bytes, or both are none."""
        if old is None or new is None:
            return old is new
        return self.contents_of_old(old) == self.contents_of_new(new)


def compared(by: Person, competition: Competition, version: NewVersion) -> Comparison:
    """Put a competition and the new version of its bundle beside one another. Reads only.

    Raises:
        Conflict: the competition lacks something that a bundle needs.
    """
    described = describe(competition, keys_instead_of_files=False)
    existing, missing = find_existing(by, version.spec, competition_id=competition.pk)
    joining, notes = _joining(by, competition, version.spec)
    old = _old_in_full(described)
    new = _new_in_full(version.spec, existing, old, joining)
    old_sha256s = {path: blob.sha256 for path, blob in described.blobs.items()}
    new_sha256s = version.sha256s()
    stored = stored_keys(old, new)
    alike = {*old_sha256s.values(), *stored.values()} & {*new_sha256s.values(), *stored.values()}
    return Comparison(
        competition=competition,
        version=version,
        old=old,
        new=new,
        existing=existing,
        missing=tuple(missing),
        task_ids=described.task_ids,
        solution_ids=described.solution_ids,
        phase_ids=dict(competition.phases.values_list("index", "pk")),
        board_ids=dict(competition.leaderboards.values_list("key", "pk")),
        joining=joining,
        notes=notes,
        contents_of_old=StoredContents(old_sha256s, stored, alike),
        contents_of_new=StoredContents(new_sha256s, stored, alike),
    )


def _old_in_full(described: Described) -> CompetitionSpec:
    spec = described.spec
    update = {
        "tasks": tuple(tasks_in_full(spec.tasks, described.task_ids)),
        "solutions": tuple(solutions_in_full(spec.solutions, described.solution_ids)),
        # Databases sort names and addresses by rules of their own.
        "collaborators": tuple(sorted(spec.collaborators)),
        "whitelist_emails": tuple(sorted(spec.whitelist_emails)),
    }
    return spec.model_copy(update=update)


def _new_in_full(
    spec: CompetitionSpec, existing: Existing, old: CompetitionSpec, joining: tuple[Person, ...]
) -> CompetitionSpec:
    """The version as the competition would say it: with everybody who organizes it and under the keys of its rows."""
    tasks = tasks_in_full(spec.tasks, existing.tasks)
    solutions = solutions_in_full(spec.solutions, existing.solutions)
    names = User.objects.filter(pk__in=[person.id for person in joining]).values_list("username", flat=True)
    update = {
        "version": old.version,
        "tasks": under_keys_of_old(tasks, match_tasks(old.tasks, tasks)),
        "solutions": under_keys_of_old(solutions, match_solutions(old.solutions, solutions)),
        "collaborators": tuple(sorted({*old.collaborators, *names})),
        "whitelist_emails": tuple(sorted(set(spec.whitelist_emails))),
    }
    return spec.model_copy(update=update)


def _joining(
    by: Person, competition: Competition, spec: CompetitionSpec
) -> tuple[tuple[Person, ...], tuple[Problem, ...]]:
    """The people named who do not organize the competition yet, and a note about each name of one who does not."""
    organizers = {competition.created_by_id, *competition.collaborators.values_list("pk", flat=True)}
    known = people_named(spec.collaborators)
    others = tuple(name for name in spec.collaborators if name not in known or known[name].id not in organizers)
    people, notes = find_collaborators(by, spec.model_copy(update={"collaborators": others}))
    return tuple(people), tuple(notes)
