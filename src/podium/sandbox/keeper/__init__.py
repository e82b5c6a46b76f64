"""A process beside the worker that sets up and buries runs; it imports nothing of Podium but this package."""
