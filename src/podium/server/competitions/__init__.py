"""Competitions, their phases, tasks, pages and participants."""
