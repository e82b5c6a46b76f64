"""BLEU (Papineni et al. 2002) with the tokens of sacreBLEU, by sums that add up over sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from podium.rules.errors import UserError
from podium.stats.arrays import Floats

ORDER = 4
_TOKENS = {"zh": "zh", "ja": "char", "th": "char", "km": "char", "lo": "char", "my": "char"}
"""By language; those written without spaces are cut into characters, all others by the rules of `13a`."""


def counter(language: str) -> Callable[[str, Sequence[str]], list[int]]:
    """A function of a translation and the right ones: matching and all n-grams by length, and both lengths in words.

    Raises:
        UserError: `extra-missing`: sacrebleu is not installed.
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError as error:
        raise UserError(
            "extra-missing",
            "Translations are scored with sacrebleu, which is not installed.",
            "Install it with: pip install 'podium[translation]'",
        ) from error
    judge = BLEU(tokenize=_TOKENS.get(language.partition("-")[0].lower(), "13a"), effective_order=True)

    def count(predicted: str, answers: Sequence[str]) -> list[int]:
        found = judge.sentence_score(predicted, list(answers))
        return [*found.counts, *found.totals, found.sys_len, found.ref_len]

    return count


def score(sums: Floats) -> Floats:
    """BLEU from sums of counts, between 0 and 100; n-grams without a match count as half, a quarter, ... of one."""
    right, every = sums[..., :ORDER], sums[..., ORDER : 2 * ORDER]
    ours, theirs = sums[..., -2], sums[..., -1]
    missing = np.cumsum((right == 0) & (every > 0), axis=-1)
    smoothed = np.where(right > 0, right, 0.5**missing) / np.maximum(every, 1)
    mean = np.exp(np.log(smoothed).mean(axis=-1))
    brevity = np.exp(np.minimum(0.0, 1 - theirs / np.maximum(ours, 1)))
    defined = (every > 0).all(axis=-1) & (right > 0).any(axis=-1)
    return np.asarray(np.where(defined, 100 * brevity * mean, 0.0))
