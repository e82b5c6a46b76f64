"""What the site does by itself for the certainty of scores: reading items, comparing entries."""

from podium.server.certainty.jobs.boards import BOARDS
from podium.server.certainty.jobs.items import ITEMS
from podium.server.jobs.internal.work import JobKind

JOB_KINDS: tuple[JobKind, ...] = (ITEMS, BOARDS)

__all__ = ["JOB_KINDS"]
