"""A leaderboard as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from podium.rules.board.submission_rules import SubmissionRule
from podium.server import clock
from podium.server.leaderboards.queries import AS_RANKED, Board, ColumnGroup, ShownColumn
from podium.server.pages import wording
from podium.server.pages.board_rows import RowColumn, RowsBeside, board_rows
from podium.server.pages.board_state import BoardState, column_names

_WIDE = 7
_ARROWS = {"descending": "\N{NO-BREAK SPACE}↓", "ascending": "\N{NO-BREAK SPACE}↑"}
_TIES = "Where all scores are equal, the earlier submission stands first: no two entries share a rank."
_PATIENCE = timedelta(seconds=5)
_RULES = {
    SubmissionRule.FORCE_BEST: "The best submission of each participant stands here by itself.",
    SubmissionRule.FORCE_LAST: "The latest submission of each participant stands here by itself.",
    SubmissionRule.FORCE_LATEST_MULTIPLE: "Every submission with scores stands here by itself.",
    SubmissionRule.BY_ORGANIZERS: "The organizers choose which submission of each participant stands here.",
}
_BY_HAND = "Participants choose which submission stands here, by “Add to leaderboard” on its page."


@dataclass(frozen=True)
class Heading:
    """The head of a column. `main` is the one that ranks first, and the only one shown on a phone; `begins` says that
    a group of columns after the first begins with it, `shown` that the reader wants to see it. `sort` is how the rows
    are sorted by it now, and `url` where they are sorted otherwise."""

    title: str
    name: str = ""
    main: bool = False
    sort: str = ""
    arrow: str = ""
    url: str = ""
    begins: bool = False
    shown: bool = True


def board_table(board: Board, state: BoardState, beside: RowsBeside, sureness: str = "") -> dict[str, object]:
    """The table's template context, its rows ready. `sureness` says in words how sure the scores are."""
    headings = _headings(board, state)
    shown = [heading for heading in headings if heading.shown]
    rule = SubmissionRule(board.rule)
    columns = [
        RowColumn(name, main=heading.main, begins=heading.begins, shown=heading.shown)
        for name, heading in zip(_full_names(board.groups), headings, strict=True)
    ]
    return {
        "phase": board.phase_name,
        "hidden": board.hidden,
        "groups": _group_heads(board, headings),
        "columns": shown,
        "person": _plain_heading(state, board, "Participant", "participant"),
        "answers": [
            _plain_heading(state, board, title, f"answer.{key}")
            for key, title in zip(board.question_keys, board.questions, strict=True)
        ],
        "submitted": _plain_heading(state, board, "Submitted", "submitted"),
        "tail": len(board.questions) + 2,
        "rows": board_rows(board, columns, beside),
        "order": _order(board, headings),
        "by_rank": "" if board.arrangement == AS_RANKED else state.by_rank().url,
        "count": wording.counted(board.total, "entry", "entries"),
        "refused": board.refused,
        "caption": f"{_RULES.get(rule, _BY_HAND)} {_TIES}",
        "sureness": sureness,
        "wide": len(shown) + len(board.questions) > _WIDE,
        "behind": _behind(board.stale_since),
        "empty": "Nobody of this name stands here." if state.who else "No scores yet.",
        "empty_more": "Write less of the name." if state.who else _empty(rule),
    }


def column_choices(groups: Sequence[ColumnGroup], state: BoardState) -> list[dict[str, object]]:
    """The columns that a reader may choose from. The one that ranks first is always shown."""
    main = [not number and column.primary for number, group in enumerate(groups) for column in group.columns]
    return [
        {"name": name, "title": title, "shown": ranks or state.shows(name), "main": ranks}
        for name, title, ranks in zip(column_names(groups), _full_names(groups), main, strict=True)
    ]


def _headings(board: Board, state: BoardState) -> list[Heading]:
    names = iter(column_names(board.groups))
    headings = [
        _heading(board, state, column, next(names), ranks=number == 0)
        for number, group in enumerate(board.groups)
        for column in group.columns
    ]
    place = 0
    for number, group in enumerate(board.groups):
        part = headings[place : place + len(group.columns)]
        first = next((at for at, heading in enumerate(part, start=place) if heading.shown), None)
        if number and first is not None:
            headings[first] = replace(headings[first], begins=True)
        place += len(group.columns)
    return headings


def _group_heads(board: Board, headings: Sequence[Heading]) -> list[dict[str, object]]:
    if len(board.groups) == 1:
        return []
    heads: list[dict[str, object]] = []
    place = 0
    for group in board.groups:
        width = sum(heading.shown for heading in headings[place : place + len(group.columns)])
        place += len(group.columns)
        if width:
            heads.append({"title": group.title, "width": width})
    return heads


def _order(board: Board, headings: Sequence[Heading]) -> str:
    """In what order the rows stand."""
    now = next((heading.title for heading in headings if heading.name == board.arrangement.column), "")
    now = now or {"participant": "participant", "submitted": "submission"}.get(board.arrangement.column, "")
    if now:
        return f"sorted by {now}; the ranks stay what they are"
    # Hidden columns, which the staff sees, count only where they are primary.
    first = [column for column in board.groups[0].columns if column.primary or not column.hidden]
    order = ", then ".join(column.title for column in sorted(first, key=lambda column: not column.primary))
    return f"ranked by {order}, then the earlier submission"


def _heading(board: Board, state: BoardState, column: ShownColumn, name: str, *, ranks: bool) -> Heading:
    descending = column.better.startswith("higher")
    main = ranks and column.primary
    if board.arrangement.column == name:
        sort = "descending" if board.arrangement.descending else "ascending"
    else:
        sort = ("descending" if descending else "ascending") if main and not board.arrangement.sort else ""
    return Heading(
        title=f"{column.title} (hidden)" if column.hidden else column.title,
        name=name,
        main=main,
        sort=sort,
        arrow=_ARROWS.get(sort, ""),
        url=state.sorted_by(name, descending=descending).url,
        shown=main or state.shows(name),
    )


def _plain_heading(state: BoardState, board: Board, title: str, name: str) -> Heading:
    """The head of a column of texts or moments."""
    sort = ""
    if board.arrangement.column == name:
        sort = "descending" if board.arrangement.descending else "ascending"
    url = state.sorted_by(name, descending=False).url
    return Heading(title=title, name=name, sort=sort, arrow=_ARROWS.get(sort, ""), url=url)


def _full_names(groups: Sequence[ColumnGroup]) -> list[str]:
    if len(groups) == 1:
        return [column.title for column in groups[0].columns]
    return [f"{group.title}: {column.title}" for group in groups for column in group.columns]


def _behind(since: datetime | None) -> str:
    """What to say of ranks that are not made again by now; empty where they soon will be."""
    if since is None or clock.now() - since < _PATIENCE:
        return ""
    return "The columns that come from ranks are being computed again. Load the page again in a moment."


def _empty(rule: SubmissionRule) -> str:
    if rule.automatic:
        return "A submission appears here as soon as it is scored."
    if rule is SubmissionRule.BY_ORGANIZERS:
        return "A submission appears here when an organizer puts it here."
    return "A submission appears here when its participant presses “Add to leaderboard” on its page."
