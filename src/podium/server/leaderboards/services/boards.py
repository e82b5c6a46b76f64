"""The boards of a competition and their columns."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from podium.rules.bundle.spec import LeaderboardSpec
from podium.server.leaderboards.models import Column, Leaderboard


@transaction.atomic
def create_boards(competition_id: int, specs: Sequence[LeaderboardSpec]) -> list[int]:
    """Write the leaderboards of a new competition, in their order; the first one serves its phases. Returns ids.

    It is a part of making the competition, whose service checks the right to do that.
    """
    made = []
    for index, spec in enumerate(specs):
        board = Leaderboard.objects.create(
            competition_id=competition_id,
            index=index,
            title=spec.title,
            key=spec.key,
            submission_rule=spec.submission_rule.value,
            hidden=spec.hidden,
            primary_index=spec.primary_index,
            extensions=dict(spec.extensions),
        )
        Column.objects.bulk_create(
            Column(
                leaderboard=board,
                index=column.index,
                key=column.key,
                title=column.title,
                sorting=column.sorting.value,
                precision=column.precision,
                hidden=column.hidden,
                computation=column.computation.value if column.computation else "",
                computation_indexes=list(column.computation_indexes),
            )
            for column in spec.columns
        )
        made.append(board.pk)
    return made
