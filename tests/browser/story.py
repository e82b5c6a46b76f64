"""A competition with a past: made by events, three days long, with a worker of its own that scores whatever comes."""

from __future__ import annotations

import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_TITLE = "A competition with a past"
_WORKER = "story"
AGAIN = 0.25
"""The accuracy that everything gets that is scored once more."""


def make() -> int:
    """The competition: on the first day anna comes and bea is better, on the second anna leads again, on the third her
    score is edited."""
    from tests.integration.server.competition_material import described, make_person
    from tests.integration.server.flow import begin

    from podium.server import clock
    from podium.server.competitions.models import Competition
    from podium.server.competitions.services import register
    from podium.server.jobs.services import register_worker
    from podium.server.queues.models import Queue
    from podium.server.submissions.services.board import add_to_board
    from podium.server.submissions.services.score_editing import edit_scores

    stepped = _Days(clock.now() - timedelta(days=4))
    with clock.clock_at(stepped), tempfile.TemporaryDirectory() as folder:
        phases = [{"name": "Only", "start": "2020-01-01", "tasks": [0]}]
        flow = begin(Path(folder), described(title=_TITLE, phases=phases))
        bea = make_person("bea")
        register(bea, flow.competition_id, accepts_terms=True)
        for day in ([(flow.anna, 0.5), (bea, 0.6)], [(flow.anna, 0.75)]):
            stepped.next_day()
            for person, value in day:
                add_to_board(person, flow.scored({"accuracy": value, "seconds": 1.0}, by=person))
                stepped.next_hour()
        stepped.next_day()
        edit_scores(flow.otto, _last(flow.phase_id), {"accuracy": 0.625}, "A wrong label.")
    queue = Queue.objects.create(name=_WORKER, owner_id=flow.otto.id, created_at=clock.now())
    Competition.objects.filter(pk=flow.competition_id).update(queue=queue)
    register_worker(None, _WORKER, "token of the story", queue_ids=[queue.pk])
    return flow.competition_id


def admit(competition_id: int, *, organizer: Any) -> None:
    """Let somebody run the competition too."""
    from podium.server.competitions.models import Competition

    Competition.objects.get(pk=competition_id).collaborators.add(organizer)


def work() -> None:
    """Score whatever waits in the queue of the story, a little later than at once."""
    from podium.server.jobs.models import Worker
    from podium.server.submissions.services.claim import claim
    from podium.server.submissions.services.report import StatusReport, report_scores, report_status

    worker = Worker.objects.get(name=_WORKER)
    while True:
        time.sleep(0.2)
        order = claim(worker, 0)
        if order is not None:
            report_scores(order["id"], order["secret"], {"accuracy": AGAIN, "seconds": 1.0})
            report_status(order["id"], order["secret"], StatusReport("Finished", exit_code=0))


class _Days:
    """A clock that is set forward by hand, and else goes on by milliseconds."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def __call__(self) -> datetime:
        self._moment += timedelta(milliseconds=1)
        return self._moment

    def next_day(self) -> None:
        self._moment += timedelta(days=1)

    def next_hour(self) -> None:
        self._moment += timedelta(hours=1)


def _last(phase_id: int) -> int:
    from podium.server.submissions.models import Submission

    return Submission.objects.filter(phase=phase_id).latest("pk").pk


def compare_models() -> None:
    """Two datasets with models whose results were declared, one of them without an interval."""
    from podium.rules.modelboards.declared import read_declared
    from podium.server.modelboards.services import DatasetWishes, add_dataset

    models = [
        {"model": "Falcon", "score": 0.91, "ci": "0.88 - 0.94", "updated": "Sep 2024"},
        {"model": "Tulu", "score": 0.87, "ci": "0.84 - 0.90", "updated": "Mar 2025", "source": "https://example.org/t"},
        {"model": "A model with quite a long name of its own", "score": 0.4, "updated": "Dec 9998"},
    ]
    for name in ("Moods", "More moods"):
        wishes = DatasetWishes(name, "text_classification", results=[read_declared(each) for each in models])
        add_dataset(None, wishes)
