"""Answers from files, and how far numbers may be off."""

from __future__ import annotations

from podium.metrics.reading.texts import TextsReader

READER = TextsReader("answers", "answer", numbers=("tolerance",))
