"""Writing leaderboards: made with a competition, and kept as submissions come, change and go."""

from podium.server.leaderboards.services.boards import create_boards
from podium.server.leaderboards.services.entries import hold_board, rebuild, refresh_entries, stands_on
from podium.server.leaderboards.services.ranks import rebuild_stale_boards

__all__ = ["create_boards", "hold_board", "rebuild", "rebuild_stale_boards", "refresh_entries", "stands_on"]
