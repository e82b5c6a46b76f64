"""The supervisor behind `podium up`."""
