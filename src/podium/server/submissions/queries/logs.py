"""One log of a submission, whole or as far as it is written."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.files.queries import StoredFile
from podium.server.submissions.queries.detail import submission_detail


@dataclass(frozen=True)
class ShownLog:
    """A log: its file, or its text where it is still being written."""

    file: StoredFile | None
    text: str = ""


def log_of(person: Person | None, submission_id: int, part_id: int, kind: str) -> ShownLog:
    """The newest log of that kind (its name in the contract) of a part of a submission.

    Raises:
        NotAllowed, NotFound: the person does not see the submission, or it has no such log for this person.
    """
    found = submission_detail(person, submission_id)
    runs = [run for part in found.parts if part.id == part_id for run in part.runs]
    attempts = [attempt for run in runs for attempt in reversed(run.attempts)]
    if kind.endswith(("stdout", "stderr")):
        for attempt in attempts:
            for file in attempt.files:
                if file.kind == kind:
                    return ShownLog(file.file)
            for log in attempt.live_logs:
                if log.kind == kind:
                    cut = f"\n[... {log.cut} characters are not shown here ...]\n" if log.cut else ""
                    return ShownLog(None, f"{log.head}{cut}{log.tail}")
    raise NotFound("no-such-log", "This submission has no such log.", "Choose one of those on its page.")
