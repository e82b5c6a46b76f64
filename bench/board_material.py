"""Boards of any length, written as rows in bulk: what `bench/boards.py` measures on.

Django must be set up and the database migrated.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction

from podium.rules.board.columns import Column, Sorting
from podium.rules.board.ranking import rank_key
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.spec import LeaderboardSpec
from podium.server.accounts.models import User
from podium.server.competitions.models import Competition, Phase, PhaseTask, Task
from podium.server.files.models import DataSet, DataSetType
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.services import create_boards
from podium.server.leaderboards.services.rank_blocks import recount_blocks
from podium.server.leaderboards.services.versions import new_version
from podium.server.submissions.models import Score, Submission

COLUMNS = (
    Column(key="accuracy", title="Accuracy", index=0, precision=3),
    Column(key="f1", title="F1", index=1, precision=3),
    Column(key="seconds", title="Seconds", index=2, sorting=Sorting.ASCENDING),
    Column(key="memory", title="Memory", index=3, sorting=Sorting.ASCENDING),
)
START = datetime(2026, 1, 1, tzinfo=UTC)
MOST_PEOPLE = 10_000
_PORTION = 5000
_FIRST_NUMBER = 1 << 40
"""Entries name submissions by number; these lie out of the way of submissions that are rows."""


@dataclass(frozen=True)
class FilledBoard:
    """A published competition whose one board has `size` entries, of people other than `participant`."""

    size: int
    competition_id: int
    phase_id: int
    board_id: int
    task_id: int
    participant: User


def fill(size: int) -> FilledBoard:
    """Make one, with as many people as entries and at most MOST_PEOPLE."""
    board = _competition(size)
    people = _people(size)
    participant, _ = User.objects.get_or_create(username="participant", defaults={"email": "participant@example.org"})
    filled = FilledBoard(size, board.competition_id, _phase(board).pk, board.pk, _task(board), participant)
    with transaction.atomic():
        rows = sorted(_entries(filled, people), key=lambda row: row["rank_key"])
        _write("leaderboards_entry", rows)
        recount_blocks(filled.board_id, filled.phase_id)
        new_version(filled.board_id, filled.phase_id)
    return filled


def score(board: FilledBoard, value: float) -> Submission:
    """A finished submission of the participant with scores, which no board knows of yet."""
    now = datetime.now(UTC)
    data, _ = DataSet.objects.get_or_create(
        name="submission", owner=board.participant, type=DataSetType.SUBMISSION, defaults={"created_at": now}
    )
    made = Submission.objects.create(
        phase_id=board.phase_id,
        owner=board.participant,
        task_id=board.task_id,
        data=data,
        number=1,
        status="Finished",
        created_at=now,
    )
    Score.objects.bulk_create(
        Score(submission=made, column_key=column.key, position=column.index, value=value, created_at=now)
        for column in COLUMNS
    )
    # As whoever records scores has it: with its phase.
    return Submission.objects.select_related("phase").get(pk=made.pk)


def _competition(size: int) -> Leaderboard:
    organizer, _ = User.objects.get_or_create(username="organizer", defaults={"email": "organizer@example.org"})
    competition = Competition.objects.create(
        title=f"A board of {size}",
        terms="Be fair.",
        created_by=organizer,
        created_at=START,
        published=True,
        docker_image="none",
    )
    phase = Phase.objects.create(competition=competition, index=0, name="Phase", start=START)
    task = Task.objects.create(name="Task", created_by=organizer, created_at=START)
    PhaseTask.objects.create(phase=phase, task=task, order_index=0)
    rule = SubmissionRule.FORCE_LATEST_MULTIPLE
    spec = LeaderboardSpec(title="Results", key="main", columns=COLUMNS, submission_rule=rule)
    return Leaderboard.objects.get(pk=create_boards(competition.pk, [spec])[0])


def _phase(board: Leaderboard) -> Phase:
    return Phase.objects.get(competition_id=board.competition_id)


def _task(board: Leaderboard) -> int:
    return PhaseTask.objects.get(phase__competition_id=board.competition_id).task_id


def _people(size: int) -> list[int]:
    """The ids of so many people; those who are there already are taken first."""
    wanted = min(size, MOST_PEOPLE)
    names = [f"person{number}" for number in range(wanted)]
    known = dict(User.objects.filter(username__startswith="person").values_list("username", "pk"))
    User.objects.bulk_create(
        (User(username=name, email=f"{name}@example.org", password="!") for name in names if name not in known),
        batch_size=500,
    )
    known = dict(User.objects.filter(username__startswith="person").values_list("username", "pk"))
    return [known[name] for name in names]


def _entries(board: FilledBoard, people: list[int]) -> Iterator[dict[str, Any]]:
    chance = random.Random(board.size)
    for number in range(board.size):
        values: dict[str, float | None] = {column.key: round(chance.random(), 6) for column in COLUMNS}
        submission_id = _FIRST_NUMBER * board.board_id + number
        at = START + timedelta(seconds=number)
        part = {"submission": submission_id, "values": values, "reasons": {}, "scores": dict.fromkeys(values, number)}
        yield {
            "leaderboard_id": board.board_id,
            "phase_id": board.phase_id,
            "submission_id": submission_id,
            "owner_id": people[number % len(people)],
            "submitted_at": at,
            "rank_key": rank_key(COLUMNS, 0, values, at, submission_id),
            "value_keys": b"",
            "ranked": True,
            "values": json.dumps(values),
            "reasons": "{}",
            "cells": json.dumps({str(board.task_id): part}),
        }


def _write(table: str, rows: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row[name] for name in names])
        return
    marks = ", ".join(["%s"] * len(names))
    for portion in _portions(rows):
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",
                [[_plain(row[name]) for name in names] for row in portion],
            )


def _plain(value: object) -> object:
    """As SQLite stores it: moments as texts in UTC without a zone."""
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value


def _portions(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    take: Callable[[], list[dict[str, Any]]] = lambda: list(islice(left, _PORTION))  # noqa: E731
    return iter(take, [])
