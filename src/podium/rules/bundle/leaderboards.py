"""Leaderboards and their columns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from podium.rules.board.aggregate import BOARD_PER_TASK_KEY, MULTI_TASK_KEY, MultiTaskRanking
from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.keys import COLUMN, LEADERBOARD
from podium.rules.bundle.nodes import Entry, Listing, Scalar, Table
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import LeaderboardSpec

OWN_RULE = "submission_rule"
"""Under `podium` of a leaderboard: a rule that version 2 does not have. It takes the place of the one outside."""
MEAN_OF_RANKS = "mean_of_ranks"
MEAN_RECIPROCAL_RANK = "mean_reciprocal_rank"
OVER_RANKS = {MEAN_OF_RANKS: Computation.AVERAGE_RANK, MEAN_RECIPROCAL_RANK: Computation.RECIPROCAL_RANK}
"""Under `podium` of a leaderboard: the keys of computed columns whose `avg` is one of ranks, as in CodaLab, or of their
inverses."""


def read_leaderboards(competition: Section) -> tuple[LeaderboardSpec, ...]:
    """The leaderboards in the order of the list; their keys are unique."""
    boards = []
    lines: dict[str, int] = {}
    for section in _with_plural(competition).sections("leaderboards", LEADERBOARD):
        key = section.text("key")
        _check_unique(section, "key", key, lines)
        columns = _read_columns(section)
        extensions = section.extensions()
        _check_several_tasks(section, extensions)
        rule = _own_rule(section, extensions) or SubmissionRule(section.choice("submission_rule") or SubmissionRule.ADD)
        boards.append(
            LeaderboardSpec(
                title=section.text("title"),
                key=key,
                columns=_over_ranks(section, columns, extensions),
                submission_rule=rule,
                hidden=section.flag("hidden"),
                primary_index=_primary_index(section, columns),
                extensions=extensions,
            )
        )
        section.note_unknown_keys()
    return tuple(boards)


def _check_several_tasks(section: Section, extensions: dict[str, object]) -> None:
    """What stands under `podium` about several tasks stays in `extensions`, and has to be understood."""
    ways = [way.value for way in MultiTaskRanking]
    how = extensions.get(MULTI_TASK_KEY, MultiTaskRanking.MEAN)
    if how not in ways:
        message = f'"{section.path}.podium.{MULTI_TASK_KEY}" must be one of {", ".join(ways)}.'
        section.findings.error("not-a-choice", message, section.mark("podium"))
    if not isinstance(extensions.get(BOARD_PER_TASK_KEY, False), bool):
        message = f'"{section.path}.podium.{BOARD_PER_TASK_KEY}" must be true or false.'
        section.findings.error("not-a-flag", message, section.mark("podium"), "Write true or false.")


def _own_rule(section: Section, extensions: dict[str, object]) -> SubmissionRule | None:
    """The rule that stands under `podium`, taken out of `extensions`."""
    written = extensions.pop(OWN_RULE, None)
    if written is None:
        return None
    rule = SubmissionRule.BY_ORGANIZERS
    if written != rule:
        message = f'"{section.path}.podium.{OWN_RULE}" must be {rule}; other rules stand outside of "podium".'
        section.findings.error("not-a-choice", message, section.mark("podium"))
    return rule


def _over_ranks(section: Section, columns: tuple[Column, ...], extensions: dict[str, object]) -> tuple[Column, ...]:
    """The columns, with what is made of ranks where `podium` says so; that is taken out of `extensions`."""
    averages = {column.key for column in columns if column.computation is Computation.AVERAGE}
    for name, computation in OVER_RANKS.items():
        named = extensions.pop(name, None)
        if named is None:
            continue
        keys: Collection[str] = {str(key) for key in named} if isinstance(named, list) else ()
        if not keys or not averages.issuperset(keys):
            message = f'"{section.path}.podium.{name}" must list keys of columns with "computation: avg".'
            hint = "A column stands in one list at most."
            section.findings.error(name.replace("_", "-"), message, section.mark("podium"), hint)
        averages.difference_update(keys)
        columns = tuple(
            replace(column, computation=computation) if column.key in keys else column for column in columns
        )
    return columns


def _with_plural(competition: Section) -> Section:
    """The section with `leaderboard`, as some documentation writes it, in the place of `leaderboards`."""
    entries = competition.table.entries
    singular = entries.get("leaderboard")
    if singular is None:
        return competition
    if "leaderboards" in entries:
        message = f'"leaderboard" stands beside "leaderboards" of line {entries["leaderboards"].key.mark.line}.'
        competition.findings.error("leaderboard-twice", message, singular.key.mark, "Keep the one that is meant.")
        return competition
    value = singular.value
    boards = Listing((value,), value.mark) if isinstance(value, Table) else value
    table = Table({**entries, "leaderboards": Entry(singular.key, boards)}, competition.table.mark)
    return Section(table, competition.level, competition.path, competition.findings)


def _read_columns(board: Section) -> tuple[Column, ...]:
    columns: dict[int, Column] = {}
    sections: dict[int, Section] = {}
    index_lines: dict[str, int] = {}
    key_lines: dict[str, int] = {}
    for section in _numbered(board, board.sections("columns", COLUMN)):
        column = _read_column(section)
        section.note_unknown_keys()
        if column is None:
            continue
        _check_unique(section, "index", str(column.index), index_lines)
        _check_unique(section, "key", column.key, key_lines)
        columns.setdefault(column.index, column)
        sections.setdefault(column.index, section)
    for index, section in sections.items():
        _check_computation(section, columns[index], columns)
    _check_circles(columns, sections)
    return tuple(columns[index] for index in sorted(columns))


def _numbered(board: Section, columns: list[Section]) -> list[Section]:
    """The columns; numbered in their order, with a note, where none of them has an index."""
    if not columns or any("index" in section.table.entries for section in columns):
        return columns
    message = f"No column of {board.named('columns')} has an index: they are numbered from 0 in their order."
    board.findings.note("column-indexes", message, board.mark("columns"), 'Give each an "index" for other platforms.')
    return [_with_index(section, place) for place, section in enumerate(columns)]


def _with_index(section: Section, index: int) -> Section:
    mark = section.table.mark
    entry = Entry(Scalar("index", "text", mark), Scalar(str(index), "whole", mark))
    table = Table({**section.table.entries, "index": entry}, mark, section.table.size, section.table.depth)
    return Section(table, section.level, section.path, section.findings)


def _read_column(section: Section) -> Column | None:
    computation = section.choice("computation")
    sorting = section.choice("sorting")
    index = section.whole("index")
    precision = section.whole("precision")
    column = Column(
        key=section.text("key"),
        title=section.text("title"),
        index=index if index is not None else 0,
        sorting=Sorting(sorting) if sorting else Sorting.DESCENDING,
        precision=precision if precision is not None else 2,
        hidden=section.flag("hidden"),
        computation=Computation(computation) if computation else None,
        computation_indexes=_computation_indexes(section),
    )
    return column if index is not None else None


def _computation_indexes(section: Section) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for position, node in enumerate(section.items("computation_indexes")):
        index = section.whole_of(node, f'"{section.path}.computation_indexes[{position}]"')
        if index is not None:
            found[index] = None
    return tuple(found)


def _check_computation(section: Section, column: Column, columns: dict[int, Column]) -> None:
    errors = section.findings.error
    mark = section.mark("computation_indexes")
    has_computation, listed = section.node("computation") is not None, section.node("computation_indexes")
    if has_computation and (listed is None or (isinstance(listed, Listing) and not listed.items)):
        message = f"{section.named('computation')} needs the columns it is made from."
        errors(
            "computation-without-indexes", message, section.mark("computation"), 'List them in "computation_indexes".'
        )
    if column.computation_indexes and not has_computation:
        message = f"{section.named('computation_indexes')} is given without a computation."
        errors("indexes-without-computation", message, mark, 'Add "computation: avg", sum, min or max, or remove it.')
    for index in column.computation_indexes:
        if index == column.index:
            message = f"{section.named('computation_indexes')} names the column itself ({index})."
            errors("computation-of-itself", message, mark, "Name other columns.")
        elif index not in columns:
            message = f"{section.named('computation_indexes')} names column {index}, which does not exist."
            known = ", ".join(str(each) for each in sorted(columns)[:20])
            hint = f"Name other columns by their index. There are: {known}."
            errors("computation-of-unknown", message, mark, hint)


def _check_circles(columns: dict[int, Column], sections: dict[int, Section]) -> None:
    needs = {
        index: [other for other in column.computation_indexes if other in columns and other != index]
        for index, column in columns.items()
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as failure:
        circle = sorted(set(failure.args[1]))
        section = sections[circle[0]]
        names = ", ".join(columns[index].key for index in circle[:10])
        message = f"The columns {names} cannot be computed: they are computed from one another."
        section.findings.error("computation-circle", message, section.mark("computation_indexes"), "Break the circle.")


def _primary_index(section: Section, columns: tuple[Column, ...]) -> int:
    """The index of the column that ranks first: as written, else 0, else the first there is."""
    index = section.whole("primary_index")
    known = [column.index for column in columns]
    if index is not None and known and index not in known:
        message = f"{section.named('primary_index')} is {index}, but no column has that index."
        hint = f"Name other columns by their index. There are: {', '.join(str(number) for number in known[:20])}."
        section.findings.error("primary-unknown", message, section.mark("primary_index"), hint)
    if index is not None:
        return index
    return 0 if 0 in known or not known else known[0]


def _check_unique(section: Section, key: str, value: str, lines: dict[str, int]) -> None:
    mark = section.mark(key)
    if value and value in lines:
        message = f'{section.named(key)} is "{value}", which stands on line {lines[value]} already.'
        section.findings.error(f"{key}-repeated", message, mark, f"Give each its own {key}.")
    lines.setdefault(value, mark.line)
