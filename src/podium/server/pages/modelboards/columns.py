"""The columns of a board: what each is called, what stands in its cells, and what it sorts by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from math import isfinite

from podium.server.modelboards.queries import BoardRow
from podium.server.pages.modelboards.contents import BoardContents, MetricFacts, score_of
from podium.server.pages.modelboards.figures import number, written_alike

NO_NUMBER = "–"
Key = float | str | None
_USUAL_OTHERS = 1
_METRIC = "metric:"
_NOT_APART = ("not told apart", "from", "Not told apart from")
_METHODS = {
    "mcnemar": ", McNemar’s exact test on the same items",
    "t": ", paired t test on the same items",
    "t-clustered": ", paired t test by groups of items",
    "paired-bootstrap": ", bootstrap of the same items",
    "sign": ", sign test on the same items",
    "unpaired": ", by the two intervals alone",
}


@dataclass(frozen=True)
class Column:
    """A column beside rank, model and score. `cell` is ready HTML; `key` is what rows are sorted by, None last;
    `descending` says that the first click puts the largest first."""

    name: str
    title: str
    about: str
    cell: Callable[[BoardRow], str]
    key: Callable[[BoardRow], Key]
    is_number: bool = True
    descending: bool = False


def all_columns(contents: BoardContents) -> list[Column]:
    """Every column that can be chosen, from left to right."""
    level = contents.statistics.level if contents.statistics else 0.95
    write = written_alike(gap for row in contents.rows if (gap := _gap(contents, row)))
    return [
        Column(
            "spread",
            "Data allow",
            f"The best and the worst rank that the data allow, for all models together at {level:.0%}.",
            lambda row: _spread(contents, row),
            lambda row: place.best if (place := contents.place(row)) else None,
        ),
        Column(
            "to_best",
            "To the best",
            "The difference to the best score, and whether chance can explain it.",
            lambda row: _to_best(contents, row, write),
            lambda row: _gap(contents, row),
        ),
        Column("count", "n", "How many items it was scored on here.", _count, lambda row: row.count, descending=True),
        *(_metric_column(contents, facts) for facts in contents.others.values()),
        Column("updated", "Date", "The date that was declared, or that it arrived on.", _date, _date_key, False, True),
        Column("by", "Sent by", "Who sent it.", lambda row: escape(_sender(row)) or NO_NUMBER, _sender_key, False),
        Column(
            "results",
            "Results",
            "How many results the model has had here; this is one of them.",
            lambda row: revisions_in_words(row, contents.view.show),
            lambda row: row.revisions,
            descending=True,
        ),
    ]


def shown_columns(contents: BoardContents, columns: Sequence[Column]) -> list[Column]:
    """Those that the reader chose, or the usual ones: all but who sent it, and the first of the other metrics."""
    chosen = contents.view.columns
    if chosen is not None:
        return [column for column in columns if column.name in chosen]
    others = [column.name for column in columns if column.name.startswith(_METRIC)][_USUAL_OTHERS:]
    return [column for column in columns if column.name not in {"by", *others}]


def in_order(contents: BoardContents, columns: Sequence[Column]) -> list[BoardRow]:
    """The chosen rows in the order that the reader wants; those without what it goes by stand last."""
    rows = contents.chosen
    sort = contents.view.sort
    descending, name = sort.startswith("-"), sort.removeprefix("-")
    if name in {"", "rank"}:
        return _turned(rows, lambda row: row.rank) if descending else rows
    keys: dict[str, Callable[[BoardRow], Key]] = {
        "model": lambda row: row.model.casefold(),
        "score": lambda row: row.score,
        **{column.name: column.key for column in columns},
    }
    if name not in keys:
        return rows
    return _turned(rows, keys[name]) if descending else _sorted(rows, keys[name])


def revisions_in_words(row: BoardRow, show: str) -> str:
    """`best of 7`, `latest of 7`, `3rd of 7` as `3 of 7`; one that is alone is `1`."""
    if row.revisions == 1:
        return "1"
    if show == "all":
        return f"{row.revision:,} of {row.revisions:,}"
    return f"{show} of {row.revisions:,}"


def _sorted(rows: Sequence[BoardRow], key: Callable[[BoardRow], Key]) -> list[BoardRow]:
    there = [row for row in rows if key(row) is not None]
    return sorted(there, key=key) + [row for row in rows if key(row) is None]  # type: ignore[arg-type]


def _turned(rows: Sequence[BoardRow], key: Callable[[BoardRow], Key]) -> list[BoardRow]:
    there = [row for row in rows if key(row) is not None]
    # Equal ones keep their order, whichever way round.
    return sorted(there, key=key, reverse=True) + [row for row in rows if key(row) is None]  # type: ignore[arg-type]


def _metric_column(contents: BoardContents, facts: MetricFacts) -> Column:
    about = f"{facts.summary} {facts.direction.capitalize()}.".strip()
    title = f"{facts.title}, {facts.unit} {facts.arrow}" if facts.unit else f"{facts.title} {facts.arrow}"
    name = facts.name
    write = written_alike(score for row in contents.rows if (score := score_of(row, name)) is not None)

    def cell(row: BoardRow) -> str:
        score = score_of(row, name)
        return missing("It has no such score.") if score is None else write(score)

    return Column(
        f"{_METRIC}{name}", title, about, cell, lambda row: score_of(row, name), descending=not facts.lower_is_better
    )


@cache
def missing(reason: str) -> str:
    """A dash that says why nothing stands there."""
    return f'<span title="{escape(reason)}">{NO_NUMBER}</span>'


def _spread(contents: BoardContents, row: BoardRow) -> str:
    place = contents.place(row)
    if place is None or place.best is None or place.worst is None:
        return missing(contents.why_unknown(row))
    ranks = f"{place.best:,}" if place.best == place.worst else f"{place.best:,}–{place.worst:,}"
    if place.top1 is None:
        return ranks
    chances = f"The chance to be first is {_share(place.top1)}"
    among = "" if place.top3 is None else f", to be among the first three {_share(place.top3)}"
    return f'<span title="{chances}{among}.">{ranks}</span>'


def _share(chance: float) -> str:
    return (
        "below 1 %" if 0 < chance < 0.01 else "above 99 %" if 0.99 < chance < 1 else f"{chance:.0%}".replace("%", " %")
    )


def _gap(contents: BoardContents, row: BoardRow) -> float | None:
    if row.score is None or contents.best is None or contents.best.score is None:
        return None
    gap = abs(row.score - contents.best.score)
    return gap if isfinite(gap) else None


def _to_best(contents: BoardContents, row: BoardRow, write: Callable[[float], str]) -> str:
    if row.score is None:
        return missing("It has no score.")
    if row.rank == 1 and row is contents.best:
        return "best"
    gap = _gap(contents, row)
    shown = missing("The scores are too far apart for a computer's numbers.") if gap is None else write(gap)
    return f'{shown} <span class="quiet">{_verdict(contents, row)}</span>'


def _verdict(contents: BoardContents, row: BoardRow) -> str:
    told = contents.to_best(row)
    if told is None:
        return missing(contents.why_unknown(row))
    words, rest, full = ("worse", "than", "Worse than") if told.distinguishable else _NOT_APART
    how = _METHODS.get(told.method, "")
    between = f"between {number(told.low)} and {number(told.high)}"
    about = f"{full} the best: the difference is {number(told.estimate)}, {between}{how}."
    return f'<span title="{about}">{words}<span class="sr"> {rest} the best</span></span>'


def _count(row: BoardRow) -> str:
    if row.count is None:
        return missing("It was declared, not scored here.")
    return f"{row.count:,}"


def _date(row: BoardRow) -> str:
    arrived = row.created_at.date().isoformat()
    if row.updated_on is not None:
        day = row.updated_on.isoformat()
        return day if day <= arrived else f'{day} <span class="quiet">not yet on arrival, {arrived}</span>'
    if row.updated:
        return f'<span title="It names no day. The result arrived on {arrived}.">{escape(row.updated)}</span>'
    return arrived


def _date_key(row: BoardRow) -> str:
    return (row.updated_on or row.created_at.date()).isoformat()


def _sender(row: BoardRow) -> str:
    return row.submitted_by or row.submitter


def _sender_key(row: BoardRow) -> str | None:
    return _sender(row).casefold() or None
