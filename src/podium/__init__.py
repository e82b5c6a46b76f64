"""Podium: a self-hosted home for benchmark competitions and model leaderboards."""

__version__ = "0.1.0"
