"""One rescore: how far it is, what it would change, and whether the programs give the same scores twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, Task
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.rescores.materials import materials_of
from podium.server.rescores.models import Rescore, RescoreState
from podium.server.rescores.queries.changes import ShownItem, shown_items
from podium.server.rescores.queries.logs import RescoreLog, logs_of_rescore
from podium.server.rescores.queries.rows import RescoreRow, rows_of
from podium.server.rescores.results import ItemResult, ItemState, results_of
from podium.server.rescores.services.deciding import rescore_for
from podium.server.submissions.models import Submission


@dataclass(frozen=True)
class Twins:
    """What scoring `sampled` submissions twice has shown: of the `compared` ones, `differing` got other scores."""

    sampled: int
    compared: int
    differing: int


@dataclass(frozen=True)
class RescoreDetail:
    """A rescore with its submissions: first what has no scores or gets others, then what would move, then the rest, a
    page of them; `logs` has what was written about those of the page. `waits` says how many are still to be scored;
    `outdated` that a task was changed since it began, so that it cannot be applied."""

    row: RescoreRow
    counts: Mapping[ItemState, int]
    changed: int
    moved: int
    edited: int
    outdated: bool
    twins: Twins
    items: tuple[ShownItem, ...]
    logs: Mapping[int, tuple[RescoreLog, ...]]
    total: int
    owners: Mapping[int, str]
    numbers: Mapping[int, int]
    tasks: Mapping[int, str]
    phases: Mapping[int, str]

    @property
    def waits(self) -> int:
        """How many are not scored yet, and will be."""
        return self.counts[ItemState.WAITING] + self.counts[ItemState.RUNNING]

    @property
    def scored(self) -> int:
        """How many have their new scores."""
        return self.counts[ItemState.SCORED]

    @property
    def kept(self) -> int:
        """How many have none and will not, so that they keep what they have."""
        return self.counts[ItemState.FAILED] + self.counts[ItemState.LEFT]

    @property
    def is_open(self) -> bool:
        """Whether it can be applied or cancelled."""
        return self.row.state is RescoreState.OPEN


def rescore_detail(person: Person, rescore_id: int, *, limit: int = 100, offset: int = 0) -> RescoreDetail:
    """A rescore, for those who may apply it.

    Raises:
        NotFound, NotAllowed: it is not for this person.
    """
    rescore = rescore_for(person, rescore_id)
    columns = columns_of_competition(rescore.competition_id)
    results = results_of(rescore_id, columns)
    still_open = rescore.state == RescoreState.OPEN
    items = shown_items(results, columns, with_ranks=still_open)
    part = sorted(items, key=_urgency)[offset : offset + limit]
    owners = User.objects.in_bulk({item.owner_id for item in part})
    counted = [result.shadow.state for result in results]
    return RescoreDetail(
        row=rows_of([rescore])[0],
        counts={state: counted.count(state) for state in ItemState},
        changed=sum(item.changed for item in items),
        moved=len({item.submission_id for item in items if item.moved}),
        edited=sum(item.edited and item.state is ItemState.SCORED for item in items),
        outdated=still_open and _outdated(rescore),
        twins=_twins(results),
        items=tuple(part),
        logs=logs_of_rescore(rescore_id, [item.part_id for item in part]),
        total=len(items),
        owners={pk: owner.shown_name for pk, owner in owners.items()},
        numbers=dict(
            Submission.objects.filter(pk__in=[item.submission_id for item in part]).values_list("pk", "number")
        ),
        tasks=dict(Task.objects.filter(pk__in={item.task_id for item in part}).values_list("pk", "name")),
        phases=dict(Phase.objects.filter(pk__in={item.phase_id for item in part}).values_list("pk", "name")),
    )


def _urgency(item: ShownItem) -> tuple[bool, bool, bool, bool, int]:
    kept = item.state in {ItemState.FAILED, ItemState.LEFT}
    return (not kept, not item.differs, not item.changed, not item.moved, item.part_id)


def _twins(results: Sequence[ItemResult]) -> Twins:
    return Twins(
        sampled=sum(result.twin is not None for result in results),
        compared=sum(result.compared for result in results),
        differing=sum(result.differs for result in results),
    )


def _outdated(rescore: Rescore) -> bool:
    then: dict[str, dict[str, str]] = rescore.made_from
    return materials_of([int(pk) for pk in then]) != then
