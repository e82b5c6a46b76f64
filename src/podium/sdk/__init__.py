"""A client of Podium's HTTP API."""
