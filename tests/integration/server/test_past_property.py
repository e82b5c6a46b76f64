"""Whatever happens to a board: rebuilt from events, at any moment it is what was shown then."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from tests.integration.server.board_editing import board_id, change, with_more
from tests.integration.server.competition_material import DESCRIPTION, make_competition, make_person
from tests.integration.server.flow import Flow, SteppedClock, claimed, finish_scoring, say, worker
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.rescoring import begin_rescore, score_again

from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import BoardDraft, ColumnDraft
from podium.rules.bundle.board_list import NewBoard
from podium.rules.errors import UserError
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import publish, register
from podium.server.history.queries import head_of
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries import Board, board, contract_json
from podium.server.leaderboards.services import rebuild_stale_boards
from podium.server.leaderboards.services.marks import mark_entry, unmark_entry
from podium.server.past.queries import past_board, past_contract
from podium.server.past.services import keep_snapshot
from podium.server.past.states import state_at
from podium.server.rescores.services import apply, cancel
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.shared import answers_of
from podium.server.submissions.services.board import add_to_board, remove_from_board
from podium.server.submissions.services.lifecycle import delete
from podium.server.submissions.services.rerun import rerun
from podium.server.submissions.services.score_editing import edit_scores
from podium.server.updates.board_list import apply_list, board_list, preview_list

pytestmark = pytest.mark.django_db

_numbers = itertools.count(1)
_RULES = (SubmissionRule.FORCE_BEST, SubmissionRule.ADD_AND_DELETE_MULTIPLE, SubmissionRule.FORCE_LAST)
_TOTAL = ColumnDraft("total", "Sum", computation=Computation.SUM, computed_from=("accuracy", "seconds"))
_RANKED = ColumnDraft("place", "Place", computation=Computation.AVERAGE_RANK, computed_from=("accuracy", "seconds"))


@dataclass
class Story:
    """A competition, what happened in it, and what its board showed after each happening."""

    flow: Flow
    bob: Person
    sent: list[int] = field(default_factory=list)
    shown: list[tuple[datetime, tuple[Any, ...]]] = field(default_factory=list)

    @property
    def board_id(self) -> int:
        return board_id(self.flow.competition_id)

    def one(self, number: int) -> int:
        """One of the submissions."""
        return self.sent[number % len(self.sent)]

    def happen(self, action: str, number: int, value: float) -> None:
        if not self.sent and action not in {"send", "columns", "rule"}:
            action = "send"
        with suppress(UserError):
            _ACTIONS[action](self, number, value)
        rebuild_stale_boards()
        self.shown.append((clock.now(), now_shown(self)))


def _send(story: Story, number: int, value: float) -> None:
    by = (story.flow.anna, story.bob)[number % 2]
    scores = {"accuracy": value, "seconds": float(number)} if number % 5 else {"seconds": value}
    story.sent.append(story.flow.scored(scores, by=by))


def _add(story: Story, number: int, value: float) -> None:
    add_to_board(story.flow.otto, story.one(number))


def _remove(story: Story, number: int, value: float) -> None:
    remove_from_board(story.flow.otto, story.one(number))


def _delete(story: Story, number: int, value: float) -> None:
    delete(story.flow.otto, story.one(number))


def _edit(story: Story, number: int, value: float) -> None:
    edit_scores(story.flow.otto, story.one(number), {"accuracy": value if number % 3 else None}, "By hand.")


def _hide(story: Story, number: int, value: float) -> None:
    mark_entry(story.flow.otto, story.board_id, story.one(number), Mark.HIDDEN, "Why.")


def _baseline(story: Story, number: int, value: float) -> None:
    mark_entry(story.flow.otto, story.board_id, story.one(number), Mark.BASELINE)


def _unmark(story: Story, number: int, value: float) -> None:
    unmark_entry(story.flow.otto, story.board_id, story.one(number))


def _columns(story: Story, number: int, value: float) -> None:
    if number % 3 == 2:
        change(story.flow.otto, story.board_id, _turned)
    else:
        change(story.flow.otto, story.board_id, with_more(_RANKED if number % 3 else _TOTAL))


def _turned(draft: BoardDraft) -> BoardDraft:
    first, *others = draft.columns
    other = Sorting.ASCENDING if first.sorting is Sorting.DESCENDING else Sorting.DESCENDING
    return replace(draft, title="Turned", columns=(replace(first, sorting=other, title="Precision"), *others))


def _rule(story: Story, number: int, value: float) -> None:
    change(story.flow.otto, story.board_id, lambda draft: replace(draft, submission_rule=_RULES[number % 3]))


def _rescore(story: Story, number: int, value: float) -> None:
    rescore = begin_rescore(story.flow)
    parts = Submission.objects.filter(rescore_items__rescore=rescore).order_by("pk").values_list("pk", flat=True)
    score_again({pk: {"accuracy": value / (place + 1)} for place, pk in enumerate(parts)})
    apply(story.flow.otto, rescore)


def _cancelled(story: Story, number: int, value: float) -> None:
    rescore = begin_rescore(story.flow)
    order = claimed(worker())
    finish_scoring(order, {"accuracy": value})
    cancel(story.flow.otto, rescore)


def _fail(story: Story, number: int, value: float) -> None:
    story.sent.append(story.flow.take_in())
    say(claimed(worker()), "Failed")


def _rerun(story: Story, number: int, value: float) -> None:
    made = rerun(story.flow.otto, story.one(number))
    story.sent.append(made)
    finish_scoring(claimed(worker()), {"accuracy": value, "seconds": 1.0})


def _boards(story: Story, number: int, value: float) -> None:
    otto, competition_id = story.flow.otto, story.flow.competition_id
    listed = board_list(otto, competition_id)
    ids = [each.id for each in listed.boards]
    # The first stays where it is: it is the one that is asked for.
    another = NewBoard(f"Another {number}", like=ids[0], hidden=number % 2 == 0)
    wish = ids[:-1] if number % 3 == 0 and len(ids) > 1 else [ids[0], another, *ids[1:]]
    apply_list(otto, competition_id, preview_list(otto, competition_id, wish, listed.edition).proposal)
    assert do_jobs() == 1


_ACTIONS: dict[str, Callable[[Story, int, float], None]] = {
    "send": _send,
    "add": _add,
    "remove": _remove,
    "delete": _delete,
    "edit": _edit,
    "hide": _hide,
    "baseline": _baseline,
    "unmark": _unmark,
    "columns": _columns,
    "rule": _rule,
    "rescore": _rescore,
    "cancelled": _cancelled,
    "fail": _fail,
    "rerun": _rerun,
    "boards": _boards,
}
_HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from([*_ACTIONS, "send", "send", "add", "add"]),
        st.integers(0, 30),
        st.sampled_from([0.0, 0.25, 0.5, 0.5, 0.75, 1.0]),
    ),
    min_size=4,
    max_size=14,
)


def described(found: Board) -> tuple[Any, ...]:
    """All that a board says, but for what belongs to the moment of reading."""
    return (found.title, found.rule, found.groups, found.question_keys, found.total, found.rows)


def without_score_ids(answer: dict[str, Any]) -> dict[str, Any]:
    """The contract's answer without the numbers of score rows."""
    return answer | {
        "submissions": [
            each | {"scores": [{**score, "id": None} for score in each["scores"]]} for each in answer["submissions"]
        ]
    }


def now_shown(story: Story) -> tuple[Any, ...]:
    flow = story.flow
    return (
        described(board(flow.otto, flow.phase_id)),
        without_score_ids(contract_json(flow.phase_id, flow.otto)),
        list(board(flow.anna, flow.phase_id).rows),
    )


def then_shown(story: Story, at: datetime) -> tuple[Any, ...]:
    flow = story.flow

    def past(person: Person) -> Board:
        return past_board(person, flow.phase_id, None, at, limit=100, offset=0, answers_of=answers_of).board

    return (
        described(past(flow.otto)),
        without_score_ids(past_contract(flow.otto, flow.phase_id, at, answers_of=answers_of)),
        list(past(flow.anna).rows),
    )


def begun(folder: Path) -> Story:
    """A competition of its own, for each story."""
    number = next(_numbers)
    otto, anna, bob = (make_person(f"{name}{number}") for name in ("otto", "anna", "bob"))
    phases = [DESCRIPTION["phases"][0]]
    competition_id = make_competition(otto, folder, DESCRIPTION | {"phases": phases})
    publish(otto, competition_id)
    for person in (anna, bob):
        register(person, competition_id, accepts_terms=True)
    phase = Phase.objects.get(competition_id=competition_id)
    return Story(Flow(competition_id, phase.pk, otto, anna), bob)


@pytest.mark.slow
# Not made smaller where it fails: each story takes half a second.
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=(Stage.generate,),
)
@given(happenings=_HAPPENINGS)
def test_at_any_moment_the_board_was_what_was_shown_then(
    tmp_path: Path, time: SteppedClock, db: None, happenings: Sequence[tuple[str, int, float]]
) -> None:
    story = begun(tmp_path)
    half = len(happenings) // 2
    for place, (action, number, value) in enumerate(happenings):
        story.happen(action, number, value)
        time.add(minutes=1)
        if place == half:
            assert keep_snapshot(story.flow.competition_id, story.flow.phase_id, head_of(story.flow.competition_id), 0)
    hidden = set(EntryMark.objects.filter(kind="hidden").values_list("submission_id", flat=True))
    for at, shown in story.shown:
        organizers, contract, participants = then_shown(story, at)
        assert organizers == shown[0]
        assert contract == shown[1]
        # What is hidden today is hidden from participants in the past, too.
        assert participants == [row for row in shown[2] if row.submission_id not in hidden]
    competition_id, phase_id = story.flow.competition_id, story.flow.phase_id
    head = head_of(competition_id)
    whole = state_at(competition_id, phase_id, head, from_events=True)
    assert dict(state_at(competition_id, phase_id, head).scores) == whole.scores
    assert {pk: set(each) for pk, each in whole.entries.items()} == {
        story.board_id: set(Entry.objects.filter(phase=phase_id).values_list("submission_id", flat=True))
    }
