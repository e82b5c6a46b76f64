"""Rescores and verifications: scores made once more."""

from __future__ import annotations

import time
from typing import Literal

from podium.sdk import connection
from podium.sdk.connection import Connection, understood
from podium.sdk.rescore_answers import RescoreAnswer, RescoreBegun, VerificationAnswer, VerificationsBegun


class Rescores(Connection):
    """What people do with scores that exist."""

    def start_rescore(
        self,
        competition_id: int,
        reason: str,
        *,
        phase: int | None = None,
        submissions: list[int] | None = None,
        sample: int = 5,
    ) -> int:
        """Have submissions scored once more, in the shadow. Returns the number of the rescore."""
        wish = {"reason": reason, "phase": phase, "submissions": submissions, "sample": sample}
        answer = self._send("POST", f"/api/v1/competitions/{competition_id}/rescores/", json=wish)
        return understood(RescoreBegun, answer).id

    def rescore(self, rescore_id: int) -> RescoreAnswer:
        """A rescore as it is now, with the first of its submissions."""
        return self._read(RescoreAnswer, f"/api/v1/rescores/{rescore_id}/")

    def decide_rescore(self, rescore_id: int, what: Literal["apply", "cancel"]) -> RescoreAnswer:
        """Apply a rescore, or cancel it.

        Raises:
            Conflict: that is not possible any more, or not yet.
        """
        return understood(RescoreAnswer, self._send("POST", f"/api/v1/rescores/{rescore_id}/{what}/"))

    def verify(self, submission_id: int) -> list[int]:
        """Have the scores of a submission made once more. Returns the numbers of the verifications."""
        answer = self._send("POST", f"/api/v1/submissions/{submission_id}/verifications/", json={})
        return [each.id for each in understood(VerificationsBegun, answer).verifications]

    def verification(self, verification_id: int) -> VerificationAnswer:
        """A verification once it has ended."""
        for found in self._patiently(
            lambda: self._read(VerificationAnswer, f"/api/v1/verifications/{verification_id}/")
        ):
            if found.ended:
                return found
            time.sleep(connection.LOOK_EVERY_S)
        raise AssertionError("a verification ends")
