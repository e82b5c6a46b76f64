"""Scoring what was submitted once more, in the shadow: what would change is seen first, then applied or dropped."""
