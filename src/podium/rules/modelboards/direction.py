"""Which way a metric goes: whether a larger number is better."""

from __future__ import annotations

import re

from podium.rules.errors import UserError

_ASCENDING = frozenset({"asc", "ascending", "lower", "lower_is_better", "min", "minimize", "minimise"})
_DESCENDING = frozenset({"desc", "descending", "higher", "higher_is_better", "max", "maximize", "maximise"})
_LOWER = re.compile(
    r"(?:^|[^a-z])(?:errors?|loss|losses|wer|cer|ter|mer|perplexity|ppl|distances?|mae|mse|rmse|brier|latency|eer|fid)"
    r"(?:$|[^a-z])"
)
_HIGHER = re.compile(
    r"accuracy|precision|recall|exact match|bleu|chrf|auc|(?:^|[^a-z])(?:f1|f-1|map|mrr|ndcg)(?:$|[^a-z])"
)


def read_direction(said: object, at: str = "metric_direction") -> bool | None:
    """Whether lower is better, as a client says it: `asc`, `desc` and words of the same meaning; None for nothing.

    Raises:
        UserError: it is neither.
    """
    if said is None or said == "":
        return None
    word = said.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(said, str) else ""
    if word in _ASCENDING:
        return True
    if word in _DESCENDING:
        return False
    raise UserError(
        "direction-invalid", f"{at} must be asc or desc.", "Send asc where the lowest score is the best, else desc."
    )


def metric_named(metric: str, dataset: str) -> str:
    """The name of a dataset's metric: its own, or else what follows the last ` - ` in the dataset's name.

    >>> metric_named("", "Financial Phrasebank - Classification Accuracy")
    'Classification Accuracy'
    """
    return metric or (dataset.rpartition(" - ")[2] if " - " in dataset else "")


def lower_is_better(metric: str, dataset: str = "") -> bool:
    """Whether the lowest score is the best, by the metric's name, or else by what follows the last ` - ` in the
    dataset's: `error`, `loss`, `wer`, `cer`, `perplexity`, `distance` and the like go down, all else goes up.

    >>> lower_is_better("Word error rate"), lower_is_better("error detection accuracy")
    (True, False)
    >>> lower_is_better("", "LibriSpeech - WER")
    True
    """
    words = metric_named(metric, dataset).lower().replace("_", " ")
    return bool(_LOWER.search(words)) and not _HIGHER.search(words)
