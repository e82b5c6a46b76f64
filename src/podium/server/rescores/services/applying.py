"""Applying a rescore: all of its scores begin to count at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction

from podium.rules.errors import Conflict
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append_all, keep_text
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.rescores.materials import matches, materials_of
from podium.server.rescores.models import Rescore, RescoreItem, RescoreState
from podium.server.rescores.results import ItemResult, results_of
from podium.server.rescores.services.deciding import decide, held_open, rescore_for
from podium.server.row_updates import update_rows
from podium.server.submissions.models import Run, Score
from podium.server.submissions.services.changing import hold_submissions, refill_phase

_PORTION = 500


@clock.one_moment()
@transaction.atomic
def apply(by: Person, rescore_id: int) -> None:
    """Let the scores of a rescore take the place of those that its submissions have, and the boards follow, in one
    transaction. What could not be scored keeps what it had.

    Raises:
        NotFound, NotAllowed: the rescore is not the person's to decide about.
        Conflict: it was applied or cancelled before, is not done, has no scores, or a task was changed meanwhile.
    """
    competition_id = rescore_for(by, rescore_id).competition_id
    hold_submissions(competition_id)
    rescore = held_open(rescore_id)
    results = results_of(rescore_id, columns_of_competition(competition_id))
    if not all(result.shadow.ended for result in results):
        raise Conflict(
            "rescore-running", "Not everything has been scored yet.", "Wait until it has, or cancel the rescore."
        )
    scored = [result for result in results if result.shadow.scores is not None]
    if not scored:
        raise Conflict("rescore-empty", "Nothing could be scored, so there is nothing to apply.", "Cancel the rescore.")
    _check_materials(scored)
    _write_scores(scored)
    _record(by, rescore, scored, kept=len(results) - len(scored))
    for phase_id in sorted({result.phase_id for result in scored}):
        refill_phase(by, competition_id, phase_id)
    decide(by, rescore, RescoreState.APPLIED)


def _check_materials(scored: Sequence[ItemResult]) -> None:
    """All must have been scored by the programs and data that the tasks have now: else a board would be half new."""
    now = materials_of({result.task_id for result in scored})
    for result in scored:
        if not matches(result.shadow.made_from or {}, now.get(str(result.task_id), {})):
            raise Conflict(
                "rescore-outdated",
                "A program or data of a task was replaced after this rescore had begun, so that its scores are not "
                "those of the task as it is now.",
                "Cancel it, and start another.",
            )


def _write_scores(scored: Sequence[ItemResult]) -> None:
    now = clock.now()
    for portion in _portions(scored):
        parts = [result.part_id for result in portion]
        living = Score.objects.filter(submission_id__in=parts, superseded_at=None)
        before: dict[int, dict[str, float]] = {part: {} for part in parts}
        for part, key, value in living.values_list("submission_id", "column_key", "value"):
            before[part][key] = value
        living.update(superseded_at=now)
        Score.objects.bulk_create(
            Score(
                submission_id=result.part_id,
                attempt_id=result.shadow.attempt_id,
                column_key=key,
                position=position,
                value=value,
                created_at=now,
            )
            for result in portion
            for position, (key, value) in enumerate((result.shadow.scores or {}).items())
        )
        applied = [RescoreItem(pk=each.item_id, applied=True, before=before[each.part_id]) for each in portion]
        update_rows(applied, ["applied", "before"])
        # From now on it is a run of the submission like the one whose scores it replaces.
        Run.objects.filter(pk__in=[result.run_id for result in portion]).update(in_shadow=False)


def _record(by: Person, rescore: Rescore, scored: Sequence[ItemResult], *, kept: int) -> None:
    chain = ChainName.competition(rescore.competition_id)
    reason = keep_text(chain, rescore.reason)
    superseded = [
        {
            "submission": result.part_id,
            "task": result.task_id,
            "rescore": rescore.pk,
            "scores": dict(result.shadow.scores or {}),
            "reason": reason,
        }
        for result in scored
    ]
    whole = {"rescore": rescore.pk, "applied": len(scored), "kept": kept}
    happenings = [(EventKind.SCORES_SUPERSEDED, payload) for payload in superseded]
    append_all(chain, [*happenings, (EventKind.RESCORE_APPLIED, whole)], actor=by)


def _portions(results: Sequence[ItemResult]) -> Iterator[Sequence[ItemResult]]:
    return (results[start : start + _PORTION] for start in range(0, len(results), _PORTION))
