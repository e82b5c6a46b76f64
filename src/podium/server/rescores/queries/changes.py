"""What a rescore would change, as far as it has come: score by score, and rank by rank."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from podium.rules.board.columns import Column
from podium.rules.board.display import aligned
from podium.server.leaderboards.candidates import Candidate
from podium.server.leaderboards.filling import order_if_filled
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries import BoardPlan, CompetitionColumns, plans_of_phase
from podium.server.rescores.results import ItemResult, ItemState
from podium.server.submissions.models import Score
from podium.server.submissions.queries.computed import with_computed
from podium.server.submissions.services.board import candidates_of


@dataclass(frozen=True)
class ScoreChange:
    """A score before and after, in raw values and as boards show it; None where there is none."""

    column_key: str
    title: str
    before: float | None
    after: float | None
    before_text: str
    after_text: str

    @property
    def changed(self) -> bool:
        """Whether it is another one."""
        return self.before != self.after


@dataclass(frozen=True)
class RankMove:
    """The rank of a submission on a leaderboard before and after; None where it does not stand there with a rank."""

    leaderboard_id: int
    board: str
    before: int | None
    after: int | None

    @property
    def moved(self) -> bool:
        """Whether it is another one."""
        return self.before != self.after


@dataclass(frozen=True)
class ShownItem:
    """A submission of a rescore beside what it would become. `edited` says that its scores were written by hand, which
    applying would replace."""

    submission_id: int
    part_id: int
    phase_id: int
    task_id: int
    owner_id: int
    state: ItemState
    reason: str
    scores: tuple[ScoreChange, ...]
    ranks: tuple[RankMove, ...]
    edited: bool
    twice: bool
    differs: bool

    @property
    def changed(self) -> bool:
        """Whether a score of it is another one."""
        return any(score.changed for score in self.scores)

    @property
    def moved(self) -> bool:
        """Whether a rank of it is another one."""
        return any(rank.moved for rank in self.ranks)


def shown_items(results: Sequence[ItemResult], columns: CompetitionColumns, *, with_ranks: bool) -> list[ShownItem]:
    """Every submission of a rescore with what it was scored before, and is now; `with_ranks` also where it would stand
    if what is there by now were applied."""
    living, edited = _living(results)
    ranks: Mapping[int, tuple[RankMove, ...]] = _ranks(results) if with_ranks else {}
    titled = columns.scored
    found = []
    for result in results:
        before = living.get(result.part_id, {}) if result.before is None else result.before
        scores = () if result.shadow.scores is None else _scores(titled, columns, before, result.shadow.scores)
        found.append(
            ShownItem(
                submission_id=result.submission_id,
                part_id=result.part_id,
                phase_id=result.phase_id,
                task_id=result.task_id,
                owner_id=result.owner_id,
                state=result.shadow.state,
                reason=result.shadow.reason,
                scores=scores,
                ranks=ranks.get(result.submission_id, ()),
                edited=result.part_id in edited and not result.applied,
                twice=result.twin is not None,
                differs=result.differs,
            )
        )
    return found


def _living(results: Sequence[ItemResult]) -> tuple[dict[int, dict[str, float]], set[int]]:
    """The scores that count now by submission, and the submissions of which some were written by hand."""
    living: dict[int, dict[str, float]] = {}
    edited: set[int] = set()
    parts = [result.part_id for result in results]
    for start in range(0, len(parts), 500):
        rows = Score.objects.filter(submission_id__in=parts[start : start + 500], superseded_at=None)
        for part, key, value, edit in rows.values_list("submission_id", "column_key", "value", "edit_id"):
            living.setdefault(part, {})[key] = value
            if edit is not None:
                edited.add(part)
    return living, edited


def _scores(
    titled: Sequence[Column], columns: CompetitionColumns, before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[ScoreChange, ...]:
    old, new = with_computed(columns, before), with_computed(columns, after)
    return tuple(
        ScoreChange(
            column.key,
            column.title,
            old.get(column.key),
            new.get(column.key),
            aligned(old.get(column.key), column.precision),
            aligned(new.get(column.key), column.precision),
        )
        for column in titled
        if column.key in old or column.key in new
    )


def _ranks(results: Sequence[ItemResult]) -> dict[int, tuple[RankMove, ...]]:
    """The moves of submissions on the boards of their phases, by submission."""
    fresh = {result.part_id: result.shadow.scores for result in results if result.shadow.scores is not None}
    found: dict[int, tuple[RankMove, ...]] = {}
    for phase_id in sorted({result.phase_id for result in results}):
        candidates = [_with(each, fresh) for each in candidates_of(phase_id)]
        for plan in plans_of_phase(phase_id):
            before, after = _orders(plan, candidates)
            for pk in before.keys() | after.keys():
                move = RankMove(plan.leaderboard_id, plan.title, before.get(pk), after.get(pk))
                found[pk] = (*found.get(pk, ()), move)
    return found


def _with(candidate: Candidate, fresh: Mapping[int, Mapping[str, float]]) -> Candidate:
    """The candidate as it would be with new scores."""
    if not any(task.submission_id in fresh for task in candidate.tasks):
        return candidate
    tasks = tuple(
        replace(task, values=dict(fresh[task.submission_id])) if task.submission_id in fresh else task
        for task in candidate.tasks
    )
    return replace(candidate, tasks=tuple(task for task in tasks if task.values))


def _orders(plan: BoardPlan, candidates: Sequence[Candidate]) -> tuple[dict[int, int], dict[int, int]]:
    """The ranks by submission, as they are and as they would be."""
    entries = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id)
    ranked = entries.filter(ranked=True).order_by("rank_key").values_list("submission_id", flat=True)
    marked = EntryMark.objects.filter(leaderboard_id=plan.leaderboard_id).values_list("submission_id", flat=True)
    on_board = set(entries.values_list("submission_id", flat=True))
    after = order_if_filled(plan, candidates, on_board, set(marked), another_rule=False)
    return dict(_counted(ranked)), dict(_counted(after))


def _counted(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    return ((pk, rank) for rank, pk in enumerate(ids, start=1))
