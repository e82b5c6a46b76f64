"""How much an archive may contain."""

from __future__ import annotations

from dataclasses import dataclass, replace

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True)
class ArchiveLimits:
    """Limits of one archive. All byte numbers count unpacked content, first as announced, then as really read.

    `ratio` is unpacked to packed bytes; it is looked at only where the unpacked content is larger than
    `ratio_from_bytes`, because small regular files pack well without any harm. `name_bytes` is the length of a
    whole name, `depth` the number of its parts.
    """

    entries: int = 50_000
    total_bytes: int = 20 * GIB
    entry_bytes: int = 10 * GIB
    ratio: int = 200
    ratio_from_bytes: int = 16 * MIB
    name_bytes: int = 1024
    depth: int = 32


BUNDLE_LIMITS = ArchiveLimits()
SUBMISSION_LIMITS = ArchiveLimits(entries=20_000, total_bytes=5 * GIB, entry_bytes=5 * GIB)
# Predictions are packed by a worker and bounded by what a run may write. Zeros are a fair prediction, and deflate packs
# them 1032 to 1.
PREDICTION_LIMITS = replace(SUBMISSION_LIMITS, ratio=1100)
