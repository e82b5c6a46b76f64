"""The part of a board's page that changes with its results, as its template needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from podium.server.accounts.people import Person
from podium.server.pages import wording
from podium.server.pages.modelboards.columns import Column, all_columns, in_order, shown_columns
from podium.server.pages.modelboards.contents import PER_PAGE, BoardContents
from podium.server.pages.modelboards.facets import column_choices, facets_of
from podium.server.pages.modelboards.rows import board_rows_html
from podium.server.pages.modelboards.summary import facts_of, meaning_of, warning_of
from podium.server.pages.modelboards.tabs import pane_of, tabs_of
from podium.server.pages.parts import Place

_LONG_TITLE = 28


@dataclass(frozen=True)
class Head:
    """The head of a column: a link that sorts by it. `sort` is how the board is sorted by it now, empty for not."""

    title: str
    about: str
    url: str
    sort: str
    kind: str


def board_part(contents: BoardContents, person: Person | None) -> dict[str, Any]:
    """What the template of the part needs."""
    view = contents.view
    context: dict[str, Any] = {
        "dataset": contents.dataset,
        "view": view,
        "ranked": sum(row.rank is not None for row in contents.rows),
        "facts": facts_of(contents),
        "warning": warning_of(contents),
        "tabs": tabs_of(contents),
        "facets": facets_of(contents),
        "count": wording.counted(len(contents.chosen), "result" if view.show == "all" else "model"),
        "there": bool(contents.rows),
        "everything": replace(view, words="", badges=(), sender="", interval="").but(),
        "search_fields": view.fields("model", "page"),
        "filter_fields": view.fields("badge", "by", "interval", "show", "at", "page", "result"),
    }
    if view.tab != "table":
        return {**context, "pane": pane_of(contents, person)}
    columns = all_columns(contents)
    shown = shown_columns(contents, columns)
    rows = in_order(contents, columns)
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(view.page, pages)
    return {
        **context,
        "heads": _heads(contents, shown),
        "rows": board_rows_html(contents, rows[(page - 1) * PER_PAGE : page * PER_PAGE], shown),
        "columns": column_choices(columns, shown),
        "column_fields": view.fields("columns", "page"),
        "meaning": meaning_of(contents),
        "pages": [
            *([Place("Rows before", view.but(page=page - 1))] if page > 1 else []),
            *([Place("Rows after", view.but(page=page + 1))] if page < pages else []),
        ],
    }


def _heads(contents: BoardContents, columns: Sequence[Column]) -> list[Head]:
    view, metric = contents.view, contents.metric
    title = f"{metric.title}{f', {metric.unit}' if metric.unit else ''} {metric.arrow}"
    sort = view.sort or "rank"

    def head(name: str, title: str, about: str, kind: str, *, descending: bool = False) -> Head:
        state = "ascending" if sort == name else "descending" if sort == f"-{name}" else ""
        url = view.but(sort="") if name == "rank" and sort != "rank" else view.sorted_by(name, descending=descending)
        # What is sorted by rank without saying so is turned round by the first click.
        url = view.but(sort="-rank") if name == "rank" and sort == "rank" else url
        return Head(title, about, url, state, f"{kind} long" if len(title) > _LONG_TITLE else kind)

    about = f"{metric.summary} {metric.direction.capitalize()}.".strip()
    return [
        head("rank", "Rank", "One more than there are better scores.", "n rank"),
        head("model", "Model", "", ""),
        head("score", title, about, "n", descending=not metric.lower_is_better),
        *(
            head(each.name, each.title, each.about, "n opt" if each.is_number else "opt", descending=each.descending)
            for each in columns
        ),
    ]
