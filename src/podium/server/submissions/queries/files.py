"""What a submission wrote, and the files that a person may fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.queries.fetching import may_fetch_for_a_competition
from podium.server.competitions.queries.standing import standings_of
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.queries import StoredFile, stored_file
from podium.server.submissions.models import RunFile, Submission
from podium.server.submissions.queries.access import DETAILED_RESULTS, Sight, submission_for

_LOGS = ("stdout", "stderr")


@dataclass(frozen=True)
class SubmissionFiles:
    """The newest log and result of each kind; `logs` by their names in the contract. None where there is none, or
    where it is not for the person."""

    data: StoredFile | None
    logs: Mapping[str, StoredFile]
    prediction_result: StoredFile | None
    scoring_result: StoredFile | None
    detailed_result: StoredFile | None
    fact_sheet_answers: Mapping[str, Any] | None


def submission_files(person: Person | None, submission_id: int) -> SubmissionFiles:
    """The files of a submission that was run on one task, which may be a child. A parent has only what was sent.

    Raises:
        NotAllowed: nobody is signed in, or the phase hides all outputs.
        NotFound: the person does not see the submission.
    """
    sight = submission_for(person, submission_id)
    row = sight.row
    if row.phase.hide_output and not sight.standing.may(Action.SEE_HIDDEN_OUTPUT):
        raise NotAllowed(
            "output-hidden", "The organizer keeps the outputs of this phase hidden.", "Ask the organizer for them."
        )
    written = _written(sight)
    return SubmissionFiles(
        data=stored_file(row.data),
        logs={kind: file for kind, file in written.items() if kind.endswith(_LOGS)},
        prediction_result=written.get("prediction_result"),
        scoring_result=written.get("scoring_result"),
        detailed_result=written.get(DETAILED_RESULTS),
        fact_sheet_answers=row.fact_sheet_answers,
    )


def submission_archives(person: Person, submission_ids: Sequence[int]) -> list[StoredFile]:
    """What was sent with each of some submissions, in their order; a child stands for its parent.

    Raises:
        NotFound: the person does not see one of them, or its file is gone.
    """
    found = []
    for submission_id in dict.fromkeys(submission_ids):
        file = stored_file(submission_for(person, submission_id).row.data)
        if file is None:
            raise NotFound("no-such-file", f"The file of submission {submission_id} is gone.", "Leave it out.")
        found.append(file)
    return found


def fetchable_data_set(person: Person | None, key: UUID) -> StoredFile:
    """The file of a data set that the person may fetch: their own, a public one, what a competition offers them, and
    the submissions to competitions that they run.

    Raises:
        NotAllowed: it is not for visitors.
        NotFound: there is none for this person, or it has not arrived.
    """
    data_set = DataSet.objects.filter(key=key).first()
    file = stored_file(data_set)
    if data_set is not None and file is not None and _may_fetch(person, data_set):
        return file
    if person is None:
        raise NotAllowed("sign-in-required", "This file is not public.", "Sign in.", sign_in=True)
    raise NotFound("no-such-data-set", "There is no such data set for you.", "Check the key, or ask its owner.")


def _may_fetch(person: Person | None, data_set: DataSet) -> bool:
    if data_set.is_public:
        return True
    if person is not None and (person.is_admin or data_set.owner_id == person.id):
        return True
    if data_set.type == DataSetType.SUBMISSION:
        return _was_made_public(person, data_set) or (person is not None and _runs_its_competition(person, data_set))
    return may_fetch_for_a_competition(person, data_set)


def _runs_its_competition(person: Person, data_set: DataSet) -> bool:
    sent_to = Submission.objects.filter(data=data_set, is_deleted=False).values_list("phase__competition_id", flat=True)
    return any(each.may(Action.SEE_ANY_SUBMISSION) for each in standings_of(person, set(sent_to)).values())


def _was_made_public(person: Person | None, data_set: DataSet) -> bool:
    public = Submission.objects.filter(data=data_set, is_deleted=False, is_public=True)
    sent_to = set(public.values_list("phase__competition_id", flat=True))
    return any(each.may(Action.SEE_PUBLIC_SUBMISSION) for each in standings_of(person, sent_to).values())


def _written(sight: Sight) -> Mapping[str, StoredFile]:
    found = RunFile.objects.filter(attempt__run__submission=sight.row, attempt__run__in_shadow=False).exclude(
        ticket__blob=None, noted=None
    )
    files: dict[str, StoredFile] = {}
    for file in found.select_related("ticket__blob", "noted", "shared", "attempt__run").order_by("pk"):
        blob = sight.blob_of(file)
        if blob is not None and sight.may_see_file(file.attempt.run.step, file.kind):
            files[file.kind] = StoredFile(blob.sha256, blob.size_bytes, file_name_of(file.kind))
    return files


def file_name_of(kind: str) -> str:
    """What to call a log or a result when it is fetched."""
    ending = ".txt" if kind.endswith(_LOGS) else ".html" if kind == DETAILED_RESULTS else ".zip"
    return f"{kind}{ending}"
