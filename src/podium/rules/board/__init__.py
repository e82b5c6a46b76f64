"""Columns, computed values, ranking and submission rules of a leaderboard."""
