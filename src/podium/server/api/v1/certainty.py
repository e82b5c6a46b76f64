"""How sure the scores of a board are."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from podium.server.api.answers import answer
from podium.server.api.asking import visitor_or_person
from podium.server.api.codabench.numbers import Id, PageNumber
from podium.server.api.codabench.phases import PageSize
from podium.server.certainty.queries import board_sureness
from podium.server.leaderboards.queries import board_for, board_page


def of_board(
    request: HttpRequest,
    pk: Id,
    leaderboard: Id | None = None,
    page: PageNumber = 1,
    page_size: PageSize = 100,
    secret_key: UUID | None = None,
) -> HttpResponse:
    """What the items of a board's scores say of it, the first board of a phase where none is named, with the intervals
    of a page of its entries."""
    person = visitor_or_person(request)
    sight = board_for(person, pk, leaderboard, secret_key=secret_key)
    board = board_page(sight, person, limit=page_size, offset=page_size * (page - 1))
    found = board_sureness(sight, {row.submission_id: [part for _, part in row.parts] for row in board.rows})
    intervals = {} if found is None else found.intervals
    return answer(
        {
            "phase": pk,
            "leaderboard": board.leaderboard_id,
            "column": None if found is None else found.column,
            "level": None if found is None else found.level,
            "items": 0 if found is None else found.items,
            "compared": 0 if found is None else found.compared,
            "tied": [] if found is None else sorted(found.tied),
            "detectable": None if found is None else found.detectable,
            "count": board.total,
            "page": page,
            "page_size": page_size,
            "rows": [
                {"submission": row.submission_id, "rank": row.rank, **intervals[row.submission_id]._asdict()}
                for row in board.rows
                if row.submission_id in intervals
            ],
        }
    )
