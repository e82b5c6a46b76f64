"""The leaderboards of a competition that exists, made to be what another specification says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F

from podium.rules.bundle.spec import LeaderboardSpec
from podium.server.leaderboards.models import Column, Leaderboard
from podium.server.leaderboards.services.boards import board_fields, column_fields, create_board
from podium.server.leaderboards.services.versions import new_versions

# Out of the way of the places that boards and columns have, as no two may have the same at any moment.
_ASIDE = 1_000_000


@transaction.atomic
def change_boards(competition_id: int, specs: Sequence[LeaderboardSpec], kept: Mapping[str, int]) -> list[int]:
    """Make the leaderboards of a competition what the specification says, in its order. Returns their ids.

    `kept` names by the key of a specification the board that it goes on from; boards that nothing goes on from are
    removed with their entries. Columns go on under their keys. It is a part of an update: the caller holds the boards,
    has checked the right and that nothing is lost by it, and fills them anew afterwards.
    """
    boards = Leaderboard.objects.filter(competition_id=competition_id)
    boards.exclude(pk__in=list(kept.values())).delete()
    boards.update(index=F("index") + _ASIDE)
    written = []
    for index, spec in enumerate(specs):
        if spec.key in kept:
            board_id = kept[spec.key]
            Leaderboard.objects.filter(pk=board_id).update(index=index, **board_fields(spec))
            _change_columns(board_id, spec)
        else:
            board_id = create_board(competition_id, index, spec)
        written.append(board_id)
    new_versions(competition_id)
    return written


def _change_columns(board_id: int, spec: LeaderboardSpec) -> None:
    columns = Column.objects.filter(leaderboard_id=board_id)
    columns.exclude(key__in=[column.key for column in spec.columns]).delete()
    columns.update(index=F("index") + _ASIDE)
    known = set(columns.values_list("key", flat=True))
    for column in spec.columns:
        if column.key in known:
            columns.filter(key=column.key).update(**column_fields(column))
        else:
            Column.objects.create(leaderboard_id=board_id, **column_fields(column))
