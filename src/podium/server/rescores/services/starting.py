"""Starting a rescore: which submissions, and a run in the shadow for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from podium.rules.access import Action
from podium.rules.errors import Conflict, NotFound, UserError
from podium.rules.history import EventKind
from podium.rules.runs import Outcome, Step, SubmissionStatus
from podium.rules.turns import IN_SHADOW
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.services import ChainName, append, keep_text
from podium.server.jobs.leases import create_jobs
from podium.server.leaderboards.services.marks import checked_reason
from podium.server.rescores.materials import matches, materials_of
from podium.server.rescores.models import Rescore, RescoreItem, RescoreState
from podium.server.submissions.models import Attempt, Run, RunFile, Submission
from podium.server.submissions.services.changing import hold_submissions
from podium.server.submissions.services.claim import PREDICTIONS_GONE

MOST_AT_ONCE = 10_000
USUAL_SAMPLE = 5
MOST_SAMPLED = 100
_PORTION = 500


@dataclass(frozen=True)
class RescoreWish:
    """What to score once more: everything of the competition, or what was submitted to a phase, or these submissions.
    `sample` of them are scored twice. `reason` is for everybody to read."""

    reason: str
    phase_id: int | None = None
    submission_ids: tuple[int, ...] | None = None
    sample: int = USUAL_SAMPLE


def start(by: Person, competition_id: int, wish: RescoreWish) -> int:
    """Let the finished submissions that are wished for be scored by the programs and data of their tasks as they are
    now, from what their prediction steps wrote. Nothing that anybody sees changes. Returns the rescore's number.

    Raises:
        NotFound, NotAllowed: the competition is not the person's to rescore, or has no such phase or submission.
        UserError: there is no reason, nothing to score, or too much at once.
        Conflict: another rescore of the competition is open, or a worker still scores by files that were replaced.
    """
    standing_of(by, competition_id).require(Action.EDIT_SCORES)
    reason = checked_reason(wish.reason, needed=True)
    if not 0 <= wish.sample <= MOST_SAMPLED:
        message = f"Between 0 and {MOST_SAMPLED} submissions can be scored twice, not {wish.sample}."
        raise UserError("sample-invalid", message, "Choose a number between them.")
    with transaction.atomic():
        # So that nobody replaces a program between the choice of the submissions and their runs.
        hold_submissions(competition_id)
        if Rescore.objects.filter(competition_id=competition_id, state=RescoreState.OPEN).exists():
            raise _open_already()
        if wish.submission_ids is None:
            _require_no_older_runs(competition_id, wish.phase_id)
        parts = _parts(competition_id, wish)
        gone = _without_predictions(parts)
        able = [part for part in parts if part.pk not in gone]
        sampled = _spread(able, wish.sample)
        rescore = Rescore.objects.create(
            competition_id=competition_id,
            phase_id=wish.phase_id,
            chosen=wish.submission_ids is not None,
            reason=reason,
            made_from=materials_of({part.task_id for part in able if part.task_id is not None}),
            sampled=len(sampled),
            by_id=by.id,
            created_at=clock.now(),
        )
        _write_items(by, rescore, parts, gone, {part.pk for part in sampled})
        chain = ChainName.competition(competition_id)
        payload = {
            "rescore": rescore.pk,
            "phase": wish.phase_id,
            "submissions": len(parts),
            "sampled": len(sampled),
            "reason": keep_text(chain, reason),
        }
        append(chain, EventKind.RESCORE_STARTED, actor=by, payload=payload)
    return rescore.pk


def _parts(competition_id: int, wish: RescoreWish) -> list[Submission]:
    """What ran on one task and has finished, of what is wished for, in the order of its numbers."""
    found = Submission.objects.filter(
        phase__competition_id=competition_id,
        task__isnull=False,
        status=SubmissionStatus.FINISHED,
        is_deleted=False,
        is_task_rerun=False,
    )
    if wish.phase_id is not None:
        if not Phase.objects.filter(pk=wish.phase_id, competition_id=competition_id).exists():
            raise NotFound("no-such-phase", "The competition has no such phase.", "Choose one of its phases.")
        found = found.filter(phase_id=wish.phase_id)
    if wish.submission_ids is not None:
        wanted = _known(competition_id, wish.submission_ids)
        found = found.filter(Q(pk__in=wanted) | Q(parent_id__in=wanted))
    parts = list(found.select_related("data").order_by("pk")[: MOST_AT_ONCE + 1])
    if len(parts) > MOST_AT_ONCE:
        message = f"These are more than {MOST_AT_ONCE:,} submissions at once."
        raise UserError("too-many", message, "Rescore one phase after the other, or chosen submissions.")
    if not parts:
        raise UserError(
            "nothing-to-rescore",
            "There is no finished submission among these, so nothing can be scored once more.",
            "Submissions that failed are run again instead.",
        )
    return parts


def _require_no_older_runs(competition_id: int, phase_id: int | None) -> None:
    """What is still being scored by files that were replaced would be missing here, and come to the board all the
    same: one half of it would be old."""
    under_way = Attempt.objects.filter(
        run__submission__phase__competition_id=competition_id,
        run__submission__is_task_rerun=False,
        run__step=Step.SCORING,
        run__in_shadow=False,
        outcome="",
    )
    if phase_id is not None:
        under_way = under_way.filter(run__submission__phase_id=phase_id)
    found = list(under_way.values_list("run__submission__task_id", "made_from"))
    now = materials_of({task for task, _ in found})
    older = sum(not matches(made_from, now.get(str(task), {})) for task, made_from in found)
    if older:
        are = "1 submission is" if older == 1 else f"{older:,} submissions are"
        raise Conflict(
            "older-runs",
            f"{are} still being scored by a program or data that you have replaced since.",
            "Start the rescore when that has ended.",
        )


def _known(competition_id: int, ids: Collection[int]) -> list[int]:
    if len(ids) > _PORTION:
        message = f"More than {_PORTION} submissions were named."
        raise UserError("too-many", message, "Rescore the phase, or name fewer.")
    theirs = Submission.objects.filter(pk__in=list(ids), phase__competition_id=competition_id, is_deleted=False)
    missing = set(ids) - set(theirs.values_list("pk", flat=True))
    if missing:
        message = f"The competition has no submission {min(missing)}."
        raise NotFound("submission-not-found", message, "Look at the numbers in the list of its submissions.")
    return list(ids)


def _without_predictions(parts: Sequence[Submission]) -> frozenset[int]:
    """Those of which nothing is kept any more that could be scored."""
    gone: set[int] = set()
    for portion in _portions(parts):
        ids = [part.pk for part in portion]
        runs = Run.objects.filter(submission_id__in=ids, step=Step.PREDICTION, in_shadow=False)
        predicted = set(runs.values_list("submission_id", flat=True))
        kept = RunFile.objects.filter(
            attempt__run__in=runs, kind="prediction_result", attempt__outcome=Outcome.FINISHED
        ).exclude(ticket__blob=None)
        gone |= predicted - set(kept.values_list("attempt__run__submission_id", flat=True))
        gone |= {part.pk for part in portion if part.pk not in predicted and part.data.blob_id is None}
    return frozenset(gone)


def _spread(parts: Sequence[Submission], number: int) -> list[Submission]:
    """So many of them, evenly from the first to the last."""
    number = min(number, len(parts))
    return [parts[place * len(parts) // number] for place in range(number)]


def _write_items(
    by: Person, rescore: Rescore, parts: Sequence[Submission], gone: Collection[int], sampled: Collection[int]
) -> None:
    able = [part.pk for part in parts if part.pk not in gone]
    runs = _shadow_runs(by, rescore.competition_id, able)
    twins = _shadow_runs(by, rescore.competition_id, [pk for pk in able if pk in sampled])
    RescoreItem.objects.bulk_create(
        (
            RescoreItem(
                rescore=rescore,
                submission=part,
                run=runs.get(part.pk),
                twin=twins.get(part.pk),
                problem=PREDICTIONS_GONE if part.pk in gone else "",
            )
            for part in parts
        ),
        batch_size=_PORTION,
    )


def _shadow_runs(by: Person, competition_id: int, submission_ids: Sequence[int]) -> Mapping[int, Run]:
    queue_id = Competition.objects.values_list("queue_id", flat=True).get(pk=competition_id)
    jobs = create_jobs(Step.SCORING, len(submission_ids), owner_id=by.id, priority=IN_SHADOW, queue_id=queue_id)
    runs = Run.objects.bulk_create(
        (
            Run(submission_id=pk, step=Step.SCORING, job=job, in_shadow=True)
            for pk, job in zip(submission_ids, jobs, strict=True)
        ),
        batch_size=_PORTION,
    )
    return {run.submission_id: run for run in runs}


def _portions(parts: Sequence[Submission]) -> Iterator[Sequence[Submission]]:
    return (parts[start_ : start_ + _PORTION] for start_ in range(0, len(parts), _PORTION))


def _open_already() -> Conflict:
    return Conflict(
        "rescore-open",
        "Another rescore of this competition is neither applied nor cancelled yet.",
        "Apply or cancel it first.",
    )
