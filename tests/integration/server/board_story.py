"""A competition to which anything may happen, and what its boards show after each happening."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.server.board_editing import change, change_list, with_more
from tests.integration.server.competition_material import make_competition, make_person, two_tasks
from tests.integration.server.flow import Flow, SteppedClock, finish_scoring, say, worker
from tests.integration.server.new_versions import changed, update
from tests.integration.server.rescoring import begin_rescore

from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import BoardDraft, ColumnDraft
from podium.rules.bundle.board_list import NewBoard
from podium.rules.errors import UserError
from podium.rules.phases import Migrated
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.accounts.services import set_banned
from podium.server.competitions.models import Participant, ParticipantStatus, Phase
from podium.server.competitions.services import decide, publish, register
from podium.server.history.queries import head_of
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.leaderboards.queries import Board, board, contract_json
from podium.server.leaderboards.services import rebuild_stale_boards
from podium.server.past.services import keep_snapshot
from podium.server.rescores.services import apply, cancel
from podium.server.submissions.models import Submission
from podium.server.submissions.services import lifecycle
from podium.server.submissions.services.board import (
    add_to_board,
    mark_on_board,
    remove_from_board,
    unmark_on_board,
)
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.migration import migrate_by_hand
from podium.server.submissions.services.rerun import rerun
from podium.server.submissions.services.score_editing import edit_scores

RULES = tuple(SubmissionRule)
_numbers = itertools.count(1)
_TOTAL = ColumnDraft("total", "Sum", computation=Computation.SUM, computed_from=("accuracy", "seconds"))
_RANKED = ColumnDraft("place", "Place", computation=Computation.AVERAGE_RANK, computed_from=("accuracy", "seconds"))
_VERSIONS: Sequence[Mapping[str, Any]] = (
    {"leaderboards__0__columns__0__sorting": "asc", "leaderboards__0__columns__0__title": "Errors"},
    {"leaderboards__0__columns__1__hidden": True},
    {"leaderboards__0__columns__2": {"title": "Recall", "key": "recall", "index": 2, "sorting": "desc"}},
    {"leaderboards__0__submission_rule": SubmissionRule.FORCE_BEST.value, "leaderboards__0__primary_index": 1},
    {"tasks__0__name": "Meadow", "phases__0__name": "Trial"},
    {"phases__0__tasks": [1, 0], "title": "Count the cows"},
    {"leaderboards__0__podium": {"multi_task_ranking": "mean_rank"}},
)


@dataclass(frozen=True)
class Shown:
    """What a board of a phase showed: to its organizer, and to somebody who only takes part, None where it was hidden
    from that one. `hidden_keys` and `hidden_entries` are those that only organizers saw."""

    organizers: tuple[Any, ...]
    others: list[tuple[Any, ...]] | None
    hidden_keys: frozenset[str]
    hidden_entries: frozenset[int]


@dataclass(frozen=True)
class Moment:
    """All that was shown at a moment: by phase the boards in their order, and the answers of the API."""

    at: datetime
    boards: dict[int, dict[int, Shown]]
    answers: dict[int, dict[str, Any]]


@dataclass
class Story:
    """A competition of two phases, the second with two tasks; vera only looks."""

    flow: Flow
    bob: Person
    vera: Person
    folder: Path
    time: SteppedClock
    phases: tuple[int, int]
    end: datetime
    sent: list[int] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    @classmethod
    def begun(cls, folder: Path, time: SteppedClock) -> Story:
        """A competition of its own, in which nobody has submitted."""
        number = next(_numbers)
        otto, anna, bob, vera = (make_person(f"{name}{number}") for name in ("otto", "anna", "bob", "vera"))
        end = time.moment + timedelta(days=1)
        competition_id = make_competition(otto, folder, _description(end))
        publish(otto, competition_id)
        for person in (anna, bob, vera):
            register(person, competition_id, accepts_terms=True)
        first, second = Phase.objects.filter(competition_id=competition_id).order_by("index")
        return cls(Flow(competition_id, first.pk, otto, anna), bob, vera, folder, time, (first.pk, second.pk), end)

    def happen(self, act: Callable[[], object]) -> None:
        """Let something happen, or be refused, and write down what is shown then."""
        with suppress(UserError):
            act()
        rebuild_stale_boards()
        self.moments.append(Moment(clock.now(), *self._shown()))
        self.time.add(minutes=1)

    def one(self, number: int) -> int:
        """One of the submissions."""
        return self.sent[number % len(self.sent)]

    def board(self, number: int) -> int:
        """One of the boards."""
        boards = list(Leaderboard.objects.filter(competition=self.flow.competition_id).order_by("index"))
        return boards[number % len(boards)].pk

    def send(self, number: int, value: float) -> None:
        """Somebody submits, and is scored on every task; some scores are missing."""
        self.sent.append(self.flow.take_in(by=(self.flow.anna, self.bob)[number % 2]))
        self.score_all(value, float(number) if number % 5 else None)

    def fail(self) -> None:
        """What somebody submits fails."""
        self.sent.append(self.flow.take_in())
        while (order := claim(worker(), 0)) is not None:
            say(order, "Failed")

    def score_all(self, value: float, seconds: float | None = 1.0) -> None:
        """A worker scores all that waits; on each task a little worse."""
        place = 0
        while (order := claim(worker(), 0)) is not None:
            place += 1
            scores = {"accuracy": value / place}
            finish_scoring(order, scores if seconds is None else scores | {"seconds": seconds, "recall": value})

    def begin_final(self) -> None:
        """The first phase is over."""
        if self.flow.phase_id == self.phases[0]:
            self.time.add(days=2)
            self.flow.phase_id = self.phases[1]

    def migrate(self, number: int, value: float) -> None:
        """The submissions of the first phase are run again in the second."""
        migrate_by_hand(self.flow.otto, self.phases[0], list(Migrated)[number % 2])
        self.sent.extend(self._new())
        self.score_all(value)

    def put(self, number: int, board: int, *, there: bool) -> None:
        """A submission is put on a board, or taken off it."""
        (add_to_board if there else remove_from_board)(self.flow.otto, self.one(number), self.board(board))

    def delete(self, number: int) -> None:
        """A submission is deleted."""
        lifecycle.delete(self.flow.otto, self.one(number))

    def edit(self, number: int, value: float) -> None:
        """A score is written by hand, or taken away; of several tasks that of the last."""
        part = Submission.objects.filter(parent=self.one(number)).order_by("pk").last()
        wanted = self.one(number) if part is None else part.pk
        edit_scores(self.flow.otto, wanted, {"accuracy": value if number % 3 else None}, "By hand.")

    def mark(self, number: int, board: int, mark: Mark | None) -> None:
        """An entry is marked, or loses its mark."""
        pk = self.board(board)
        there = list(
            Entry.objects.filter(leaderboard=pk).order_by("submission_id").values_list("submission_id", flat=True)
        )
        chosen = there[number % len(there)] if there else self.one(number)
        if mark is None:
            unmark_on_board(self.flow.otto, pk, chosen)
        else:
            mark_on_board(self.flow.otto, pk, chosen, mark, "Why.")

    def columns(self, number: int, board: int) -> None:
        """A board has more columns, or another order."""
        edits = (with_more(_TOTAL), with_more(_RANKED), _turned)
        change(self.flow.otto, self.board(board), edits[number % 3])

    def rule(self, number: int, board: int) -> None:
        """A board has another rule, and is hidden or shown."""
        rule, hidden = RULES[number % len(RULES)], number % 4 == 0
        change(self.flow.otto, self.board(board), lambda draft: replace(draft, submission_rule=rule, hidden=hidden))

    def boards(self, number: int) -> None:
        """A board comes, goes, or takes the first place."""
        known = Leaderboard.objects.filter(competition=self.flow.competition_id).order_by("index")
        ids: list[int | NewBoard] = list(known.values_list("pk", flat=True))
        like = self.board(number)
        wishes = (ids[1:], ids[::-1], [*ids, NewBoard(f"Another {number}", like=like, hidden=number % 2 == 0)])
        change_list(self.flow.otto, self.flow.competition_id, wishes[number % 3] or ids)

    def new_version(self, number: int) -> None:
        """The organizer uploads another version of the bundle."""
        files = {"reference_data/truth.csv": f"{number}\n".encode()}
        description = changed(_description(self.end), **_VERSIONS[number % len(_VERSIONS)])
        update(self.flow.otto, self.flow.competition_id, self.folder, description, files)

    def rescore(self, value: float, *, applied: bool) -> None:
        """Everything is scored once more, which counts or is dropped."""
        started = begin_rescore(self.flow)
        self.score_all(value)
        (apply if applied else cancel)(self.flow.otto, started)

    def rerun(self, number: int, value: float) -> None:
        """A submission is run once more."""
        self.sent.append(rerun(self.flow.otto, self.one(number)))
        self.score_all(value)

    def ban(self, *, banned: bool, everywhere: bool) -> None:
        """Bob may not take part any more, here or anywhere; or may again."""
        if everywhere:
            set_banned(None, self.bob.id, banned=banned)
        else:
            part = Participant.objects.get(competition=self.flow.competition_id, user=self.bob.id)
            decide(self.flow.otto, part.pk, ParticipantStatus.DENIED if banned else ParticipantStatus.APPROVED)

    def keep_snapshot(self, place: int) -> None:
        """What the boards of a phase are made of is worked out, and used from here on."""
        keep_snapshot(self.flow.competition_id, self.phases[place], head_of(self.flow.competition_id), 0)

    def _new(self) -> list[int]:
        mine = Submission.objects.filter(phase__competition=self.flow.competition_id, parent=None)
        return [pk for pk in mine.order_by("pk").values_list("pk", flat=True) if pk not in self.sent]

    def _shown(self) -> tuple[dict[int, dict[int, Shown]], dict[int, dict[str, Any]]]:
        known = Leaderboard.objects.filter(competition=self.flow.competition_id).order_by("index")
        ids = list(known.values_list("pk", flat=True))
        boards = {phase: {pk: self._board(phase, pk) for pk in ids} for phase in self.phases}
        return boards, {phase: without_score_ids(contract_json(phase, self.flow.otto)) for phase in self.phases}

    def _board(self, phase: int, pk: int) -> Shown:
        row = Leaderboard.objects.get(pk=pk)
        return Shown(
            described(board(self.flow.otto, phase, pk)),
            None if row.hidden else rows_of(board(self.vera, phase, pk)),
            frozenset(row.columns.filter(hidden=True).values_list("key", flat=True)),
            frozenset(EntryMark.objects.filter(leaderboard=pk, kind="hidden").values_list("submission_id", flat=True)),
        )


def described(found: Board) -> tuple[Any, ...]:
    """All that a board says, but for what belongs to the moment of reading."""
    return (found.title, found.rule, found.groups, found.question_keys, found.total, found.rows)


def rows_of(found: Board, without: frozenset[str] = frozenset()) -> list[tuple[Any, ...]]:
    """The rows with what stands in them, without some columns."""
    places = [(group.task_id, column.key) for group in found.groups for column in group.columns]
    return [
        (
            row.rank,
            row.mark,
            row.submission_id,
            {place: cell for place, cell in zip(places, row.cells, strict=True) if place[1] not in without},
        )
        for row in found.rows
    ]


def without_score_ids(answer: dict[str, Any]) -> dict[str, Any]:
    """The contract's answer without the numbers of score rows."""
    return answer | {
        "submissions": [
            each | {"scores": [{**score, "id": None} for score in each["scores"]]} for each in answer["submissions"]
        ]
    }


def _turned(draft: BoardDraft) -> BoardDraft:
    first, *others = draft.columns
    other = Sorting.ASCENDING if first.sorting is Sorting.DESCENDING else Sorting.DESCENDING
    return replace(draft, title="Turned", columns=(replace(first, sorting=other, title="Precision"), *others))


def _description(end: datetime) -> dict[str, Any]:
    """Of the competition, whose first phase ends then."""
    phase = {"start": "2030-01-01", "max_submissions_per_day": 100}
    practice = phase | {"name": "Practice", "end": end.isoformat(), "tasks": [0]}
    final = phase | {"name": "Final", "start": end.isoformat(), "tasks": [0, 1]}
    return two_tasks() | {"phases": [practice, final]}
