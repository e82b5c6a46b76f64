"""Submissions: sending them, waiting for them, putting them on the leaderboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from podium.sdk import connection
from podium.sdk.answers import SubmissionAnswer
from podium.sdk.connection import Connection, understood

TERMINAL = frozenset({"Finished", "Failed", "Cancelled"})


class Submissions(Connection):
    """What people do with submissions."""

    def submit(self, phase_id: int, archive: Path, *, description: str = "") -> SubmissionAnswer:
        """Upload a zip and submit it to a phase."""
        key = self._upload("submission", archive)
        self._send("PUT", f"/api/datasets/completed/{key}/", json={})
        content = {"phase": phase_id, "data": str(key), "description": description}
        return understood(SubmissionAnswer, self._send("POST", "/api/submissions/", json=content))

    def submission(self, submission_id: int) -> SubmissionAnswer:
        """A submission as it stands now."""
        return self._read(SubmissionAnswer, f"/api/submissions/{submission_id}/")

    def wait(self, submission_id: int, tell: Callable[[SubmissionAnswer], None]) -> SubmissionAnswer:
        """A submission once it has ended; `tell` is called whenever its status has changed.

        A server that is restarted meanwhile does not end the waiting; one that stays away for a minute does.
        """
        last = ""
        for found in self._patiently(lambda: self.submission(submission_id)):
            if found.status != last:
                last = found.status
                tell(found)
            if found.status in TERMINAL:
                return found
            time.sleep(connection.LOOK_EVERY_S)
        raise AssertionError("a submission ends")

    def add_to_leaderboard(self, submission_id: int) -> None:
        """Put a submission on the leaderboard."""
        self._send("POST", f"/api/submissions/{submission_id}/submission_leaderboard_connection/", json={})
