"""The first board of a competition as Codabench's clients read it (`/api/competitions/<id>/results.json|csv|zip`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TextIO

import orjson

from podium.blobs.archives.writing import ZipWriter
from podium.rules.errors import UserError
from podium.server.accounts.people import Person
from podium.server.exports.boards.escaping import for_spreadsheet
from podium.server.exports.boards.files import competition_stem, phases_to_export
from podium.server.exports.boards.rows import ValueColumn, WholeRow, whole_board
from podium.server.exports.boards.writing import WrittenFile, add, file_stem, text_file, zip_file
from podium.server.exports.naming import MemberNames
from podium.server.history.proving import head_line, head_of_competition
from podium.server.leaderboards.queries import BoardSight, board_for


def results_json(by: Person, competition_id: int, phase_id: int | None) -> WrittenFile:
    """The first board of one phase or of all, in the shape that Codabench's clients read."""
    phases = phases_to_export(by, competition_id, phase_id)

    def write(target: TextIO) -> None:
        target.write("{")
        for number, (phase, _) in enumerate(phases):
            results = _Results(board_for(by, phase))
            target.write(f"{',' if number else ''}{_quoted(results.title)}:{{")
            for place, row in enumerate(results.rows()):
                target.write(f"{',' if place else ''}\n{_quoted(results.key(row))}:{_quoted(results.scores(row))}")
            target.write("}")
        target.write("}")

    name = f"{competition_stem(competition_id)}.json"
    return WrittenFile(text_file(write), name, "application/json", str(head_of_competition(competition_id)))


def results_csv(by: Person, competition_id: int, phase_id: int | None) -> WrittenFile:
    """The same of a single phase as a table; an empty file where nobody stands on the board.

    Raises:
        UserError: there are several phases, and none is named.
    """
    phases = phases_to_export(by, competition_id, phase_id)
    if len(phases) > 1:
        raise UserError(
            "phase-needed",
            "A CSV holds one phase, and this competition has several.",
            "Add ?phase=<id>, or fetch a .zip.",
        )
    results = _Results(board_for(by, phases[0][0]))
    name, head = f"{file_stem(results.title)}.csv", str(head_of_competition(competition_id))
    return WrittenFile(text_file(results.write_csv), name, "text/csv; charset=utf-8", head)


def results_zip(by: Person, competition_id: int, phase_id: int | None) -> WrittenFile:
    """The same as one table for each phase where somebody stands on the board."""
    phases = phases_to_export(by, competition_id, phase_id)

    def write(archive: ZipWriter) -> None:
        names = MemberNames()
        for phase, _ in phases:
            results = _Results(board_for(by, phase))
            content = text_file(results.write_csv)
            if content.seek(0, io.SEEK_END):
                add(archive, names.path("", f"{file_stem(results.title)}.csv", str(phase)), content)
            else:
                content.close()
        archive.comment(head_line(competition_id))

    return WrittenFile(zip_file(write), f"{competition_stem(competition_id)}.zip", "application/zip")


class _Results:
    """The first board of a phase in the words of the contract; values are texts, and empty where they are missing."""

    def __init__(self, sight: BoardSight) -> None:
        plan = sight.plan
        self._sight = sight
        self.title = f"{plan.title} - {plan.phase_name}({plan.phase_id})"
        names: dict[str, ValueColumn] = {}
        for task in plan.tasks:
            for column in sight.columns:
                name = f"{task.name}({task.id})-{column.title}"
                # Two columns may have the same title; their keys differ.
                name = f"{name} ({column.key})" if name in names else name
                names[name] = ValueColumn(name, column.key, column.precision, task.id)
        self.columns = tuple(names.values())

    def rows(self) -> Iterable[WholeRow]:
        return whole_board(self._sight.plan, sees_hidden=True, with_cells=True)

    @staticmethod
    def key(row: WholeRow) -> str:
        return f"{row.owner}-{row.submission_id}"

    def scores(self, row: WholeRow) -> dict[str, object]:
        values = ((column.title, column.of(row)) for column in self.columns)
        answers = dict(row.answers) if row.answers else None
        return {"fact_sheet_answers": answers} | {title: "" if at is None else repr(at) for title, at in values}

    def write_csv(self, target: TextIO) -> None:
        writer = csv.writer(target)
        for number, row in enumerate(self.rows()):
            if not number:
                titles = ["Username", "fact_sheet_answers", *(column.title for column in self.columns)]
                writer.writerow([for_spreadsheet(title) for title in titles])
            answers = _quoted(row.answers) if row.answers else ""
            values = [column.of(row) for column in self.columns]
            writer.writerow([for_spreadsheet(self.key(row)), answers, *values])


def _quoted(content: object) -> str:
    return orjson.dumps(content).decode()
