"""A submission that somebody begins to follow: its state, and the logs that are being written."""

from __future__ import annotations

from dataclasses import dataclass

from podium.server.accounts.credentials import Credential, people_behind
from podium.server.submissions.models import Attempt, Submission
from podium.server.submissions.queries.access import Sight, submission_for
from podium.server.submissions.queries.following import Place, Subject, follow_submission, place_of
from podium.server.submissions.queries.live import standing_logs


@dataclass(frozen=True)
class FollowedPart:
    """A submission or a child of it, and its state."""

    id: int
    status: str


@dataclass(frozen=True)
class FollowedLog:
    """A log that is being written, as `podium.server.submissions.queries.live.StandingLog`, of the child `part`."""

    part: int
    attempt: int
    kind: str
    head: str
    tail: str
    length: int


@dataclass(frozen=True)
class Following:
    """What there is to follow, from which place on, and what there was at that place or a little later."""

    subject: Subject
    place: Place
    parts: tuple[FollowedPart, ...]
    logs: tuple[FollowedLog, ...]


def follow_as_codabench(credential: Credential, submission_id: int) -> Following:
    """A submission with its children, for whoever has this credential.

    Raises:
        NotAllowed, NotFound: the person does not see it.
    """
    person = people_behind([credential])[credential]
    subject = follow_submission(person, submission_id)
    place = place_of(subject)
    sight = submission_for(person, subject.submission)
    rows = [sight.row, *sight.row.children.order_by("pk")]
    return Following(subject, place, tuple(FollowedPart(row.pk, row.status) for row in rows), tuple(_logs(sight, rows)))


def _logs(sight: Sight, rows: list[Submission]) -> list[FollowedLog]:
    live = (
        Attempt.objects.filter(run__submission__in=rows, run__in_shadow=False, outcome="")
        .select_related("run")
        .order_by("pk")
    )
    attempts = {attempt.pk: attempt for attempt in live if sight.may_see_output(attempt.run.step)}
    return [
        FollowedLog(attempts[log.attempt].run.submission_id, log.attempt, log.kind, log.head, log.tail, log.length)
        for logs in standing_logs(attempts).values()
        for log in logs
    ]
