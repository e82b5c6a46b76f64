"""Boards as files: tables in several formats, and the files that organizers fetch of a whole competition."""
