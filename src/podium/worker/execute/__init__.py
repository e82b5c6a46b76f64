"""The steps of a run, without a server: `podium run` and the worker share this code."""
