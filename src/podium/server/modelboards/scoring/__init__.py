"""Scoring and comparing, in a process of its own: see podium.server.computing."""
