"""Writing leaderboards: made with a competition, and kept as submissions come, change and go."""

from podium.server.leaderboards.services.boards import create_boards
from podium.server.leaderboards.services.entries import hold_board, rebuild, refresh_entries

__all__ = ["create_boards", "hold_board", "rebuild", "refresh_entries"]
