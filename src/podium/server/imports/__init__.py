"""Bringing a competition in from its bundle: the whole of it, with its leaderboards and files, or nothing."""
