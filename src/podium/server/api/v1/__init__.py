"""The routes that are Podium's own."""
