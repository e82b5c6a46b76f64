"""Answers from files."""

from __future__ import annotations

from podium.metrics.reading.texts import TextsReader

READER = TextsReader("answers", "answer")
