"""The rows of a board as ready HTML: a template would take five times as long for a hundred of them.

Every text that is not ours goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString

from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.server.leaderboards.queries import Board, BoardRow
from podium.server.pages import wording
from podium.server.pages.board_sureness import UNSURE, RowSureness

_MARKS = {Mark.BASELINE: "baseline", Mark.HIDDEN: "hidden"}
_ANY = 9_000_000_000
_UNRANKED = '<span title="It is not ranked.">–</span>'


@dataclass(frozen=True)
class RowColumn:
    """A column of scores as rows need it: its name in full; `main` is the only one shown on a phone, `begins` says that
    a group begins with it, `shown` that the reader wants to see it."""

    name: str
    main: bool
    begins: bool
    shown: bool


@dataclass(frozen=True)
class RowsBeside:
    """What stands in rows beside what the board says. Organizers (`sees_submissions`) find a link to each submission,
    others to their own; everybody to the files of those in `public` and to the detailed results of the parts in
    `detailed`. `finished` is how many submissions of each owner finished, and `sure` what is
    known of how sure the score of each submission is."""

    sees_submissions: bool
    public: Collection[int]
    detailed: Collection[int]
    finished: Mapping[int, int]
    sure: Mapping[int, RowSureness] = field(default_factory=dict)


def board_rows(board: Board, columns: Sequence[RowColumn], beside: RowsBeside) -> SafeString:
    """All rows, two elements each: one of the table, and one that repeats what a phone has no room for."""
    heads = [_CellHead.of(column) for column in columns]
    questions = [f"<dt>{escape(title)}</dt>" for title in board.questions]
    first_mine = next((row.submission_id for row in board.rows if row.mine), None)
    rule = SubmissionRule(board.rule)
    return SafeString(
        "".join(
            _row(
                row,
                heads,
                questions,
                sent_in=_sent_in(rule, beside.finished.get(row.owner_id, 0)),
                link=beside.sees_submissions or row.mine,
                links=_links(board, row, beside),
                anchor=row.submission_id == first_mine,
                sure=beside.sure.get(row.submission_id, UNSURE),
            )
            for row in board.rows
        )
    )


@dataclass(frozen=True)
class _CellHead:
    """What all cells of a column begin with, and how it is called below a row; empty where it is not repeated there."""

    shown: bool
    main: bool
    present: str
    missing: str
    term: str

    @classmethod
    def of(cls, column: RowColumn) -> _CellHead:
        kind = " lead" if column.main else " opt"
        begins = " begins" if column.begins else ""
        term = f"<dt>{escape(column.name)}</dt>" if column.shown and not column.main else ""
        return cls(
            column.shown, column.main, f'<td class="n{kind}{begins}"', f'<td class="n{kind} missing{begins}"', term
        )


def _row(
    row: BoardRow,
    heads: Sequence[_CellHead],
    questions: Sequence[str],
    *,
    sent_in: str,
    link: bool,
    links: str,
    anchor: bool,
    sure: RowSureness,
) -> str:
    pk, name = row.submission_id, escape(row.owner)
    rank = _UNRANKED if row.rank is None else f"{row.rank:,}"
    sent = wording.ago(row.at)
    person = f'<a href="{_address("submission", pk)}">{name}</a>' if link else name
    marks = f"{_mark(row)}{_TIED[sure.tied]}"
    cells, more = [], []
    for cell, head in zip(row.cells, heads, strict=True):
        text = escape(cell.text)
        if head.shown:
            title = f' title="{escape(cell.reason)}"' if cell.reason else ""
            cells.append(
                f"{head.missing if cell.missing else head.present}{title}>{text}{sure.bar if head.main else ''}</td>"
            )
        if head.term:
            more.append(f"{head.term}<dd>{text}</dd>")
    for term, answer in zip(questions, row.answers, strict=True):
        text = escape(answer)
        cells.append(f'<td class="opt">{text}</td>')
        more.append(f"{term}<dd>{text}</dd>")
    if sure.interval:
        more.append(f"<dt>Interval</dt><dd>{sure.interval}</dd>")
    more.append(f"<dt>Submitted</dt><dd>{sent}</dd>")
    if sent_in:
        more.append(f"<dt>Submissions</dt><dd>{sent_in}</dd>")
    return (
        f'<tr data-key="{pk}"{_MINE[row.mine]}>\n'
        f'<td class="n rank{sure.bracket}">{rank}</td>\n'
        f'<th scope="row" class="person"{_ANCHOR[anchor]}>{person}{_YOU[row.mine]}{marks}{links}</th>\n'
        f'{"".join(cells)}\n<td class="quiet opt n">{sent_in}</td><td class="quiet opt">{sent}</td>\n'
        f'</tr><tr data-key="more-{pk}" class="more{_TINTED[row.mine]}"><td></td><td colspan="2"><details>'
        f'<summary>More<span class="sr"> about {name}</span></summary>'
        f'<dl class="facts n-values">{"".join(more)}</dl></details></td></tr>'
    )


_MINE = {True: ' class="mine"', False: ""}
_YOU = {True: '<span class="you">you</span>', False: ""}
_TIED = {
    True: '<span class="badge" title="The items of its score do not tell it apart from rank 1.">may be first</span>',
    False: "",
}
_TINTED = {True: " tinted", False: ""}
_ANCHOR = {True: ' id="me"', False: ""}


def _mark(row: BoardRow) -> str:
    if row.mark is None:
        return ""
    title = f' title="{escape(row.mark_reason)}"' if row.mark_reason else ""
    return f'<span class="badge"{title}>{_MARKS[row.mark]}</span>'


def _sent_in(rule: SubmissionRule, number: int) -> str:
    if not number:
        return ""
    return f"best of {number:,}" if rule is SubmissionRule.FORCE_BEST else f"one of {number:,}"


def _links(board: Board, row: BoardRow, beside: RowsBeside) -> str:
    if row.submission_id not in beside.public and not beside.detailed:
        return ""
    links = []
    if row.submission_id in beside.public:
        links.append((reverse("submission_file", args=[row.submission_id, row.submission_id, "data"]), "file"))
    titles = {group.task_id: group.title for group in board.groups}
    for task_id, part in row.parts:
        if part in beside.detailed:
            label = f"details of {titles[task_id]}" if len(row.parts) > 1 else "details"
            links.append((_address("detailed_results", part), label))
    of = f'<span class="sr"> of {escape(row.owner)}</span>'
    return "".join(f' <a class="quiet small" href="{url}">{escape(label)}{of}</a>' for url, label in links)


def _address(name: str, pk: int) -> str:
    """The address of that name for a number."""
    before, after = _around_number(name)
    return f"{before}{pk}{after}"


@cache
def _around_number(name: str) -> tuple[str, str]:
    """An address without the number in it. To ask Django for each of a hundred takes longer than the rest of a row."""
    before, _, after = reverse(name, args=[_ANY]).partition(str(_ANY))
    return before, after
