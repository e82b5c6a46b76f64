"""A leaderboard as a table for people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.safestring import SafeString

from podium.rules.board.submission_rules import SubmissionRule
from podium.server import clock
from podium.server.competitions.queries import PhaseDetail
from podium.server.leaderboards.queries import Board, BoardRow, NamedBoard, ShownColumn
from podium.server.pages import wording
from podium.server.pages.parts import Fact, Place

_WIDE = 7
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
    a group of columns after the first begins with it."""

    title: str
    main: bool
    sort: str
    arrow: str
    begins: bool


@dataclass(frozen=True)
class ShownCell:
    """A cell; `kind` is appended to its class."""

    text: str
    kind: str
    title: str


@dataclass(frozen=True)
class ShownRow:
    """A row; `more` repeats what a phone has no room for, and `links` lead to files."""

    id: int
    rank: int
    name: str
    url: str
    mine: bool
    cells: tuple[ShownCell, ...]
    answers: tuple[str, ...]
    sent: SafeString
    more: tuple[Fact, ...]
    links: tuple[Place, ...] = ()


def board_table(
    board: Board, *, sees_submissions: bool, public: Collection[int] = (), detailed: Collection[int] = ()
) -> dict[str, object]:
    """The table's template context. Organizers (`sees_submissions`) find a link to each submission, others to their
    own; everybody to the files of those in `public` and to the detailed results of the parts in `detailed`."""
    headings = [
        _heading(column, ranks=number == 0, begins=number > 0 and place == 0)
        for number, group in enumerate(board.groups)
        for place, column in enumerate(group.columns)
    ]
    names = _full_names(board)
    first = board.groups[0].columns
    order = ", then ".join(column.title for column in sorted(first, key=lambda column: not column.primary))
    rule = SubmissionRule(board.rule)
    return {
        "phase": board.phase_name,
        "hidden": board.hidden,
        "groups": [{"title": group.title, "width": len(group.columns)} for group in board.groups]
        if len(board.groups) > 1
        else [],
        "columns": headings,
        "answers": board.questions,
        "tail": len(board.questions) + 1,
        "rows": [
            replace(
                _row(row, headings, names, board.questions, link=sees_submissions or row.mine),
                links=_links(board, row, public, detailed),
            )
            for row in board.rows
        ],
        "order": f"ranked by {order}, then the earlier submission",
        "count": wording.counted(board.total, "entry", "entries"),
        "caption": _RULES.get(rule, _BY_HAND),
        "wide": len(headings) + len(board.questions) > _WIDE,
        "behind": _behind(board.stale_since),
        "empty": "No scores yet.",
        "empty_more": _empty(rule),
    }


def _links(board: Board, row: BoardRow, public: Collection[int], detailed: Collection[int]) -> tuple[Place, ...]:
    links = []
    if row.submission_id in public:
        links.append(Place("file", reverse("submission_file", args=[row.submission_id, row.submission_id, "data"])))
    titles = {group.task_id: group.title for group in board.groups}
    for task_id, part in row.parts:
        if part in detailed:
            label = f"details of {titles[task_id]}" if len(row.parts) > 1 else "details"
            links.append(Place(label, reverse("detailed_results", args=[part])))
    return tuple(links)


def phase_places(
    competition_id: int, phases: Sequence[PhaseDetail], current: int, leaderboard: int | None = None
) -> list[Place]:
    """The links from one phase's board to the others', on the same leaderboard where there are several."""
    return [
        Place(phase.name, _address(competition_id, phase.id, leaderboard), current=phase.id == current)
        for phase in phases
    ]


def board_places(competition_id: int, phase_id: int, boards: Sequence[NamedBoard], current: int) -> list[Place]:
    """The links from one leaderboard to the others, in the same phase."""
    return [
        Place(
            f"{board.title} (hidden)" if board.hidden else board.title,
            _address(competition_id, phase_id, board.id),
            current=board.id == current,
        )
        for board in boards
    ]


def _address(competition_id: int, phase_id: int, leaderboard: int | None) -> str:
    if leaderboard is None:
        return reverse("phase_results", args=[competition_id, phase_id])
    return reverse("board_results", args=[competition_id, phase_id, leaderboard])


def _heading(column: ShownColumn, *, ranks: bool, begins: bool) -> Heading:
    descending = column.better.startswith("higher")
    main = ranks and column.primary
    return Heading(
        title=f"{column.title} (hidden)" if column.hidden else column.title,
        main=main,
        sort=("descending" if descending else "ascending") if main else "",
        arrow=("\N{NO-BREAK SPACE}↓" if descending else "\N{NO-BREAK SPACE}↑") if main else "",
        begins=begins,
    )


def _full_names(board: Board) -> list[str]:
    if len(board.groups) == 1:
        return [column.title for column in board.groups[0].columns]
    return [f"{group.title}: {column.title}" for group in board.groups for column in group.columns]


def _row(
    row: BoardRow, headings: Sequence[Heading], names: Sequence[str], questions: Sequence[str], *, link: bool
) -> ShownRow:
    cells = tuple(
        ShownCell(
            text=cell.text,
            kind=_classes(lead=heading.main, opt=not heading.main, missing=cell.missing, begins=heading.begins),
            title=cell.reason,
        )
        for cell, heading in zip(row.cells, headings, strict=True)
    )
    sent = wording.ago(datetime.fromisoformat(row.submitted_iso))
    more = [Fact(name, cell.text) for name, cell in zip(names, cells, strict=True) if " lead" not in cell.kind]
    more += [Fact(name, answer) for name, answer in zip(questions, row.answers, strict=True)]
    return ShownRow(
        id=row.submission_id,
        rank=row.rank,
        name=row.owner,
        url=reverse("submission", args=[row.submission_id]) if link else "",
        mine=row.mine,
        cells=cells,
        answers=row.answers,
        sent=sent,
        more=(*more, Fact("Submitted", sent)),
    )


def _classes(**held: bool) -> str:
    return "".join(f" {name}" for name, holds in held.items() if holds)


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
