"""Whatever happens to the boards of a competition: rebuilt from events, at any moment they are what was shown then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.integration.server.board_story import Moment, Shown, Story, described, rows_of, without_score_ids
from tests.integration.server.flow import SteppedClock, assert_all_chains_fit

from podium.rules.board.marks import Mark
from podium.rules.errors import NotAllowed
from podium.server.history.queries import head_of
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.past.queries import past_board, past_contract
from podium.server.past.sight import PastPhase, past_phase
from podium.server.past.states import state_at
from podium.server.submissions.queries.shared import answers_of

pytestmark = pytest.mark.django_db

_NUMBERS = st.integers(0, 30)
_ACTS = (
    *("send", "send", "send", "send", "fail", "begin final", "migrate", "put", "put", "remove", "delete", "edit"),
    *("hide", "baseline", "unmark", "columns", "rule", "rule", "boards", "boards", "new version", "new version"),
    *("rescore", "rescore", "rerun", "ban", "let in", "snapshot"),
)
"""What may happen; what moves boards more often than the rest. One rule chooses among them all: of many rules, each
story would have a few."""
_VALUES = st.sampled_from([0.0, 0.25, 0.5, 0.5, 0.75, 1.0])


class AnyStory(RuleBasedStateMachine):
    """Lets anything happen, in any order."""

    folder: Path
    time: SteppedClock

    def __init__(self) -> None:
        super().__init__()
        self.story = Story.begun(self.folder, self.time)

    @initialize()
    def somebody_was_first(self) -> None:
        self.happen("send", 7, 0, 0.5, first=True)
        self.happen("send", 8, 0, 0.75, first=True)

    @rule(act=st.sampled_from(_ACTS), number=_NUMBERS, board=_NUMBERS, value=_VALUES, first=st.booleans())
    def happen(self, act: str, number: int, board: int, value: float, *, first: bool) -> None:
        story = self.story
        acts: Mapping[str, Callable[[], object]] = {
            "send": lambda: story.send(number, value),
            "fail": story.fail,
            "begin final": story.begin_final,
            "migrate": lambda: story.migrate(number, value),
            "put": lambda: story.put(number, board, there=True),
            "remove": lambda: story.put(number, board, there=False),
            "delete": lambda: story.delete(number),
            "edit": lambda: story.edit(number, value),
            "hide": lambda: story.mark(number, board, Mark.HIDDEN),
            "baseline": lambda: story.mark(number, board, Mark.BASELINE),
            "unmark": lambda: story.mark(number, board, None),
            "columns": lambda: story.columns(number, board),
            "rule": lambda: story.rule(number, board),
            "boards": lambda: story.boards(number),
            "new version": lambda: story.new_version(number),
            "rescore": lambda: story.rescore(value, applied=first),
            "rerun": lambda: story.rerun(number, value),
            "ban": lambda: story.ban(banned=True, everywhere=first),
            "let in": lambda: story.ban(banned=False, everywhere=first),
            "snapshot": lambda: story.keep_snapshot(0 if first else 1),
        }
        story.happen(acts[act])

    def teardown(self) -> None:
        for moment in self.story.moments:
            assert_shown(self.story, moment)
        assert_replayed(self.story)
        assert_all_chains_fit()


def assert_shown(story: Story, moment: Moment) -> None:
    """Every board of every phase is rebuilt as it was."""
    for phase, shown in moment.boards.items():
        organizers = past_phase(story.flow.otto, phase, moment.at)
        others = past_phase(story.vera, phase, moment.at)
        assert [each.id for each in organizers.boards] == list(shown)
        assert without_score_ids(past_contract(organizers, answers_of=answers_of)) == moment.answers[phase]
        for pk, then in shown.items():
            found = past_board(organizers, pk, limit=100, offset=0, answers_of=answers_of)
            assert described(found.board) == then.organizers
            assert_withheld(story, others, pk, then)


def assert_withheld(story: Story, phase: PastPhase, pk: int, then: Shown) -> None:
    """Who only takes part sees what they saw, less what is hidden today, or was when the board went."""
    last = next(moment.boards[story.phases[0]][pk] for moment in reversed(story.moments) if pk in _boards(moment))
    live = Leaderboard.objects.filter(pk=pk).exists()
    if then.others is None or last.others is None:
        with pytest.raises(NotAllowed):
            past_board(phase, pk, limit=100, offset=0, answers_of=answers_of)
        return
    hidden = set(last.hidden_entries)
    if not live:
        marks = EntryMark.objects.filter(leaderboard__competition=phase.competition_id, kind="hidden")
        hidden |= set(marks.values_list("submission_id", flat=True))
    found = past_board(phase, pk, limit=100, offset=0, answers_of=answers_of).board
    wanted = [row for row in then.others if row[2] not in hidden]
    assert rows_of(found) == [
        (*row[:3], {place: cell for place, cell in row[3].items() if place[1] not in last.hidden_keys})
        for row in wanted
    ]


def assert_replayed(story: Story) -> None:
    """Snapshots say nothing that events do not say, and the end of the replay is what the tables say."""
    competition_id = story.flow.competition_id
    head = head_of(competition_id)
    for phase in story.phases:
        whole = state_at(competition_id, phase, head, from_events=True)
        assert dict(state_at(competition_id, phase, head).scores) == whole.scores
        for pk, entries in whole.entries.items():
            stored = Entry.objects.filter(phase=phase, leaderboard=pk)
            assert set(entries) == set(stored.values_list("submission_id", flat=True))


def _boards(moment: Moment) -> set[int]:
    return {pk for boards in moment.boards.values() for pk in boards}


@pytest.mark.slow
def test_at_any_moment_the_boards_were_what_was_shown_then(tmp_path: Path, time: SteppedClock, db: None) -> None:
    class Here(AnyStory):
        folder = tmp_path

    Here.time = time
    # Not made smaller where it fails: each story takes seconds.
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
            phases=(Stage.generate,),
        ),
    )
