"""The matrix of models and datasets as a page shows it: ready rows, and the rules that made its numbers, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString

from podium.rules.modelboards.aggregates import Missing
from podium.rules.modelboards.standing import sort_key
from podium.server.modelboards.queries import DatasetRow
from podium.server.modelboards.queries.matrix import By, Matrix, MatrixColumn, MatrixRow, Scaling
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words, number
from podium.server.pages.modelboards.matrix_state import AGGREGATES, MatrixState, weight_field
from podium.server.pages.modelboards.model_address import model_url

TITLES: Mapping[By, str] = {"win_rate": "Mean win rate", "mean": "Mean", "borda": "Borda count"}
MEANINGS: Mapping[By, str] = {
    "win_rate": "How many of the other models it beats on a dataset, in percent, averaged over the datasets.",
    "mean": "Where its scores lie between the worst (0) and the best (100) of each scale, averaged over the datasets.",
    "borda": "How many other models it beats, added up over the datasets.",
}
MISSING_RULES: Mapping[Missing, str] = {
    Missing.LAST: "Where a model has no result it comes last on that dataset, and counts 0 in the mean.",
    Missing.OWN: "Each model is judged by the datasets on which it has results; those may be the easy ones.",
    Missing.COMPLETE: "Only models with a result on every dataset are ranked, as if the others were not there.",
}
SCALING_RULES: Mapping[Scaling, str] = {
    "metric": "The mean measures a score on the scale of its metric, such as 0 to 1 for accuracy; a dataset of which"
    " none is known does not count in it.",
    "seen": "The mean measures a score between the lowest and the highest of the models compared here; it changes with"
    " them.",
}
_NOTHING = '<span title="{}">–</span>'
_LONGEST_HEAD = 28


@dataclass(frozen=True)
class DatasetChoice:
    """A line of the form: a dataset that is compared, or could be."""

    slug: str
    name: str
    url: str
    metric: str
    direction: str
    scale: str
    weight: str
    weight_field: str
    chosen: bool
    wrong: bool


@dataclass(frozen=True)
class ColumnHead:
    """The head of a column: a link that sorts by it."""

    title: str
    whole: str
    url: str
    sort: str
    css: str


def heads(matrix: Matrix, state: MatrixState) -> list[ColumnHead]:
    """The heads after rank: the model, the aggregates with the one that ranks first, and the datasets."""
    by = state.wish.by
    found = [_head("Model", "By name", state.sorted_by("model"), "ascending" if state.sort == "model" else "", "")]
    for each in by_first(by):
        sort = "descending" if each == by and not state.sort else ""
        found.append(_head(TITLES[each], MEANINGS[each], state.ranked_by(each), sort, "n" if each == by else "n opt"))
    for column in matrix.columns:
        dataset = column.dataset
        way = "ascending" if dataset.lower_is_better else "descending"
        title = f"{dataset.name}: {_direction(dataset)}"
        url = state.sorted_by(dataset.slug)
        found.append(_head(dataset.name, title, url, way if state.sort == dataset.slug else "", "n opt"))
    return found


def by_first(by: By) -> tuple[By, ...]:
    """All aggregates, this one first."""
    return (by, *(each for each in AGGREGATES if each != by))


def rows_html(matrix: Matrix, state: MatrixState) -> SafeString:
    """All rows, two elements each: one of the table, and one that tells a phone what it has no room for."""
    best = [_best(matrix, place) for place in range(len(matrix.columns))]
    order = by_first(state.wish.by)
    return SafeString("".join(_row(row, order, best) for row in _sorted(matrix, state.sort)))


def choices(matrix: Matrix, state: MatrixState) -> list[DatasetChoice]:
    """The datasets for the form: those that are compared, then those that could be."""
    compared = [_choice(each.dataset, state, each) for each in matrix.columns]
    return compared + [_choice(each, state, None) for each in matrix.others]


def remarks(matrix: Matrix, state: MatrixState) -> list[str]:
    """The rules by which the numbers came about, and what was left out."""
    wish = state.wish
    found = [MISSING_RULES[wish.missing], SCALING_RULES[wish.scaling]]
    unscaled = [each.dataset.name for each in matrix.columns if each.scale is None and each.weight]
    if unscaled:
        found.append(f"Not in the mean: {_listed(unscaled)}.")
    lower = [each.dataset.name for each in matrix.columns if each.dataset.lower_is_better]
    if lower:
        found.append(f"The lowest score is the best on {_listed(lower)}; all aggregates count it so.")
    if any(row.is_baseline for row in matrix.rows):
        found.append("Baselines are shown and not ranked, and nobody wins by beating them.")
    found.append("The best score of each dataset stands out.")
    if matrix.more_models:
        more = wording.counted(matrix.more_models, "model")
        found.append(f"{more} with fewer results are not compared here; find fewer models or datasets to see them.")
    if matrix.others and not state.wish.datasets:
        found.append(f"{wording.counted(len(matrix.others), 'dataset')} with fewer models are not compared here.")
    return found


def percent(value: float | None) -> str:
    """A share in percent, with one decimal."""
    return "–" if value is None else f"{100 * value:.1f}"


def _head(title: str, whole: str, url: str, sort: str, css: str) -> ColumnHead:
    short = title if len(title) <= _LONGEST_HEAD else f"{title[: _LONGEST_HEAD - 1].rstrip()}…"
    return ColumnHead(short, whole, url, sort, css)


def _sorted(matrix: Matrix, sort: str) -> Sequence[MatrixRow]:
    if sort == "model":
        return sorted(matrix.rows, key=lambda row: row.model.casefold())
    for place, column in enumerate(matrix.columns):
        if column.dataset.slug == sort:
            lower = column.dataset.lower_is_better
            return sorted(matrix.rows, key=lambda row: sort_key(row.scores[place], lower_is_better=lower))
    return matrix.rows


def _best(matrix: Matrix, place: int) -> float | None:
    scores = [score for row in matrix.rows if not row.is_baseline and (score := row.scores[place]) is not None]
    return (min if matrix.columns[place].dataset.lower_is_better else max)(scores, default=None)


def _row(row: MatrixRow, order: Sequence[By], best: Sequence[float | None]) -> str:
    why = "It is a baseline, which is not ranked." if row.is_baseline else "It has no aggregate to be ranked by."
    rank = _NOTHING.format(why) if row.rank is None else f"{row.rank:,}"
    figures = [_figure(row, each) for each in order]
    aggregates = f'<td class="n lead">{figures[0]}</td>' + "".join(
        f'<td class="n opt">{each}</td>' for each in figures[1:]
    )
    scores = "".join(_cell(score, top) for score, top in zip(row.scores, best, strict=True))
    count = sum(score is not None for score in row.scores) if row.is_baseline else row.aggregate.count
    on = f"{count} of {len(row.scores)}"
    badge = '<span class="badge">baseline</span>' if row.is_baseline else ""
    url = escape(model_url(row.model))
    told = "".join(
        f"<dt>{TITLES[each]}</dt><dd>{figure}</dd>" for each, figure in zip(order[1:], figures[1:], strict=True)
    )
    return (
        f'<tr><td class="n rank">{rank}</td>'
        f'<th scope="row" class="person"><a href="{url}"><bdi>{escape(row.model)}</bdi></a>{badge}</th>{aggregates}'
        f'<td class="n opt">{on}</td>{scores}</tr>\n'
        f'<tr class="more"><td></td><td colspan="{len(order) + len(row.scores) + 2}"><details><summary>More</summary>'
        f'<dl class="facts">{told}<dt>Datasets</dt><dd>{on}, <a href="{url}">each with its score</a></dd></dl>'
        "</details></td></tr>\n"
    )


def _figure(row: MatrixRow, by: By) -> str:
    aggregate = row.aggregate
    if by == "borda":
        return "–" if aggregate.borda is None else number(aggregate.borda)
    return percent(aggregate.win_rate if by == "win_rate" else aggregate.mean)


def _cell(score: float | None, best: float | None) -> str:
    if score is None:
        return '<td class="n opt">–</td>'
    return (
        f'<td class="n opt"><b>{number(score)}</b></td>' if score == best else f'<td class="n opt">{number(score)}</td>'
    )


def _choice(dataset: DatasetRow, state: MatrixState, column: MatrixColumn | None) -> DatasetChoice:
    weight = state.wish.weights.get(dataset.slug, 1.0)
    scale = "not compared"
    if column is not None:
        scale = f"{number(column.scale.low)} to {number(column.scale.high)}" if column.scale else "not in the mean"
    return DatasetChoice(
        slug=dataset.slug,
        name=dataset.name,
        url=reverse("model_board", args=[dataset.slug]),
        metric=column.metric if column and column.metric else in_words(dataset.task_type),
        direction=_direction(dataset),
        scale=scale,
        weight=f"{weight:g}",
        weight_field=weight_field(dataset.slug),
        chosen=column is not None,
        wrong=dataset.slug in state.unread,
    )


def _direction(dataset: DatasetRow) -> str:
    return "lower is better" if dataset.lower_is_better else "higher is better"


def _listed(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
