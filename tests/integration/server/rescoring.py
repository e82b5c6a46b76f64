"""Rescores in tests: another scoring program, and a worker that scores by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.integration.server.flow import Flow, claimed, finish_scoring, uploaded, worker

from podium.server.competitions.models import Task
from podium.server.files.models import DataSetType
from podium.server.rescores.services import RescoreWish, start
from podium.server.submissions.services.claim import claim

WHY = "Two labels of the reference were wrong."


def correct_the_program(flow: Flow, text: bytes = b"print('corrected')\n") -> None:
    """The tasks of the competition are scored by another program from now on."""
    data = uploaded(flow.otto, {"metadata.yaml": b"command: python3 s.py\n", "s.py": text}, DataSetType.SCORING_PROGRAM)
    Task.objects.filter(phases__competition=flow.competition_id).update(scoring_program=data)


def begin_rescore(flow: Flow, **wishes: Any) -> int:
    """What an organizer starts; nothing is sampled unless it is wished for."""
    return start(flow.otto, flow.competition_id, RescoreWish(**({"reason": WHY, "sample": 0} | wishes)))


def score_again(scores: Mapping[int, Mapping[str, float]]) -> None:
    """Let a worker score what waits: by the number of what ran on a task, what it gets."""
    left = dict(scores)
    while left:
        order = claimed(worker())
        finish_scoring(order, left.pop(order["id"]))
    assert claim(worker(), 0) is None
