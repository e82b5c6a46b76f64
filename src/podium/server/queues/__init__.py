"""Queues: names for groups of workers that run the submissions of some competitions and of no others."""
