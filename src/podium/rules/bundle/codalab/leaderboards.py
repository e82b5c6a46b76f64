"""Leaderboards of CodaLab: named apart from their columns, each of which says where it belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from podium.rules.board.columns import Column, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.codalab.computed import read_computation
from podium.rules.bundle.codalab.keys import BOARD, COLUMN, LEADERBOARD
from podium.rules.bundle.codalab.phases import PhasesReading
from podium.rules.bundle.keys import LONGEST_NAME
from podium.rules.bundle.nodes import Scalar, Table
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import LeaderboardSpec


@dataclass(frozen=True)
class _Board:
    key: str
    title: str
    section: Section
    hidden: bool


def read_leaderboards(competition: Section, phases: PhasesReading) -> tuple[LeaderboardSpec, ...]:
    """The leaderboards by their rank, those without columns left out."""
    section = competition.within("leaderboard", LEADERBOARD)
    if section is None:
        return ()
    boards = [_board(key, board) for key, board in section.named_sections("leaderboards", BOARD)]
    boards.sort(key=lambda board: board.section.whole("rank") or 0)
    placed = _place_columns(section, boards)
    section.note_unknown_keys()
    rule = _rule(competition, phases)
    made = [_specification(board, placed[board.key], rule, phases) for board in boards if placed[board.key]]
    for board in boards:
        board.section.note_unknown_keys()
        if not placed[board.key] and not section.findings.has_errors:
            message = f'The leaderboard "{board.title}" has no columns and is left out.'
            section.findings.note("leaderboard-empty", message, board.section.mark(), "Name it in a column.")
    if not made and not section.findings.has_errors:
        section.findings.error("leaderboard-empty", "No leaderboard has a column.", section.mark("columns"))
    return tuple(made)


def _board(key: str, section: Section) -> _Board:
    _check_key(section, key)
    return _Board(key, section.text("label") or key, section, section.flag("hidden"))


def _check_key(section: Section, key: str) -> None:
    if not key.strip() or len(key) > LONGEST_NAME or not key.isprintable():
        message = f'The key "{key[:60]}" is unusable: it needs from 1 to {LONGEST_NAME} printable characters.'
        section.findings.error("key-unusable", message, section.mark(), "Shorten it.")


def _place_columns(section: Section, boards: Sequence[_Board]) -> dict[str, list[tuple[str, Section]]]:
    """The columns of each board by its key, in the order of their ranks."""
    columns = section.named_sections("columns", COLUMN)
    columns.sort(key=lambda named: named[1].whole("rank") or 0)
    names = _names_of(boards)
    tables = {id(board.section.table): board for board in boards}
    placed: dict[str, list[tuple[str, Section]]] = {board.key: [] for board in boards}
    for key, column in columns:
        _check_key(column, key)
        board = _board_of(column, boards, names, tables)
        if board is not None:
            placed[board.key].append((key, column))
        column.note_unknown_keys()
    return placed


def _names_of(boards: Sequence[_Board]) -> dict[str, _Board]:
    """The boards by their labels and keys, letter case aside; what two of them share means the first."""
    names: dict[str, _Board] = {}
    for board in boards:
        names.setdefault(board.title.casefold(), board)
        names.setdefault(board.key.casefold(), board)
    return names


def _board_of(
    column: Section, boards: Sequence[_Board], names: Mapping[str, _Board], tables: Mapping[int, _Board]
) -> _Board | None:
    """The board that the column names by an alias of its table, its label or its key. `tables` are the boards by the
    identity of their tables, which an alias shares.
    """
    node = column.node("leaderboard")
    if node is None and len(boards) == 1:
        return boards[0]
    if isinstance(node, Table):
        if id(node) in tables:
            return tables[id(node)]
        node = node.entries["label"].value if "label" in node.entries else None
    found = names.get(node.text.strip().casefold()) if isinstance(node, Scalar) else None
    if found is None and boards:
        message = f"{column.named('leaderboard')} names no leaderboard that exists."
        hint = f"There are: {', '.join(board.title[:60] for board in boards[:20])}."
        column.findings.error("leaderboard-unknown", message, column.mark("leaderboard"), hint)
    return found


def _specification(
    board: _Board, sections: Sequence[tuple[str, Section]], rule: SubmissionRule, phases: PhasesReading
) -> LeaderboardSpec:
    indexes = {key: index for index, (key, _) in enumerate(sections)}
    columns = tuple(_column(key, section, indexes) for key, section in sections)
    _check_circles(columns, sections)
    if phases.hides_board is not None and not board.hidden:
        message = (
            f'"{board.title}" is hidden in all phases, as one of them hides its results; boards are shown as a whole.'
        )
        hint = "Remove leaderboard_management_mode to show it."
        board.section.findings.note("leaderboard-hidden", message, phases.hides_board, hint)
    return LeaderboardSpec(
        title=board.title,
        key=board.key,
        columns=columns,
        submission_rule=rule,
        hidden=board.hidden or phases.hides_board is not None,
    )


def _check_circles(columns: Sequence[Column], sections: Sequence[tuple[str, Section]]) -> None:
    try:
        TopologicalSorter({column.index: column.computation_indexes for column in columns}).prepare()
    except CycleError as failure:
        circle = sorted(set(failure.args[1]))
        section = sections[circle[0]][1]
        names = ", ".join(columns[index].key for index in circle[:10])
        message = f"The columns {names} cannot be computed: they are computed from one another."
        section.findings.error("computation-circle", message, section.mark("computed"), "Break the circle.")


def _column(key: str, section: Section, indexes: Mapping[str, int]) -> Column:
    computation, fields = read_computation(section, key, indexes)
    precision = section.whole("numeric_format")
    return Column(
        key=key,
        title=_label(section, key),
        index=indexes[key],
        sorting=Sorting(section.choice("sort") or "desc"),
        precision=precision if precision is not None else 2,
        hidden=section.flag("hidden"),
        computation=computation,
        computation_indexes=fields,
    )


def _label(section: Section, key: str) -> str:
    label = section.text("label") or key
    if len(label) <= LONGEST_NAME:
        return label
    short = f"{label[: LONGEST_NAME - 3].rstrip()}..."
    message = f'{section.named("label")} has {len(label)} characters and is shown as "{short}".'
    section.findings.note("label-shortened", message, section.mark("label"), f"At most {LONGEST_NAME} are shown.")
    return short


def _rule(competition: Section, phases: PhasesReading) -> SubmissionRule:
    """Which submissions stand on the boards: what is forced counts before who may change them."""
    best = competition.flag("force_best_submission_to_leaderboard")
    last = competition.flag("force_submission_to_leaderboard")
    fixed = competition.flag("disallow_leaderboard_modifying")
    if best or phases.forces_best:
        return SubmissionRule.FORCE_BEST
    if last:
        return SubmissionRule.FORCE_LAST
    if fixed:
        message = "Participants do not change the leaderboard: organizers place its entries."
        hint = "With force_submission_to_leaderboard it fills itself."
        competition.findings.note(
            "entries-by-organizers", message, competition.mark("disallow_leaderboard_modifying"), hint
        )
        return SubmissionRule.BY_ORGANIZERS
    return SubmissionRule.ADD_AND_DELETE
