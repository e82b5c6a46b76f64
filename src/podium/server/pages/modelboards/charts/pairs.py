"""Which models can be told apart: every two of them, and what is known of their difference."""

from __future__ import annotations

from podium.server.modelboards.queries import Difference, Statistics
from podium.server.pages.modelboards.charts.heat import HeatCell, HeatLine, HeatTable
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.figures import number
from podium.server.pages.modelboards.model_address import model_url

MOST = 30
_SURE, _FAIR = 0.001, 0.01


def told_apart(contents: BoardContents) -> HeatTable | None:
    """The matrix of the first models that were compared; None where no two were."""
    found = contents.statistics
    if found is None or not found.pairs or not contents.view.as_it_stands:
        return None
    differences = _both_ways(found)
    compared = {pk for pair in differences for pk in pair}
    rows = [row for row in contents.chosen if row.id in compared][:MOST]
    if len(rows) < 2:
        return None
    lower = contents.metric.lower_is_better
    lines = []
    for place, row in enumerate(rows, start=1):
        cells = tuple(
            _cell(row.model, other.model, differences.get((row.id, other.id)), lower_is_better=lower, same=row is other)
            for other in rows
        )
        lines.append(HeatLine(f"{place}. {row.model}", model_url(row.model), cells))
    return HeatTable(
        title="Which models can be told apart?",
        rows_are="This model",
        columns_are="against",
        columns=tuple(f"{place}." for place in range(1, len(rows) + 1)),
        lines=tuple(lines),
        note=(
            "+ the model at the left is better, − it is worse, = they are not told apart. The stronger the colour, the"
            f" surer. Each pair is looked at alone, at {found.level:.0%}: of many pairs some seem to differ by chance."
            " What the data allow, in the table of the board, is right for all models together."
        ).replace("%", " %"),
    )


def _both_ways(found: Statistics) -> dict[tuple[int, int], tuple[Difference, float]]:
    """The difference of each pair, and 1 or -1 by which it must be multiplied for this way round."""
    both: dict[tuple[int, int], tuple[Difference, float]] = {}
    for pair in found.pairs:
        both[pair.first, pair.second] = pair.difference, 1.0
        both[pair.second, pair.first] = pair.difference, -1.0
    return both


def _cell(
    model: str, other: str, found: tuple[Difference, float] | None, *, lower_is_better: bool, same: bool
) -> HeatCell:
    if same:
        return HeatCell("")
    if found is None:
        return HeatCell("–", f"Nothing is known of {model} and {other}.")
    difference, turn = found
    estimate = turn * difference.estimate
    p = "below 0.0001" if difference.p < 0.0001 else f"{difference.p:.2g}"
    about = f"{model} minus {other}: {number(estimate)}, p {p}"
    if not difference.distinguishable:
        return HeatCell("=", f"{about}. Not told apart.")
    better = (estimate < 0) == lower_is_better
    heat = 9 if difference.p < _SURE else 6 if difference.p < _FAIR else 3
    return HeatCell("+" if better else "−", f"{about}. {'Better' if better else 'Worse'}.", heat)
