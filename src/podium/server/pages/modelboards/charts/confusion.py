"""What a model takes for what: its confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.server.pages.modelboards.charts.heat import STRONGEST, HeatCell, HeatLine, HeatTable

MOST = 40


def confused(model: str, confusion: Mapping[str, Any]) -> HeatTable:
    """The matrix of a model; the colour of a cell is the stronger, the larger its share of the row."""
    labels = [str(each) for each in confusion["labels"]]
    shown = labels[:MOST]
    lines = []
    for label, counts in zip(shown, confusion["counts"], strict=False):
        total = sum(counts)
        lines.append(
            HeatLine(
                label,
                "",
                tuple(_cell(label, other, count, total) for other, count in zip(shown, counts, strict=False)),
            )
        )
    left_out = f" Of {len(labels)} labels the first {MOST} are shown." if len(labels) > MOST else ""
    return HeatTable(
        title=f"What does {model} take for what?",
        rows_are="Right label",
        columns_are="What the model said",
        columns=tuple(shown),
        lines=tuple(lines),
        note=f"Numbers of items. The stronger the colour of a cell, the larger its share of the row.{left_out}",
    )


def _cell(label: str, other: str, count: int, total: int) -> HeatCell:
    share = count / total if total else 0.0
    return HeatCell(f"{count:,}", f"{label} taken for {other}: {count:,} of {total:,}", round(STRONGEST * share))
