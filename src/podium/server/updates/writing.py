"""Writing an update: new files, the rows of the competition, its boards, and what the history says of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from podium.rules.bundle.changes import Change
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, Solution, Task
from podium.server.competitions.services import Belongings, KeptRows, change_competition
from podium.server.competitions.services.recording import parts_of, record_parts_of, said_of_competition
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.services import check_quota, create_data_set, keep_blob
from podium.server.history.services import ChainName, append
from podium.server.imports.members import place_data_sets
from podium.server.imports.people import record_collaborators
from podium.server.leaderboards.services.changing import change_boards
from podium.server.leaderboards.services.recording import board_states, record_boards
from podium.server.submissions.services.changing import refill_boards, requeue
from podium.server.updates.comparison import Comparison

_TASK_SLOTS = (
    DataSetType.SCORING_PROGRAM,
    DataSetType.INGESTION_PROGRAM,
    DataSetType.INPUT_DATA,
    DataSetType.REFERENCE_DATA,
)
_PHASE_SLOTS = (DataSetType.STARTING_KIT, DataSetType.PUBLIC_DATA)

# By the part, what shows on boards; about leaderboards and columns everything does. An empty key is the part itself.
_ON_BOARDS: Mapping[str, Collection[str]] = {
    "task": frozenset({"", "name"}),
    "phase": frozenset({"", "tasks"}),
    **dict.fromkeys(("competition", "page", "question", "solution"), frozenset[str]()),
}

Files = Mapping[tuple[DataSetType, str], int]
"""Data sets by what they are for and the sha256 of what they hold."""


@clock.one_moment()
def write_version(by: Person, found: Comparison, owner: User) -> None:
    """Make the competition the new version, inside the transaction of an update that holds everything concerned.

    What is new belongs to the organizer `owner`, whoever updates; what is the same stays the data set that it is.

    Raises:
        OutOfSpace: the owner's quota does not hold what is new.
    """
    unchanged = _files(found)
    competition_id = found.competition.pk
    belongings = _belongings(found, owner, unchanged)
    kept = KeptRows(
        phases={new.index: found.phase_ids[old.index] for old, new in found.phases.kept},
        tasks={new.index: found.task_ids[old.index] for old, new in found.tasks.kept},
        solutions={new.index: found.solution_ids[old.index] for old, new in found.solutions.kept},
        removed_phases=[found.phase_ids[old.index] for old in found.phases.removed],
        removed_solutions=[found.solution_ids[old.index] for old in found.solutions.removed],
        task_ids=list(found.task_ids.values()),
    )
    parts_before, boards_before = parts_of(competition_id), board_states(competition_id)
    change_competition(competition_id, found.version.spec, belongings, kept)
    kept_boards = {new.key: found.board_ids[old.key] for old, new in found.boards.kept}
    boards = change_boards(competition_id, found.version.spec.leaderboards, kept_boards)
    same_rule = {
        found.board_ids[old.key] for old, new in found.boards.kept if old.submission_rule is new.submission_rule
    }
    _record(by, found, unchanged)
    record_parts_of(by, competition_id, parts_before)
    record_boards(by, competition_id, boards_before)
    if any(_concerns_boards(change) for change in found.changes):
        refill_boards(by, competition_id, another_rule=set(boards) - same_rule)
    if found.old.queue != found.new.queue:
        requeue(competition_id)
    record_collaborators(by, competition_id, list(found.joining))


def _concerns_boards(change: Change) -> bool:
    """Whether rows of boards may look otherwise by it. They name tasks where a value is missing."""
    return change.key in _ON_BOARDS.get(change.part, {change.key})


def _belongings(found: Comparison, owner: User, unchanged: Files) -> Belongings:
    version = found.version
    bundle = create_data_set(
        owner.pk,
        DataSetType.COMPETITION_BUNDLE,
        version.file_name,
        keep_blob(version.bundle),
        name=version.spec.title,
    )
    data_sets = place_data_sets(owner.pk, version.spec, version.members, found.existing, unchanged=unchanged)
    check_quota(owner, 0)
    return Belongings(
        bundle_id=bundle.pk,
        logo=keep_blob(version.members.logo).pk,
        logo_type=version.members.logo_type,
        data_sets=data_sets,
        tasks=found.existing.tasks,
        solutions=found.existing.solutions,
        queue_id=found.existing.queue_id,
        collaborators=tuple(person.id for person in found.joining),
    )


def _files(found: Comparison) -> Files:
    """What the competition is made of now."""
    tasks = Task.objects.filter(pk__in=list(found.task_ids.values())).order_by("pk")
    phases = Phase.objects.filter(competition=found.competition).order_by("pk")
    solutions = Solution.objects.filter(pk__in=list(found.solution_ids.values())).order_by("pk")
    placed = [(slot, pk) for slot in _TASK_SLOTS for pk in tasks.values_list(f"{slot.value}_id", flat=True)]
    placed += [(slot, pk) for slot in _PHASE_SLOTS for pk in phases.values_list(f"{slot.value}_id", flat=True)]
    placed += [(DataSetType.SOLUTION, pk) for pk in solutions.values_list("data_id", flat=True)]
    rows = DataSet.objects.exclude(blob=None).in_bulk([pk for _, pk in placed if pk is not None])
    return {(slot, str(rows[pk].blob_id)): pk for slot, pk in placed if pk in rows}


def _record(by: Person, found: Comparison, unchanged: Files) -> None:
    """Append the event of the whole: which keys of which parts changed, the hashes of what is new."""
    before = {sha256 for _, sha256 in unchanged}
    after = {member.blob.sha256 for member in found.version.members.by_path.values()}
    payload = {
        "competition": found.competition.pk,
        "bundle": found.version.bundle.sha256,
        "files": sorted(after - before),
        "changed": sorted({f"{change.part}.{change.key or change.kind}" for change in found.changes}),
        **said_of_competition(found.competition.pk),
    }
    append(ChainName.competition(found.competition.pk), EventKind.COMPETITION_CHANGED, actor=by, payload=payload)
