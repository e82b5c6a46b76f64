"""Boards of competitions that were described for CodaLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.flow import Flow, SteppedClock, assert_all_chains_fit, begin

from podium.rules.errors import NotAllowed
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.services import rebuild_stale_boards
from podium.server.submissions.queries.detail import submission_detail
from podium.server.submissions.services.board import add_to_board, remove_from_board

pytestmark = pytest.mark.django_db


def codalab(**changes: Any) -> dict[str, Any]:
    """The sheep again, as CodaLab would have them."""
    results = {"label": "Results", "rank": 1}
    return {
        "title": "Count the sheep",
        "image": "logo.png",
        "has_registration": False,
        "html": {"overview": "overview.md", "terms": "terms.md"},
        "phases": {
            1: {
                "phasenumber": 1,
                "label": "Practice",
                "start_date": "2030-01-01",
                "scoring_program": "scoring_program",
                "reference_data": "reference_data",
            }
        },
        "leaderboard": {
            "leaderboards": {"Results": results},
            "columns": {
                "rank": {
                    "leaderboard": results,
                    "rank": 1,
                    "sort": "asc",
                    "computed": {"operation": "Avg", "fields": "accuracy"},
                },
                "accuracy": {"leaderboard": results, "rank": 2},
            },
        },
        **changes,
    }


@pytest.fixture
def by_organizers(tmp_path: Path, time: SteppedClock) -> Flow:
    return begin(tmp_path, codalab(disallow_leaderboard_modifying=True))


def test_participants_do_not_change_a_board_that_organizers_fill(by_organizers: Flow) -> None:
    made = by_organizers.scored({"accuracy": 0.5})
    detail = submission_detail(by_organizers.anna, made)

    assert (detail.may_add, detail.may_remove) == (False, False)
    with pytest.raises(NotAllowed) as caught:
        add_to_board(by_organizers.anna, made)
    assert caught.value.code == "board-by-organizers"
    assert not Entry.objects.exists()


def test_organizers_place_one_submission_of_a_participant_and_take_it_away(by_organizers: Flow) -> None:
    first, second = by_organizers.scored({"accuracy": 0.5}), by_organizers.scored({"accuracy": 0.4})
    assert submission_detail(by_organizers.otto, first).may_add
    add_to_board(by_organizers.otto, first)
    add_to_board(by_organizers.otto, second)
    assert list(Entry.objects.values_list("submission_id", flat=True)) == [second]
    assert not submission_detail(by_organizers.anna, second).may_remove
    assert submission_detail(by_organizers.otto, second).may_remove
    remove_from_board(by_organizers.otto, second)
    assert not Entry.objects.exists()
    assert_all_chains_fit()


def test_a_mean_of_ranks_is_there_after_the_next_round_and_ranks(tmp_path: Path, time: SteppedClock) -> None:
    flow = begin(tmp_path, codalab())
    add_to_board(flow.anna, flow.scored({"accuracy": 0.5}))
    add_to_board(flow.otto, flow.scored({"accuracy": 0.8}, by=flow.otto))
    assert rebuild_stale_boards() == 1

    better, worse = Entry.objects.order_by("rank_key")
    assert (better.values, worse.values) == ({"rank": 1.0, "accuracy": 0.8}, {"rank": 2.0, "accuracy": 0.5})
    assert better.reasons == worse.reasons == {}
