"""Models next to each other as a page shows it: every difference with its interval, and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from podium.rules.modelboards.verdicts import Verdict
from podium.server.exports.tables import Head, Table
from podium.server.modelboards.models import Badge
from podium.server.modelboards.queries.side_by_side import Shared, Side, SideBySide, SidePair, Unsaid
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words, number
from podium.server.pages.modelboards.model_address import model_url
from podium.server.pages.modelboards.model_lines import interval

_WHAT_A_DIFFERENCE_IS = (
    "A difference is the first model's score minus the second's, with its 95 % interval. p is of this difference alone"
)
_HOW_IT_CAME_ABOUT = (
    "Where both models were scored here they are paired item by item. Where they were not, only their intervals are"
    " known: these are taken for 95 % ones of different items, and the difference is marked unpaired; it sees less."
)
_METHODS: Mapping[str, str] = {
    "mcnemar": "McNemar's exact test",
    "t": "paired t test",
    "t-clustered": "paired t test by groups of items",
    "paired-bootstrap": "paired bootstrap",
    "sign": "sign test",
}
_UNSAID: Mapping[Unsaid, str] = {
    Unsaid.WAITS: "Not known yet: the items have to be compared first.",
    Unsaid.TOO_LITTLE: "Cannot be said: there are too few items to compare by.",
    Unsaid.TOO_LARGE: "Cannot be said: the scores are too far apart for a computer's numbers.",
}


@dataclass(frozen=True)
class SideLine:
    """A model's score on a dataset."""

    model: str
    url: str
    score: str
    interval: str
    count: str
    badge: str
    best: bool


@dataclass(frozen=True)
class PairLine:
    """A difference, the first minus the second."""

    first: str
    second: str
    difference: str
    interval: str
    p: str
    p_of_all: str
    how: str
    words: str
    apart: bool


@dataclass(frozen=True)
class SharedBlock:
    """A dataset with what the models reached there and how they differ."""

    name: str
    url: str
    about: str
    sides: tuple[SideLine, ...]
    absent: str
    pairs: tuple[PairLine, ...]


@dataclass(frozen=True)
class TallyLine:
    """Two models over all datasets: on how many each is better, and on how many that is open."""

    first: str
    second: str
    first_better: int
    second_better: int
    not_apart: int
    unsaid: int


def blocks(found: SideBySide) -> list[SharedBlock]:
    """The datasets of the page."""
    count = comparison_count(found)
    return [_block(found, each, count) for each in found.shared]


def comparison_count(found: SideBySide) -> int:
    """How many differences were computed together."""
    return sum(pair.difference is not None for each in found.shared for pair in each.pairs)


def tally(found: SideBySide) -> list[TallyLine]:
    """Each pair of models over all datasets that they share."""
    told: dict[tuple[str, str], Counter[str]] = {}
    for each in found.shared:
        for pair in each.pairs:
            counted = told.setdefault((pair.first.model, pair.second.model), Counter())
            if pair.verdict is Verdict.APART:
                counted["first" if better_of(pair, each) is pair.first else "second"] += 1
            else:
                counted["unsaid" if pair.verdict is Verdict.UNSAID else "open"] += 1
    return [
        TallyLine(first, second, counted["first"], counted["second"], counted["open"], counted["unsaid"])
        for (first, second), counted in told.items()
    ]


def better_of(pair: SidePair, shared: Shared) -> Side:
    """The model whose score is the better one."""
    first_is_higher = pair.first.score > pair.second.score
    return pair.first if first_is_higher != shared.lower_is_better else pair.second


def in_words_of(pair: SidePair, shared: Shared, count: int) -> str:
    """What a difference says, for people."""
    if pair.difference is None:
        if pair.unsaid is Unsaid.NO_INTERVAL:
            bare = [side.model for side in (pair.first, pair.second) if side.low is None]
            return f"Cannot be said: no interval is known of {' and '.join(bare)}."
        return _UNSAID[pair.unsaid or Unsaid.TOO_LITTLE]
    better = better_of(pair, shared).model
    if pair.verdict is Verdict.APART:
        return f"{better} is better."
    if pair.verdict is Verdict.ALONE:
        return f"Not told apart: {better} would be better if this were the only one of {count:,} comparisons."
    return "Cannot be told apart."


def notes(found: SideBySide) -> list[str]:
    """What a reader of the table should know."""
    count = comparison_count(found)
    together = f"p of all of {wording.counted(count, 'comparison')} together by Holm's method"
    said = [f"{_WHAT_A_DIFFERENCE_IS}, {together}; the words go by p of all.", _HOW_IT_CAME_ABOUT]
    if found.unknown:
        said.append(f"No score is known of {', '.join(found.unknown)}.")
    if found.more:
        said.append(f"{wording.counted(found.more, 'further shared dataset')} are left out.")
    return said


def compared_as_table(found: SideBySide) -> Table:
    """Every difference as a table to take home."""
    count = comparison_count(found)
    titles = ("Dataset", "Metric", "First", "Second")
    numbers = ("First score", "Second score", "Difference", "Low", "High", "p", "p of all")
    last = ("Method", "In words")
    heads = [
        *(Head(title, key=_key(title)) for title in titles),
        *(Head(title, is_number=True, key=_key(title)) for title in numbers),
        *(Head(title, key=_key(title)) for title in last),
    ]
    rows = []
    for each in found.shared:
        for pair in each.pairs:
            told = pair.difference
            figures = (None, None, None, None) if told is None else (told.estimate, told.low, told.high, told.p)
            rows.append(
                (
                    each.dataset.name,
                    each.metric,
                    pair.first.model,
                    pair.second.model,
                    pair.first.score,
                    pair.second.score,
                    *figures,
                    pair.p_of_all,
                    "" if told is None else told.method,
                    in_words_of(pair, each, count),
                )
            )
    title = f"Comparison of {wording.counted(len(found.models), 'model')}"
    about = {"models": list(found.models), "metric": found.metric, "complete": not found.waits}
    return Table(title, heads, rows, number, about, notes(found))


def _key(title: str) -> str:
    return title.lower().replace(" ", "_")


def _block(found: SideBySide, shared: Shared, count: int) -> SharedBlock:
    there = [side for side in shared.sides if side is not None]
    scores = [side.score for side in there]
    best = (min if shared.lower_is_better else max)(scores, default=None)
    absent = [model for model, side in zip(found.models, shared.sides, strict=True) if side is None]
    direction = "lower is better" if shared.lower_is_better else "higher is better"
    about = [in_words(shared.dataset.task_type), shared.metric, direction]
    return SharedBlock(
        name=shared.dataset.name,
        url=reverse("model_board", args=[shared.dataset.slug]),
        about=" · ".join(each for each in about if each),
        sides=tuple(_side(side, best) for side in there),
        absent=", ".join(absent),
        pairs=tuple(_pair(pair, shared, count) for pair in shared.pairs),
    )


def _side(side: Side, best: float | None) -> SideLine:
    return SideLine(
        model=side.model,
        url=model_url(side.model),
        score=number(side.score),
        interval=interval(side.low, side.high),
        count=wording.counted(side.count, "item") if side.scored and side.count is not None else "",
        badge=Badge(side.badge).label,
        best=side.score == best,
    )


def _pair(pair: SidePair, shared: Shared, count: int) -> PairLine:
    told = pair.difference
    how = ""
    if told is not None:
        how = f"paired, {_METHODS.get(told.method, told.method)}" if pair.paired else "unpaired, by the two intervals"
    return PairLine(
        first=pair.first.model,
        second=pair.second.model,
        difference=_signed(pair.first.score - pair.second.score if told is None else told.estimate),
        interval="" if told is None else f"{_signed(told.low)} to {_signed(told.high)}",
        p="" if told is None else _p(told.p),
        p_of_all=_p(pair.p_of_all),
        how=how,
        words=in_words_of(pair, shared, count),
        apart=pair.verdict is Verdict.APART,
    )


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"


def _p(value: float | None) -> str:
    if value is None:
        return ""
    return "<\N{NO-BREAK SPACE}0.001" if value < 0.001 else f"{value:.3f}"
