"""What of a submission is open to people who neither sent it nor run the competition: its file where it was made
public, and the page that scoring wrote where the competition shows it on its leaderboards."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q, QuerySet

from podium.rules.access import Action
from podium.rules.runs import Step, SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.files.queries import StoredFile, stored_file
from podium.server.prepared_queries import prepared
from podium.server.submissions.models import RunFile, Submission
from podium.server.submissions.queries.access import DETAILED_RESULTS, submission_for
from podium.server.submissions.queries.reasons import output_is_hidden


def sent_file(person: Person | None, submission_id: int) -> StoredFile | None:
    """The file that was sent, for its owner, for those who run the competition, and for everybody who sees the
    competition where it was made public. None where it is gone.

    Raises:
        NotAllowed, NotFound: it is not for this person.
    """
    public = Submission.objects.filter(
        Q(is_public=True) | Q(parent__is_public=True), pk=submission_id, is_deleted=False
    )
    row = public.select_related("phase", "data").first()
    if row is not None and standing_of(person, row.phase.competition_id).may(Action.SEE_PUBLIC_SUBMISSION):
        return stored_file(row.data)
    return stored_file(submission_for(person, submission_id).row.data)


def public_submissions(submission_ids: Collection[int]) -> frozenset[int]:
    """Those of the submissions that were made public."""
    found = Submission.objects.filter(pk__in=submission_ids, is_public=True, is_deleted=False)
    return frozenset(found.values_list("pk", flat=True))


def detailed_on_board(person: Person | None, phase_id: int, part_ids: Collection[int]) -> frozenset[int] | None:
    """Those of the submissions that ran, of a phase whose board the person sees, whose detailed results are shown
    beside it; None where no detailed results are."""
    if not _shows_detailed(phase=phase_id):
        return None
    phase = Phase.objects.get(pk=phase_id)
    standing = standing_of(person, phase.competition_id)
    if output_is_hidden(phase, Step.SCORING) and not standing.may(Action.SEE_HIDDEN_OUTPUT):
        return None
    written = RunFile.objects.filter(attempt__run__submission_id__in=part_ids, kind=DETAILED_RESULTS)
    written = written.filter(attempt__run__in_shadow=False)
    written = written.exclude(ticket__blob=None, noted=None)
    return frozenset(written.values_list("attempt__run__submission_id", flat=True))


@prepared
def _shows_detailed(phase: int) -> QuerySet[Phase, Any]:
    shown = {"enable_detailed_results": True, "show_detailed_results_in_leaderboard": True}
    found = Phase.objects.filter(pk=phase, **{f"competition__{name}": value for name, value in shown.items()})
    return found.values_list("pk")


def answers_of(submission_ids: Collection[int]) -> dict[int, dict[str, object] | None]:
    """The answers to the fact sheet that came with each of these submissions."""
    rows = Submission.objects.filter(pk__in=list(submission_ids))
    return dict(rows.values_list("pk", "fact_sheet_answers"))


def finished_of(phase_id: int, owner_ids: Collection[int]) -> dict[int, int]:
    """How many submissions of each of these people to a phase have finished, by the owner's id. What ran one task of
    several again counts for none: it never stands on a board."""
    found = Submission.objects.filter(
        phase_id=phase_id,
        owner_id__in=owner_ids,
        parent=None,
        is_task_rerun=False,
        status=SubmissionStatus.FINISHED.value,
        is_deleted=False,
    )
    return dict(found.values_list("owner_id").annotate(number=Count("pk")).order_by())
