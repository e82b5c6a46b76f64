"""Boards as they were: rebuilt from the events of a competition, up to any moment."""
