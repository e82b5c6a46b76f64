"""What a participant answered to the fact sheet, in the words of the questions."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.bundle.spec import FactSheetQuestion
from podium.server.submissions.models import Submission


@dataclass(frozen=True)
class Answered:
    """A question of the fact sheet by its title, and what the participant answered; None where the submission was sent
    before the question was asked."""

    title: str
    answer: object | None


def answered(row: Submission) -> tuple[Answered, ...]:
    """The fact sheet as it is now, and after it what was answered to questions that are not on it any more."""
    given = dict(row.fact_sheet_answers or {})
    questions = [FactSheetQuestion.model_validate(each) for each in row.phase.competition.fact_sheet]
    asked = [Answered(question.title or question.key, given.pop(question.key, None)) for question in questions]
    return (*asked, *(Answered(key, answer) for key, answer in given.items()))
