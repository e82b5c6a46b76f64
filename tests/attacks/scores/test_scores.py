"""Scoring programs that leave something else than scores."""

from __future__ import annotations

import time

import pytest
from tests.attacks.attacked import Slot
from tests.attacks.scores.hostile_scores import HOSTILE
from tests.attacks.scoring.competition import Competition, fresh_work

pytestmark = pytest.mark.sandbox


@pytest.fixture
def competition(bubblewrap_slot: Slot, second_slot: Slot) -> Competition:
    """Scores are read the same way whatever ran the program, so one back end will do."""
    return Competition(bubblewrap_slot, second_slot, fresh_work(bubblewrap_slot))


@pytest.mark.parametrize("scores", HOSTILE)
def test_scores_that_are_refused(competition: Competition, scores: str) -> None:
    program, code = HOSTILE[scores]
    competition.scoring = {"metadata.yaml": "command: python3 score.py", "score.py": program}
    predictions = competition.folder({"answer.txt": "42"})
    begun = time.monotonic()
    result = competition.score(predictions, ran=False)
    assert time.monotonic() - begun < 10
    assert result.scores == {}
    assert result.failure is not None, result
    assert result.failure.code == code, result.runs
    assert result.failure.message.isprintable()
    assert len(result.failure.message) < 1000
    competition.scoring = {"metadata.yaml": "command: python3 score.py", "score.py": _GOOD}
    assert competition.score(predictions, ran=False).scores == {"a": 0.5}


_GOOD = "open('/app/output/scores.json', 'w').write('{\"a\": 0.5}')"
