"""Submissions, their runs and attempts, and the scores that come of them."""
