"""The seed of a resampling: the same for the same submission, so that a page shows the same interval every day."""

from __future__ import annotations

import json
from hashlib import sha256


def seed_of(dataset: str, metric: str, *submissions: str) -> int:
    """A number below 2^63 made from the names of a dataset and a metric and the hashes of what is resampled.

    The order of the submissions does not matter: comparing a with b uses the resamples of comparing b with a.
    """
    text = json.dumps([dataset, metric, *sorted(submissions)], ensure_ascii=True)
    return int.from_bytes(sha256(text.encode()).digest()[:8]) >> 1
