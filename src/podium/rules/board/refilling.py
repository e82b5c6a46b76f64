"""Which submissions stand on a board whose columns or rule were changed."""

from __future__ import annotations

from collections.abc import Sequence

from podium.rules.board.submission_rules import Candidate, SubmissionRule, aside, best_one, last_one


def refilled(rule: SubmissionRule, candidates: Sequence[Candidate], *, another_rule: bool) -> frozenset[int]:
    """The ids of the submissions of one person in one phase that stand on the board from now on.

    A board that fills itself shows what its rule says of what has scores. On one where somebody chooses, what was
    chosen stays; where only one can be there, that is the one submitted last. `another_rule` says that the board had
    another rule before, so that nothing was taken off it in spite of the present one.
    """
    scored = [candidate for candidate in candidates if candidate.scored]
    chosen = [candidate for candidate in scored if candidate.on_board]
    if rule is SubmissionRule.FORCE_BEST:
        return best_one(candidates) | aside(rule, candidates)
    if rule is SubmissionRule.FORCE_LAST:
        return last_one(candidates) | aside(rule, candidates)
    if rule is SubmissionRule.FORCE_LATEST_MULTIPLE and another_rule:
        chosen = scored
    if not rule.several:
        return _last(chosen)
    return frozenset(candidate.id for candidate in chosen)


def _last(candidates: Sequence[Candidate]) -> frozenset[int]:
    last = max(candidates, key=lambda candidate: (candidate.submitted_at, candidate.id), default=None)
    return frozenset() if last is None else frozenset({last.id})
