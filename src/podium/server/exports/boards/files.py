"""Boards as files: one in a format of choice for whoever sees it, all of a competition for those who run it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import TextIO

from podium.blobs.archives.writing import ZipWriter
from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase
from podium.server.competitions.queries import standing_of
from podium.server.exports.boards.escaping import for_spreadsheet
from podium.server.exports.boards.rows import value_columns
from podium.server.exports.boards.tables import (
    Writer,
    answers_of,
    table_of,
    write_csv,
    write_json,
    write_latex,
    write_markdown,
)
from podium.server.exports.boards.writing import WrittenFile, add, file_stem, text_file, zip_file
from podium.server.exports.naming import MemberNames
from podium.server.exports.tables import media_type_of
from podium.server.history.proving import head_line, head_of_competition
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries import BoardSight, board_for

FORMATS: Mapping[str, Writer] = {"csv": write_csv, "json": write_json, "tex": write_latex, "md": write_markdown}
"""By the ending of the file's name."""


def board_file(person: Person | None, phase_id: int, leaderboard_id: int, ending: str) -> WrittenFile:
    """One board as a file for whoever may see it.

    Raises:
        NotFound: there is no such format, phase or board, or the competition is not visible to this person.
        NotAllowed: the organizer keeps the board hidden.
    """
    media_type = media_type_of(ending)
    sight = board_for(person, phase_id, leaderboard_id)
    name = f"{file_stem(f'{sight.plan.title} - {sight.plan.phase_name}')}.{ending}"
    content = text_file(lambda target: FORMATS[ending](table_of(sight), target))
    return WrittenFile(content, name, media_type, str(head_of_competition(sight.plan.competition_id)))


def all_boards_zip(by: Person | None, competition_id: int) -> WrittenFile:
    """A zip with a CSV for each board of each phase, hidden ones included, for those who run the competition.

    Raises:
        NotFound, NotAllowed: its boards are not the person's to export.
    """
    phases = phases_to_export(by, competition_id)
    boards = list(
        Leaderboard.objects.filter(competition_id=competition_id).order_by("index").values_list("pk", "title")
    )

    def write(archive: ZipWriter) -> None:
        names = MemberNames()
        for board_id, title in boards:
            for phase_id, phase in phases:
                stem = file_stem(f"{title} - {phase}" if len(phases) > 1 else title)
                sight = board_for(by, phase_id, board_id)
                name = names.path("", f"{stem}.csv", f"{board_id}/{phase_id}")
                add(archive, name, text_file(lambda target, sight=sight: _write_entries(sight, target)))  # type: ignore[misc]
        archive.comment(head_line(competition_id))

    return WrittenFile(zip_file(write), f"{competition_stem(competition_id)}.zip", "application/zip")


def _write_entries(sight: BoardSight, target: TextIO) -> None:
    """Participants, answers and the raw values of the columns that the board shows."""
    shown = {column.key for column in sight.columns if not column.hidden}
    columns = [column for column in value_columns(sight) if column.key in shown]
    table = table_of(sight, columns)
    writer = csv.writer(target)
    titles = ["Participant", *(title for _, title in table.questions), *(column.title for column in columns)]
    writer.writerow([for_spreadsheet(title) for title in titles])
    for row in table.rows:
        texts = [for_spreadsheet(text) for text in (row.name, *answers_of(row, table.questions))]
        writer.writerow([*texts, *(column.of(row) for column in columns)])


def competition_stem(competition_id: int) -> str:
    """The title of a competition as the name of a file."""
    return file_stem(Competition.objects.values_list("title", flat=True).get(pk=competition_id))


def phases_to_export(by: Person | None, competition_id: int, phase_id: int | None = None) -> list[tuple[int, str]]:
    """The ids and names of the phases of a competition whose boards the person may export, or of the one named."""
    standing_of(by, competition_id).require(Action.EXPORT_BOARD)
    found = Phase.objects.filter(competition_id=competition_id).order_by("index").values_list("pk", "name")
    phases = [phase for phase in found if phase_id is None or phase[0] == phase_id]
    if not phases:
        raise NotFound("phase-not-found", "This competition has no such phase.", "Choose one of those it has.")
    return phases
