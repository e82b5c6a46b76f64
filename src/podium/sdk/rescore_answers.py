"""What the server answers about scores made once more, as far as the client reads it."""

from __future__ import annotations

from podium.sdk.answers import Answer


class VerificationBegun(Answer):
    """A verification that was begun."""

    id: int


class VerificationsBegun(Answer):
    """The verifications of a submission, one for each task that has scores."""

    verifications: list[VerificationBegun]


class ScoreDifferenceAnswer(Answer):
    """A score that came out otherwise; `by` is how far the two are apart."""

    key: str
    before: float | None
    now: float | None
    by: float | None


class DifferenceAnswer(Answer):
    """Something else than a score that differs."""

    step: str
    what: str
    before: str
    now: str


class DifferencesAnswer(Answer):
    """What differs between two makings of the same scores."""

    scores: list[ScoreDifferenceAnswer]
    inputs: list[DifferenceAnswer]
    where: list[DifferenceAnswer]


class VerificationAnswer(Answer):
    """How a verification stands; `agrees` and `differences` are there once it has been done."""

    id: int
    submission: int
    task: str
    ended: bool
    problem: str | None
    agrees: bool | None
    differences: DifferencesAnswer | None


class RescoreBegun(Answer):
    """A rescore that was started."""

    id: int


class ScoreChangeAnswer(Answer):
    """A score before and after a rescore; null where there is none."""

    column_key: str
    before: float | None
    after: float | None


class RankMoveAnswer(Answer):
    """A rank on a leaderboard before and after a rescore; null where there is none."""

    leaderboard: int
    before: int | None
    after: int | None


class RescoreItemAnswer(Answer):
    """A submission of a rescore; `part` is what ran on the task."""

    submission: int
    part: int
    task: int
    owner: str
    state: str
    reason: str | None = None
    differs: bool = False
    scores: tuple[ScoreChangeAnswer, ...] = ()
    ranks: tuple[RankMoveAnswer, ...] = ()


class ScoredTwiceAnswer(Answer):
    """What scoring some submissions twice has shown."""

    sampled: int
    compared: int
    differing: int


class RescoreAnswer(Answer):
    """A rescore with a page of its submissions: what differs first."""

    id: int
    competition: int
    state: str
    reason: str
    submissions: int
    counts: dict[str, int]
    changed: int
    moved: int | None
    outdated: bool
    scored_twice: ScoredTwiceAnswer
    items: tuple[RescoreItemAnswer, ...]

    @property
    def waits(self) -> int:
        """How many are not scored yet, and will be."""
        return self.counts.get("waiting", 0) + self.counts.get("running", 0)
