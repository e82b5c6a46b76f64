"""The tabs of a board: those for which there is something, and what the one that is looked at shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from podium.rules.errors import UserError
from podium.server.accounts.people import Person
from podium.server.modelboards.queries import BoardRow, items_of, results_shown, tables_of
from podium.server.pages.modelboards.charts.classes import MOST_MODELS, by_class
from podium.server.pages.modelboards.charts.confusion import confused
from podium.server.pages.modelboards.charts.drawing import Chart
from podium.server.pages.modelboards.charts.forest import forest
from podium.server.pages.modelboards.charts.heat import HeatTable
from podium.server.pages.modelboards.charts.pairs import told_apart
from podium.server.pages.modelboards.charts.price import costs_of, priced
from podium.server.pages.modelboards.charts.timeline import timeline
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.figures import number
from podium.server.pages.modelboards.state import Tab
from podium.server.pages.parts import Place

_TITLES: dict[Tab, str] = {
    "table": "Table",
    "forest": "Intervals",
    "time": "Over time",
    "classes": "By class",
    "pairs": "Told apart",
    "price": "Score and cost",
    "confusion": "Confusion",
    "items": "Items",
}
_NO_PAIRS = "No two models were compared: that is computed of the results that count now, once two were scored here."
_MOST_CHOICES = 100
_LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class ItemLine:
    """An item as its row shows it; texts are cut where they are long."""

    number: str
    id: str
    about: str
    input: str
    gold: str
    answer: str
    scores: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pane:
    """What a tab shows: a chart, a heat table, or items; `choices` lead to others of the kind, `models` to those of
    other models, `pages` to the items before and after. `empty` says why there is nothing, where that is so."""

    chart: Chart | None = None
    table: HeatTable | None = None
    items: tuple[ItemLine, ...] = ()
    title: str = ""
    choices: tuple[Place, ...] = ()
    models: tuple[Place, ...] = ()
    pages: tuple[Place, ...] = ()
    empty: str = ""


def tabs_of(contents: BoardContents) -> list[Place]:
    """Links to the tabs that have something to show, and to the one that is looked at."""
    scored = any(row.count is not None for row in contents.rows)
    found = contents.statistics
    there: dict[Tab, bool] = {
        "table": True,
        "forest": any(row.score is not None for row in contents.rows),
        "time": any(row.score is not None for row in contents.rows),
        "classes": scored,
        "pairs": bool(found and found.pairs and contents.view.as_it_stands),
        "price": bool(costs_of(contents.rows)),
        "confusion": scored and "classification" in contents.dataset.task_type,
        "items": contents.may_browse and any(row.has_items for row in contents.rows),
    }
    view = contents.view
    return [
        Place(_TITLES[tab], view.at_tab(tab), current=tab == view.tab)
        for tab, shown in there.items()
        if shown or tab == view.tab
    ]


def pane_of(contents: BoardContents, person: Person | None) -> Pane:
    """What the tab that is looked at shows; nothing of it for the table."""
    tab = contents.view.tab
    if tab == "forest":
        return _charted(forest(contents), "No result that is looked for has a score.")
    if tab == "time":
        rows = results_shown(contents.dataset, show="all", at=contents.view.moment)
        return _charted(timeline(contents, rows), "No result has a score yet.")
    if tab == "pairs":
        table = told_apart(contents)
        return Pane(table=table, empty="" if table else _NO_PAIRS)
    if tab == "price":
        found = priced(contents)
        if found is None:
            return Pane(empty="No two results tell a size, a price or another number of the model.")
        return Pane(chart=found.chart, choices=found.choices)
    if tab == "classes":
        return _classes(contents)
    if tab == "confusion":
        return _confusion(contents)
    return _items(contents, person) if tab == "items" else Pane()


def _charted(chart: Chart | None, empty: str) -> Pane:
    return Pane(chart=chart, empty="" if chart else empty)


def _classes(contents: BoardContents) -> Pane:
    rows = [row.id for row in contents.chosen if row.count is not None][:MOST_MODELS]
    found = by_class(contents, tables_of(contents.dataset, rows))
    if found is None:
        return Pane(empty="No result that is looked for has numbers by class: they come with predictions scored here.")
    return Pane(table=found.table, choices=found.choices)


def _confusion(contents: BoardContents) -> Pane:
    rows = [row for row in contents.chosen if row.count is not None]
    row = _asked(contents, rows)
    tables = tables_of(contents.dataset, [row.id] if row else [])
    found = tables.get(row.id) if row else None
    if row is None or found is None or found.confusion is None:
        return Pane(
            empty="There is no confusion matrix: it comes with predictions of labels that were scored here.",
            models=_models(contents, rows, row),
        )
    return Pane(table=confused(row.model, found.confusion), models=_models(contents, rows, row))


def _items(contents: BoardContents, person: Person | None) -> Pane:
    rows = [row for row in contents.chosen if row.has_items]
    row = _asked(contents, rows)
    if row is None:
        return Pane(empty="There are no items to browse: they come with predictions that were scored here.")
    view = contents.view
    try:
        page = items_of(contents.dataset, row.id, person, page=view.page, worst_first=view.worst)
    except UserError as error:
        return Pane(empty=f"{error.message} {error.hint}", models=_models(contents, rows, row))
    pages = [
        *([Place("Items before", view.but(page=page.page - 1))] if page.page > 1 else []),
        *([Place("Items after", view.but(page=page.page + 1))] if page.page < page.pages else []),
    ]
    lines = tuple(
        ItemLine(
            number=f"{item.number:,}",
            id=item.id,
            about=" · ".join(each for each in (item.language, item.cluster) if each),
            input=_text(item.input),
            gold=_text(item.gold),
            answer=_text(item.answer),
            scores=tuple((name, "–" if value is None else number(value)) for name, value in item.scores.items()),
        )
        for item in page.items
    )
    orders = (
        Place("In order", view.but(worst=False), current=not view.worst),
        Place("Worst first", view.but(worst=True), current=view.worst),
    )
    title = f"What did {page.model} answer? Page {page.page:,} of {page.pages:,}, {page.count:,} items"
    return Pane(items=lines, title=title, choices=orders, models=_models(contents, rows, row), pages=tuple(pages))


def _asked(contents: BoardContents, rows: list[BoardRow]) -> BoardRow | None:
    return next((row for row in rows if row.id == contents.view.result), rows[0] if rows else None)


def _models(contents: BoardContents, rows: list[BoardRow], chosen: BoardRow | None) -> tuple[Place, ...]:
    return tuple(
        Place(row.model, contents.view.but(result=row.id), current=row is chosen) for row in rows[:_MOST_CHOICES]
    )


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else orjson.dumps(value, default=str).decode()
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
