"""Reading leaderboards: how they are made, a page of one in rank order, and the contract's JSON."""

from podium.server.leaderboards.queries.arranged import AS_RANKED, Arrangement
from podium.server.leaderboards.queries.board import (
    Board,
    BoardRow,
    Cell,
    ColumnGroup,
    ShownColumn,
    board,
    board_page,
    column_groups,
)
from podium.server.leaderboards.queries.contract import BoardPage, contract_json, leaderboard_json, leaderboards_json
from podium.server.leaderboards.queries.places import OfferedBoard, offered_boards, places_of
from podium.server.leaderboards.queries.plan import (
    BoardPlan,
    BoardTask,
    CompetitionColumns,
    column_of,
    columns_of_competition,
    columns_of_competitions,
    plan_of_phase,
    plans_of_phase,
)
from podium.server.leaderboards.queries.ranked import owns_entry
from podium.server.leaderboards.queries.ready import Asked, ReadyBoard, ready_leaderboard, ready_phase_board
from podium.server.leaderboards.queries.sight import BoardSight, NamedBoard, board_for, boards_shown
from podium.server.leaderboards.queries.versions import stamp_of_phase, stamps_of_phases

__all__ = [
    "AS_RANKED",
    "Arrangement",
    "Asked",
    "Board",
    "BoardPage",
    "BoardPlan",
    "BoardRow",
    "BoardSight",
    "BoardTask",
    "Cell",
    "ColumnGroup",
    "CompetitionColumns",
    "NamedBoard",
    "OfferedBoard",
    "ReadyBoard",
    "ShownColumn",
    "board",
    "board_for",
    "board_page",
    "boards_shown",
    "column_groups",
    "column_of",
    "columns_of_competition",
    "columns_of_competitions",
    "contract_json",
    "leaderboard_json",
    "leaderboards_json",
    "offered_boards",
    "owns_entry",
    "places_of",
    "plan_of_phase",
    "plans_of_phase",
    "ready_leaderboard",
    "ready_phase_board",
    "stamp_of_phase",
    "stamps_of_phases",
]
