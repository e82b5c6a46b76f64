"""What a scoring run is told of its participant's earlier submissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from podium.rules.looking_back import (
    LARGEST_BYTES,
    MOST_SUBMISSIONS,
    PastScores,
    newest_that_fit,
    part_to_see,
    past_hash,
    past_scores,
    submission_facts,
)
from podium.rules.runs import Outcome, Step, SubmissionStatus
from podium.server.submissions.models import Attempt, Score, ScoreEdit, Submission
from podium.server.submissions.services.runs import task_of

Pairs = Sequence[Sequence[Any]]
"""Scores by key in the order written, as they are kept."""

HISTORY = "history"
"""The name of the past among the inputs of an attempt."""


@dataclass(frozen=True)
class Past:
    """The earlier scores that a run is shown. `sources` says of each what it was made from, as an attempt keeps it:
    phase, number, attempt, and what was corrected by hand since."""

    shown: tuple[PastScores, ...] = ()
    sources: tuple[tuple[int, int, int, Pairs], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def made_from(self) -> dict[str, str]:
        """How the past is named among what an attempt was made from; not at all where there is none."""
        return {HISTORY: past_hash(self.shown)} if self.shown else {}


@dataclass(frozen=True)
class _Scored:
    """The scores of one part of an earlier submission, as its program wrote them."""

    part: int
    top: int
    phase_index: int
    number: int
    attempt: int
    pairs: Pairs


def past_of(part: Submission) -> Past:
    """What the scoring program of a part may look back on: the scores of this participant's earlier finished
    submissions to this phase and those before it. What an organizer ran on a single task, for a look, is not among
    them."""
    earlier, remarks = _newest(_earlier(part))
    found = _seen(part, earlier, {each.part: each for each in _scored(earlier)})
    corrected = _corrections(earlier, found)
    sources = [(each.phase_index, each.number, each.attempt, corrected.get(each.part, ())) for each in found]
    past = _past(sources, {each.attempt: each.pairs for each in found})
    return replace(past, remarks=(*remarks, *past.remarks))


def past_again(attempt: Attempt) -> Past | None:
    """The past that an attempt was shown, made again; None where scores that it was made of are gone."""
    sources = [(each[0], each[1], each[2], each[3]) for each in attempt.looked_back]
    wanted = Attempt.objects.filter(pk__in=[source[2] for source in sources])
    pairs = {pk: scores for pk, scores in wanted.values_list("pk", "reported_scores") if scores is not None}
    if len(pairs) < len({source[2] for source in sources}):
        return None
    again = _past(sources, pairs)
    return again if again.made_from.get(HISTORY) == attempt.made_from.get(HISTORY) else None


def facts_of(part: Submission) -> dict[str, str]:
    """The lines of `input/metadata` for the scoring program of a part."""
    return submission_facts(
        submitted_by=part.owner.username,
        submitted_at=part.created_at,
        number=part.number,
        phase_index=part.phase.index,
        automatic=(part.parent or part).migrated_from_id is not None,
    )


def order_keys(part: Submission, past: Past) -> dict[str, Any]:
    """How a run order tells a worker of ours all this."""
    keys: dict[str, Any] = {"facts": facts_of(part)}
    if past.shown:
        keys[HISTORY] = [[each.phase_index, each.number, each.text] for each in past.shown]
        keys["history_of"] = f"{part.phase.competition_id}-{part.owner_id}-{task_of(part).pk}"
    return keys


def _past(sources: Sequence[tuple[int, int, int, Pairs]], pairs: Mapping[int, Pairs]) -> Past:
    everything = [
        past_scores(phase, number, _as_they_stand(pairs[attempt], corrections))
        for phase, number, attempt, corrections in sources
    ]
    shown = newest_that_fit(everything)
    left_out = len(everything) - len(shown)
    places = {each.place for each in shown}
    remark = (
        f"input/history leaves out {left_out} of the oldest submissions: it holds {LARGEST_BYTES >> 20} MiB at most."
    )
    kept = tuple(source for source in sources if (source[0], source[1]) in places)
    return Past(tuple(shown), kept, (remark,) if left_out else ())


def _as_they_stand(written: Pairs, corrections: Pairs) -> dict[str, float]:
    scores: dict[str, Any] = {key: value for key, value in (*written, *corrections)}  # noqa: C416 - lists, no tuples
    return {key: value for key, value in scores.items() if value is not None}


def _earlier(part: Submission) -> Q:
    """Which parts of submissions the past is made of, as a condition on them."""
    top = part.parent or part
    before = Q(created_at__lt=top.created_at) | Q(created_at=top.created_at, parent=None, pk__lt=top.pk)
    before |= Q(created_at=top.created_at, parent__lt=top.pk)
    return before & Q(
        owner=top.owner_id,
        phase__competition=top.phase.competition_id,
        phase__index__lte=top.phase.index,
        is_deleted=False,
        is_task_rerun=False,
    )


def _newest(earlier: Q) -> tuple[Q, tuple[str, ...]]:
    """The condition, for as many of the newest submissions as are looked back on, and what to say of the others.

    A submission and its parts were sent at the same moment."""
    tops = Submission.objects.filter(earlier, parent=None, status=SubmissionStatus.FINISHED).order_by("-created_at")
    begin = tops.values_list("created_at", flat=True)[MOST_SUBMISSIONS - 1 : MOST_SUBMISSIONS + 1]
    oldest = list(begin)
    if len(oldest) < 2:
        return earlier, ()
    remark = f"input/history leaves out the oldest submissions: it holds the newest {MOST_SUBMISSIONS:,} at most."
    return earlier & Q(created_at__gte=oldest[0]), (remark,)


def _scored(earlier: Q) -> Iterable[_Scored]:
    """The scores of all finished parts, in the order of attempts: of several of one part the last counts."""
    finished = Submission.objects.filter(
        earlier,
        Q(parent=None) | Q(parent__status=SubmissionStatus.FINISHED),
        status=SubmissionStatus.FINISHED,
        task__isnull=False,
    )
    rows = (
        Attempt.objects.filter(
            run__submission__in=finished,
            run__step=Step.SCORING,
            run__in_shadow=False,
            outcome=Outcome.FINISHED,
        )
        .order_by("pk")
        .values_list(
            "run__submission_id",
            "run__submission__parent_id",
            "run__submission__phase__index",
            "run__submission__number",
            "pk",
            "reported_scores",
        )
    )
    for part, parent, phase_index, number, attempt, pairs in rows:
        if pairs is None:
            continue
        yield _Scored(part, parent or part, phase_index, number, attempt, pairs)


def _seen(part: Submission, earlier: Q, scored: Mapping[int, _Scored]) -> list[_Scored]:
    """Of each earlier submission the part whose scores this part's program sees."""
    parts: dict[int, list[tuple[int, int]]] = {}
    rows = Submission.objects.filter(earlier, task__isnull=False).order_by("pk")
    for pk, parent, task in rows.values_list("pk", "parent_id", "task_id"):
        parts.setdefault(parent or pk, []).append((pk, task))
    place = _place(part)
    found = []
    for several in parts.values():
        chosen = part_to_see(task_of(part).pk, place, [task for _, task in several])
        if chosen is not None and several[chosen][0] in scored:
            found.append(scored[several[chosen][0]])
    return sorted(found, key=lambda each: (each.phase_index, each.number))


def _place(part: Submission) -> int:
    """Where a part stands among those of its submission."""
    if part.parent_id is None:
        return 0
    return Submission.objects.filter(parent=part.parent_id, pk__lt=part.pk).count()


def _corrections(earlier: Q, found: Sequence[_Scored]) -> dict[int, Pairs]:
    """By part, in which scores those that stand now are not those that its program wrote: None is one taken away."""
    edits = ScoreEdit.objects.filter(submission__in=Submission.objects.filter(earlier))
    edited = set(edits.values_list("submission_id", flat=True))
    if not edited:
        return {}
    return {each.part: corrections for each in found if each.part in edited and (corrections := _correction(each))}


def _correction(scored: _Scored) -> Pairs:
    rows = Score.objects.filter(submission=scored.part).order_by("position", "pk")
    standing = dict(rows.filter(superseded_at=None).values_list("column_key", "value"))
    kept = set(rows.filter(attempt=scored.attempt).values_list("column_key", flat=True))
    changed = [[key, standing.get(key)] for key, value in scored.pairs if key in kept and standing.get(key) != value]
    written = {key for key, _ in scored.pairs}
    return [*changed, *([key, value] for key, value in standing.items() if key not in written)]
