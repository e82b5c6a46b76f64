"""How sure the scores of a competition's board are, as its page says it: bars, brackets, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from podium.rules.board.display import aligned
from podium.server.certainty.queries import BoardSureness
from podium.server.leaderboards.queries import BoardRow
from podium.server.pages import wording
from podium.server.pages.interval_bars import NO_BAR, interval_bar

_DIGITS = 4


@dataclass(frozen=True)
class RowSureness:
    """What stands in a row: the `bar` in its main cell, the interval in words (empty where there is none), the class
    of the `bracket` at its rank, and whether it is one of those that cannot be told from the first."""

    bar: str = ""
    interval: str = ""
    bracket: str = ""
    tied: bool = False


UNSURE = RowSureness()


def row_sureness(found: BoardSureness | None, rows: Sequence[BoardRow], *, in_order: bool) -> Mapping[int, RowSureness]:
    """What stands in these rows, by submission; `in_order` says that they stand in the order of ranks, so that those
    which belong together can be bracketed."""
    if found is None or not (found.intervals or found.tied):
        return {}
    ends = [end for bounds in found.intervals.values() for end in bounds]
    span = (min(ends), max(ends)) if ends and min(ends) < max(ends) else None
    tied = [row.submission_id in found.tied for row in rows]
    result = {}
    for place, row in enumerate(rows):
        bounds = found.intervals.get(row.submission_id)
        words = (
            ""
            if bounds is None
            else f"{aligned(bounds.low, found.precision)} to {aligned(bounds.high, found.precision)}"
        )
        bar = NO_BAR if found.intervals else ""
        if bounds is not None and span is not None:
            bar = interval_bar(*bounds, span, words)
        bracket = _bracket(tied, place) if in_order else ""
        result[row.submission_id] = RowSureness(bar, words, bracket, tied=tied[place])
    return result


def _bracket(tied: Sequence[bool], place: int) -> str:
    if not tied[place]:
        return ""
    before = place > 0 and tied[place - 1]
    after = place + 1 < len(tied) and tied[place + 1]
    return " tie" + ("" if before else " tie-top") + ("" if after else " tie-end")


def sureness_sentence(found: BoardSureness | None) -> str:
    """What a board's items say of it in words; empty where they say nothing."""
    if found is None:
        return ""
    told = []
    if found.intervals:
        told.append(f"Bars are {found.level * 100:.0f} % intervals of the mean over items.")
    if found.compared > 1 and found.tied:
        told.append(
            f"Of the first {found.compared:,} entries, compared item by item on {found.items:,} items, "
            f"{len(found.tied):,} may be the best: the data do not tell them apart from rank 1."
        )
    elif found.compared > 1:
        told.append(
            f"Rank 1 is told apart from all others of the first {found.compared:,} entries, compared item by item on "
            f"{found.items:,} items."
        )
    if found.detectable is not None:
        told.append(
            f"The smallest difference that these items show in four of five tries is {found.detectable:.{_DIGITS}g}."
        )
    if found.apart:
        scores = wording.counted(found.apart, "score here is", "scores here are")
        told.append(f"{scores} not the mean of the items, so no interval is drawn there.")
    return " ".join(told)
