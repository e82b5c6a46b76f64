"""Which of a participant's submissions stand on the board, and what the participant may change about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from podium.rules.errors import Conflict, NotAllowed


class SubmissionRule(StrEnum):
    """The six rules of the bundle format, by their names there, and one that only bundles of CodaLab ask for."""

    ADD = "Add"
    ADD_AND_DELETE = "Add_And_Delete"
    ADD_AND_DELETE_MULTIPLE = "Add_And_Delete_Multiple"
    FORCE_LAST = "Force_Last"
    FORCE_LATEST_MULTIPLE = "Force_Latest_Multiple"
    FORCE_BEST = "Force_Best"
    BY_ORGANIZERS = "By_Organizers"
    """One submission per participant, which organizers choose."""

    @property
    def automatic(self) -> bool:
        """Whether the board fills itself; otherwise somebody chooses."""
        return self in _AUTOMATIC

    @property
    def removable(self) -> bool:
        """Whether participants may take their submission off the board."""
        return self in _REMOVABLE

    @property
    def several(self) -> bool:
        """Whether more than one submission of a participant can stand on the board."""
        return self in _SEVERAL

    @property
    def chosen_by_owner(self) -> bool:
        """Whether participants choose what stands on the board."""
        return not self.automatic and self is not SubmissionRule.BY_ORGANIZERS

    @property
    def habit(self) -> str:
        """What a board that fills itself shows, in a sentence for its participants; else empty."""
        return _HABITS.get(self, "")


_AUTOMATIC = frozenset({SubmissionRule.FORCE_LAST, SubmissionRule.FORCE_LATEST_MULTIPLE, SubmissionRule.FORCE_BEST})
_SEVERAL = frozenset({SubmissionRule.ADD_AND_DELETE_MULTIPLE, SubmissionRule.FORCE_LATEST_MULTIPLE})
_HABITS = {
    SubmissionRule.FORCE_LAST: "It always shows your last submission that has scores.",
    SubmissionRule.FORCE_LATEST_MULTIPLE: "It shows every submission of yours that has scores.",
    SubmissionRule.FORCE_BEST: "It always shows your best submission.",
}
_REMOVABLE = frozenset({SubmissionRule.ADD_AND_DELETE, SubmissionRule.ADD_AND_DELETE_MULTIPLE})


class Happening(StrEnum):
    """What makes one ask which submissions stand on the board."""

    SCORED = "scored"
    """The submission got its scores for the first time."""
    RESCORED = "rescored"
    """Scores were edited or made again, or columns or the rule changed."""
    ADDED = "added"
    REMOVED = "removed"
    DELETED = "deleted"


class Actor(StrEnum):
    """Who does it. Collaborators act as organizers; what programs cause counts as the owner's."""

    OWNER = "owner"
    ORGANIZER = "organizer"
    ADMIN = "admin"


@dataclass(frozen=True)
class Candidate:
    """One submission (with several tasks: the parent) of a person in a phase.

    `rank_key` is None as long as it has no scores; only a finished one with scores can stand on the board. A `marked`
    one is a baseline or hidden: on a board that fills itself it stays beside the one that the rule chooses.
    """

    id: int
    submitted_at: datetime
    finished: bool
    on_board: bool
    rank_key: bytes | None = None
    marked: bool = False

    @property
    def scored(self) -> bool:
        """Whether it can stand on the board."""
        return self.finished and self.rank_key is not None


def standing(
    rule: SubmissionRule,
    candidates: Sequence[Candidate],
    happening: Happening,
    submission_id: int,
    actor: Actor = Actor.OWNER,
) -> frozenset[int]:
    """The ids of the submissions that stand on the board after it happened to `submission_id`.

    `candidates` are all submissions of one person in one phase that are not deleted, as they were before.

    Raises:
        NotAllowed: the rule does not let this actor do it.
        Conflict: the submission is not among the candidates, has no scores, or is not on the board.
    """
    subject = next((candidate for candidate in candidates if candidate.id == submission_id), None)
    if subject is None:
        raise Conflict("submission-gone", "The submission is not there any more.", "Load the page again.")
    on_board = frozenset(candidate.id for candidate in candidates if candidate.on_board)
    if happening is Happening.ADDED:
        _check_adding(rule, subject, actor)
        return on_board | {subject.id} if rule.several else frozenset({subject.id}) | aside(rule, candidates)
    if happening is Happening.REMOVED:
        _check_removal(rule, subject, actor)
        return on_board - {subject.id}
    if happening is Happening.DELETED:
        _check_deletion(subject, actor)
        candidates = [candidate for candidate in candidates if candidate.id != submission_id]
        on_board -= {subject.id}
    return _chosen(rule, candidates, on_board, subject, happening)


def _chosen(
    rule: SubmissionRule,
    candidates: Sequence[Candidate],
    on_board: frozenset[int],
    subject: Candidate,
    happening: Happening,
) -> frozenset[int]:
    """What the rule makes of it by itself."""
    if rule in _CHOOSES_ONE:
        return _CHOOSES_ONE[rule](candidates) | aside(rule, candidates)
    if rule is SubmissionRule.FORCE_LATEST_MULTIPLE and happening is Happening.SCORED and subject.scored:
        return on_board | {subject.id}
    # One whose last score was taken away has nothing to show.
    return on_board - {subject.id} if happening is Happening.RESCORED and not subject.scored else on_board


def aside(rule: SubmissionRule, candidates: Sequence[Candidate]) -> frozenset[int]:
    """The marked ones that stay on a board which fills itself, and of which its rule takes no account."""
    marked = (each for each in candidates if each.scored and each.marked and each.on_board)
    return frozenset(each.id for each in marked) if rule.automatic else frozenset()


def best_one(candidates: Sequence[Candidate]) -> frozenset[int]:
    """The one of the unmarked ones with scores that ranks first."""
    free = (each for each in candidates if each.scored and not each.marked)
    return _one(min(free, key=lambda candidate: candidate.rank_key or b"", default=None))


def last_one(candidates: Sequence[Candidate]) -> frozenset[int]:
    """The one of the unmarked ones with scores that was submitted last."""
    free = (each for each in candidates if each.scored and not each.marked)
    return _one(max(free, key=lambda candidate: (candidate.submitted_at, candidate.id), default=None))


_CHOOSES_ONE = {SubmissionRule.FORCE_BEST: best_one, SubmissionRule.FORCE_LAST: last_one}


def _one(candidate: Candidate | None) -> frozenset[int]:
    return frozenset() if candidate is None else frozenset({candidate.id})


def _check_adding(rule: SubmissionRule, subject: Candidate, actor: Actor) -> None:
    if rule.automatic and actor is not Actor.ADMIN:
        raise NotAllowed(
            "board-automatic",
            f"This leaderboard fills itself (rule {rule}): submissions cannot be added by hand.",
            rule.habit,
        )
    _check_chooser(rule, actor)
    if not subject.scored:
        raise Conflict(
            "submission-not-scored",
            "Only a finished submission with scores can stand on the leaderboard.",
            "Wait until it has finished, or choose another one.",
        )


def _check_chooser(rule: SubmissionRule, actor: Actor) -> None:
    if rule is SubmissionRule.BY_ORGANIZERS and actor is Actor.OWNER:
        raise NotAllowed(
            "board-by-organizers",
            f"Organizers choose what stands on this leaderboard (rule {rule}).",
            "Ask one of them.",
        )


def _check_removal(rule: SubmissionRule, subject: Candidate, actor: Actor) -> None:
    if rule.automatic and actor is not Actor.ADMIN:
        raise NotAllowed(
            "board-automatic",
            f"This leaderboard fills itself (rule {rule}): submissions cannot be removed by hand.",
            rule.habit,
        )
    _check_chooser(rule, actor)
    if not rule.removable and actor is Actor.OWNER:
        raise NotAllowed(
            "board-no-removal",
            f"This leaderboard does not let participants remove their submission (rule {rule}).",
            "Add another submission instead: it takes the place of this one.",
        )
    if not subject.on_board:
        raise Conflict("submission-not-on-board", "The submission does not stand on the leaderboard.")


def _check_deletion(subject: Candidate, actor: Actor) -> None:
    if subject.on_board and actor is Actor.OWNER:
        raise NotAllowed(
            "submission-on-board",
            "A submission that stands on the leaderboard cannot be deleted by its owner.",
            "Take it off the leaderboard first, or ask the organizer.",
        )
