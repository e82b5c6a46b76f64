"""Scores by themselves, as Codabench's clients read them (`GET /api/submission_scores/`)."""

from __future__ import annotations

from typing import Any

from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.submissions.models import Score
from podium.server.submissions.queries.contract import SubmissionFilter, submission_json, submissions_json


def scores_json(
    person: Person, *, submission_id: int | None = None, phase_id: int | None = None
) -> list[dict[str, Any]]:
    """The scores that stand, of one submission, or of one's own and of those to competitions that one runs (all for an
    admin), newest submission first. Columns that the person may not see are left out.

    Raises:
        NotAllowed, NotFound: the person does not see the submission that is named.
    """
    if submission_id is not None:
        return list(submission_json(person, submission_id)["scores"])
    found = submissions_json(person, SubmissionFilter(phase_id=phase_id))
    return [score for submission in found for score in submission["scores"]]


def score_json(person: Person, score_id: int) -> dict[str, Any]:
    """One score that stands.

    Raises:
        NotFound: there is none, or the person may not see it.
    """
    submission_id = (
        Score.objects.filter(pk=score_id, superseded_at=None).values_list("submission_id", flat=True).first()
    )
    shown = [] if submission_id is None else submission_json(person, submission_id)["scores"]
    found = next((score for score in shown if score["id"] == score_id), None)
    if found is None:
        message = "There is no such score."
        raise NotFound("score-not-found", message, "Read those of its submission; it may be written anew.")
    return dict(found)
