"""Which of a participant's submissions stand on the board, and what the participant may change about it."""

from __future__ import annotations

from enum import StrEnum


class SubmissionRule(StrEnum):
    """The six rules of the bundle format, by their names there."""

    ADD = "Add"
    ADD_AND_DELETE = "Add_And_Delete"
    ADD_AND_DELETE_MULTIPLE = "Add_And_Delete_Multiple"
    FORCE_LAST = "Force_Last"
    FORCE_LATEST_MULTIPLE = "Force_Latest_Multiple"
    FORCE_BEST = "Force_Best"
