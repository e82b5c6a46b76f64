"""The states of a submission in the colours and sentences of the pages."""

from __future__ import annotations

from podium.rules.runs import SubmissionStatus
from podium.server.pages.parts import Kind

KINDS: dict[SubmissionStatus, Kind] = {
    SubmissionStatus.NONE: "idle",
    SubmissionStatus.SUBMITTING: "idle",
    SubmissionStatus.SUBMITTED: "busy",
    SubmissionStatus.PREPARING: "busy",
    SubmissionStatus.RUNNING: "busy",
    SubmissionStatus.SCORING: "busy",
    SubmissionStatus.CANCELLED: "idle",
    SubmissionStatus.FINISHED: "good",
    SubmissionStatus.FAILED: "bad",
}
