"""What the site does by itself when it is asked to: every kind of internal job, and who carries it out."""

from __future__ import annotations

from collections.abc import Mapping

from podium.server.certainty.jobs import JOB_KINDS as CERTAINTY
from podium.server.charts.services import CHART_DRAWING
from podium.server.imports.jobs import IMPORTS
from podium.server.jobs.internal.work import JobKind
from podium.server.modelboards.jobs import JOB_KINDS
from podium.server.updates.board_changes import BOARD_CHANGES
from podium.server.updates.board_list import BOARD_LISTS
from podium.server.updates.board_previews import BOARD_PREVIEWS

KINDS: Mapping[str, JobKind] = {
    kind.name: kind
    for kind in (IMPORTS, BOARD_CHANGES, BOARD_LISTS, BOARD_PREVIEWS, CHART_DRAWING, *JOB_KINDS, *CERTAINTY)
}
