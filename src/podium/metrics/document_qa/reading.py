"""Answers from files: a question may have none."""

from __future__ import annotations

from podium.metrics.reading.texts import TextsReader

READER = TextsReader("answers", "answer", may_be_empty=True)
