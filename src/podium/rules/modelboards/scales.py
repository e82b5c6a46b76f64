"""Between what numbers a metric's scores lie, so that a mean can be taken over several metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from podium.rules.modelboards.direction import lower_is_better

_SHARE = re.compile(
    r"accuracy|precision|recall|exact match|f1|f-1|rouge|bleu|chrf|auc|ndcg|mrr|anls"
    r"|(?:^|[^a-z])(?:em|map|acc)(?:$|[^a-z])"
)
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Scale:
    """The lowest and the highest score that a metric can have, or that models had."""

    low: float
    high: float

    def share(self, score: float, *, lower_is_better: bool) -> float:
        """Where a score lies between the worst (0) and the best (1) of the scale.

        >>> Scale(0, 100).share(75, lower_is_better=False), Scale(0, 100).share(75, lower_is_better=True)
        (0.75, 0.25)
        """
        width = self.high - self.low
        if isfinite(width):
            share = (score - self.low) / width
        else:
            share = (score / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return 1 - share if lower_is_better else share


def scale_of_metric(
    metric: str, scores: Sequence[float | None], bounds: tuple[float | None, float | None]
) -> Scale | None:
    """The scale that a metric itself has; None where that is not known.

    `bounds` are those of the task type's metric, (None, None) for a metric that no task type knows. Then the name tells
    of the usual shares (accuracy, F1, recall, BLEU, ...) that they begin at 0 and end at 1. Shares are written in
    percent as often: where a score lies above 1 and none above 100, the scale ends at 100. Scores outside the scale
    show that it is another one, which is not known.

    >>> scale_of_metric("Accuracy", [0.5, 1.0], (None, None)), scale_of_metric("Accuracy", [50.0], (None, None))
    (Scale(low=0.0, high=1.0), Scale(low=0.0, high=100.0))
    """
    there = [score for score in scores if score is not None]
    low, high = bounds
    if low is None and high is None and _SHARE.search(metric.lower().replace("_", " ")) and not lower_is_better(metric):
        low, high = 0.0, 1.0
    if low is None or high is None or low == high:
        return None
    if (low, high) == (0.0, 1.0) and max(there, default=0.0) > 1:
        high = _PERCENT
    return Scale(low, high) if all(low <= score <= high for score in there) else None


def scale_of_scores(scores: Sequence[float | None]) -> Scale | None:
    """From the lowest to the highest score there is; None where they are all equal, or there is none.

    >>> scale_of_scores([2.0, None, 5.0])
    Scale(low=2.0, high=5.0)
    """
    there = [score for score in scores if score is not None]
    low, high = min(there, default=0.0), max(there, default=0.0)
    return Scale(low, high) if low < high else None
