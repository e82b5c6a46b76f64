"""What the site does for model boards by itself: checking, scoring, comparing."""

from podium.server.jobs.internal.work import JobKind
from podium.server.modelboards.jobs.boards import COMPARISONS, STATISTICS_OF_BOARDS
from podium.server.modelboards.jobs.checks import CHECKS
from podium.server.modelboards.jobs.predictions import SCORINGS
from podium.server.modelboards.jobs.references import REFERENCE_CHECKS

JOB_KINDS: tuple[JobKind, ...] = (REFERENCE_CHECKS, SCORINGS, STATISTICS_OF_BOARDS, COMPARISONS, CHECKS)
"""Every kind of job of model boards."""

__all__ = ["JOB_KINDS"]
