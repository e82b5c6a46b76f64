"""A published competition and what happens in it: submissions, and workers that take and report their runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from tests.integration.server.competition_material import (
    DESCRIPTION,
    make_competition,
    make_person,
    two_tasks,
)
from tests.small_bundles import zipped

from podium.rules.history import Event, verify
from podium.rules.proof import Head
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import publish, register
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.services import complete_upload, create_data_set, keep_blob, store
from podium.server.history.models import Chain
from podium.server.jobs.models import Worker
from podium.server.jobs.services import register_worker, worker_of_token
from podium.server.submissions.models import Submission
from podium.server.submissions.services.arrivals import check_arrival, file_arrived
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.report import StatusReport, report_scores, report_status
from podium.server.submissions.services.submit import SubmissionRequest, submit

NOON = datetime(2030, 1, 10, 12, tzinfo=UTC)
"""Inside the first phase of the usual description."""
RESULT = {"prediction.csv": b"1,2\n"}
CODE = {"metadata.yaml": b"command: python3 predict.py\n", "predict.py": b"print(1)\n"}
TWO_TASKS = two_tasks()


class SteppedClock:
    """Shows NOON, and what was added since."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def add(self, **duration: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**duration)


@dataclass
class Flow:
    """A published competition; anna takes part, otto runs it."""

    competition_id: int
    phase_id: int
    otto: Person
    anna: Person

    def take_in(self, files: Mapping[str, bytes] | None = None, *, by: Person | None = None, **wishes: Any) -> int:
        """Submit a zip of the files."""
        person = by or self.anna
        return submit(person, SubmissionRequest(self.phase_id, **wishes), uploaded(person, files or RESULT))

    def scored(self, scores: Mapping[str, float], *, by: Person | None = None) -> int:
        """A submission that was scored so."""
        made = self.take_in(by=by)
        order = claimed(worker())
        assert order["id"] == made
        finish_scoring(order, scores)
        return made


def begin(folder: Path, description: Mapping[str, Any] = DESCRIPTION) -> Flow:
    """Import, publish, join."""
    otto, anna = make_person("otto"), make_person("anna")
    competition_id = make_competition(otto, folder, description)
    publish(otto, competition_id)
    register(anna, competition_id, accepts_terms=True)
    phase = Phase.objects.filter(competition_id=competition_id).order_by("index").first()
    assert phase is not None
    return Flow(competition_id, phase.pk, otto, anna)


def uploaded(person: Person, files: Mapping[str, bytes], type_: DataSetType = DataSetType.SUBMISSION) -> DataSet:
    """A data set of a zip that has arrived."""
    blob = keep_blob(store().put_stream([zipped(files)], max_bytes=1 << 20))
    return create_data_set(person.id, type_, "mine.zip", blob)


def worker(name: str = "lab-1") -> Worker:
    """A worker, made the first time."""
    known = Worker.objects.filter(name=name).first()
    if known is None:
        register_worker(None, name, f"token of {name}")
        return worker_of_token(f"token of {name}")
    return known


def claimed(by: Worker, slot: int = 0, *, heartbeats: bool = True) -> dict[str, Any]:
    """The next run order; there must be one."""
    order = claim(by, slot, heartbeats=heartbeats)
    assert order is not None
    # What a worker gets is what JSON carries.
    decoded: dict[str, Any] = json.loads(json.dumps(order))
    return decoded


def say(order: Mapping[str, Any], status: str, **more: Any) -> None:
    """Report a status as the holder of the order."""
    report_status(order["id"], order["secret"], StatusReport(status, **more))


def score(order: Mapping[str, Any], scores: object) -> None:
    """Report scores as the holder of the order."""
    report_scores(order["id"], order["secret"], scores)


def finish_scoring(order: Mapping[str, Any], scores: Mapping[str, float]) -> None:
    """Do as a worker whose scoring step went well."""
    assert order["is_scoring"]
    score(order, scores)
    say(order, "Finished", exit_code=0)


def finish_prediction(order: Mapping[str, Any]) -> None:
    """Do as a worker whose prediction step went well."""
    assert not order["is_scoring"]
    put(order["prediction_result"], zipped({"labels.csv": b"1\n"}))
    say(order, "Scoring", exit_code=0)


def put(url: str, content: bytes) -> None:
    """What happens when the bytes arrive that a signed link takes."""
    ticket = UUID(urlsplit(url).path.rsplit("/", 1)[-1])
    stored = store().put_stream([content], max_bytes=1 << 20)
    check_arrival(ticket, stored)
    complete_upload(ticket, stored)
    file_arrived(ticket)


def status_of(submission_id: int) -> str:
    """The state of a submission."""
    return str(Submission.objects.values_list("status", flat=True).get(pk=submission_id))


def assert_all_chains_fit() -> None:
    """Every chain of the site is whole, and ends as its row says."""
    for chain in Chain.objects.all():
        name = f"{chain.kind}:{chain.subject}"
        events = [
            Event(name, row.seq, row.kind, row.at, row.actor, json.loads(row.payload), row.prev_hash, row.hash)
            for row in chain.events.order_by("seq")
        ]
        assert verify(events, Head(chain.head_seq, chain.head_hash)) is None


MADE = ["competition-imported", "task-added", "phase-added", "phase-added", "board-added"]
"""What an import of the usual competition records: one task, two phases, one leaderboard."""


def kinds(competition_id: int) -> list[str]:
    """What happened in a competition, in order."""
    chain = Chain.objects.get(kind="competition", subject=competition_id)
    return list(chain.events.order_by("seq").values_list("kind", flat=True))


def moments(competition_id: int) -> set[datetime]:
    """When something happened in a competition; what happened at once is of one moment."""
    chain = Chain.objects.get(kind="competition", subject=competition_id)
    return set(chain.events.values_list("at", flat=True))
