"""The detailed results of a submission: the page that its scoring program wrote."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound
from podium.rules.runs import TERMINAL, Step, SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.files.queries import StoredFile
from podium.server.leaderboards.models import Entry
from podium.server.submissions.models import RunFile, Submission
from podium.server.submissions.queries.access import DETAILED_RESULTS, Sight
from podium.server.submissions.queries.reasons import output_is_hidden


@dataclass(frozen=True)
class DetailedResults:
    """What a person sees of them. `part` is the submission that was run on one task, `submission` its parent or
    itself; `file` is None while nothing was written. `own_page` says that the person may see the submission's page,
    and not only its line on a board."""

    part: int
    submission: int
    number: int
    owner: str
    competition_id: int
    competition: str
    task: str
    file: StoredFile | None
    running: bool
    own_page: bool


def detailed_results(person: Person | None, part_id: int) -> DetailedResults:
    """The detailed results of a submission to one task; a submission to several has those of its children.

    Who sees the submission's page sees them where the competition shows them there and the phase does not hide what
    scoring writes; everybody who sees the board, where the competition shows them on the board and it stands there;
    there, too, the phase may hide what scoring writes.

    Raises:
        NotAllowed: nobody is signed in, and only who is may see them.
        NotFound: there are none for this person.
    """
    row = (
        Submission.objects.select_related("phase__competition", "owner", "task", "parent")
        .filter(pk=part_id, is_deleted=False)
        .first()
    )
    if row is None or row.task_id is None or not row.phase.competition.enable_detailed_results:
        raise _none()
    standing = standing_of(person, row.phase.competition_id)
    own_page = _sees_page(person, row, standing)
    in_panel = own_page and Sight(row, standing, own_page).may_see_file("scoring", DETAILED_RESULTS)
    if not in_panel and not _on_a_board(row, standing):
        if person is None:
            raise NotAllowed("sign-in-required", "Detailed results are not public.", "Sign in.", sign_in=True)
        raise _none()
    top = row.parent or row
    return DetailedResults(
        part=row.pk,
        submission=top.pk,
        number=top.number,
        owner=row.owner.shown_name,
        competition_id=row.phase.competition_id,
        competition=row.phase.competition.title,
        task=row.task.name if row.task is not None and row.parent_id is not None else "",
        file=_newest(row),
        running=SubmissionStatus(row.status) not in TERMINAL,
        own_page=own_page and in_panel,
    )


def _sees_page(person: Person | None, row: Submission, standing: Standing) -> bool:
    if standing.may(Action.SEE_ANY_SUBMISSION):
        return True
    return person is not None and row.owner_id == person.id and standing.may(Action.SEE_OWN_SUBMISSION)


def _on_a_board(row: Submission, standing: Standing) -> bool:
    competition = row.phase.competition
    if not competition.show_detailed_results_in_leaderboard or not standing.may(Action.SEE_BOARD):
        return False
    if output_is_hidden(row.phase, Step.SCORING) and not standing.may(Action.SEE_HIDDEN_OUTPUT):
        return False
    entries = Entry.objects.filter(submission_id=row.parent_id or row.pk, phase_id=row.phase_id, ranked=True)
    if not standing.may(Action.SEE_HIDDEN_BOARD):
        entries = entries.filter(leaderboard__hidden=False)
    return entries.exists()


def _newest(row: Submission) -> StoredFile | None:
    files = RunFile.objects.filter(attempt__run__submission=row, attempt__run__in_shadow=False, kind=DETAILED_RESULTS)
    files = files.exclude(ticket__blob=None)
    newest = files.select_related("ticket__blob").order_by("-pk").first()
    blob = newest.ticket.blob if newest is not None else None
    return None if blob is None else StoredFile(blob.sha256, blob.size_bytes, f"{DETAILED_RESULTS}.html")


def _none() -> NotFound:
    return NotFound("no-detailed-results", "There are no detailed results here.", "Look at the submission's page.")
