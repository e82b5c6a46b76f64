"""The stored board: leaderboards, columns and ranked entries."""
