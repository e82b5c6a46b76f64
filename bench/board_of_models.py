"""What `bench/modelboards.py` measures of the server: adding results, the list of datasets, a board's page, and the way
from predictions to a rank. Runs in a process of its own, with a database and a data folder of its own.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import Any

_RESULTS = 10_000
_DATASETS = 1_000
_MODELS = 200
_ITEMS = 1_000
LIMITS_MS = {
    "add_model among 10,000 results": 10,
    "index of 1,000 datasets": 50,
    "board page of 200 models": 40,
}
"""Of the processor, for the median request."""


def measured() -> dict[str, Any]:
    """Milliseconds of the processor by what was asked for, and seconds from sending predictions to their rank."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PODIUM_DATA": folder, "DJANGO_SETTINGS_MODULE": "podium.server.settings"}
        os.environ["PODIUM_MODELBOARD_WRITES_PER_MINUTE"] = "100000"
        return _measured()


def _measured() -> dict[str, Any]:
    import django
    from django.core.management import call_command

    from podium.server.configuration import configuration, make_data_folder

    make_data_folder(configuration())
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from django.test import Client

    from podium.server.accounts.people import Person
    from podium.server.accounts.services import create_api_token, create_user

    owner: Person = create_user("owner", "owner@example.org", "a long enough secret 1")
    headers = {"X-API-Key": create_api_token(owner, "bench"), "Host": "127.0.0.1"}
    _fill(owner)
    client = Client(raise_request_exception=True)

    def add(number: int) -> None:
        body = {"dataset_name": "Large", "model": f"new {number}", "score": 0.5, "ci": "0.4 - 0.6"}
        answer = client.post("/api/leaderboard/add_model", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.content

    def get(path: str) -> Callable[[int], None]:
        def ask(_: int) -> None:
            answer = client.get(path, headers={"Host": "127.0.0.1"})
            assert answer.status_code == 200, answer.content

        return ask

    figures: dict[str, Any] = {
        "add_model among 10,000 results": _of_processor(add),
        "index of 1,000 datasets": _of_processor(get("/leaderboard/")),
        "board page of 200 models": _of_processor(get("/leaderboard/full/")),
    }
    return {"milliseconds": figures, "limits": LIMITS_MS, "seconds": {"predictions to rank": _to_rank(owner)}}


def _of_processor(do: Callable[[int], None], times: int = 30) -> float:
    """Milliseconds of the processor, of the median of so many after a few."""
    for number in range(5):
        do(-number - 1)
    taken = []
    for number in range(times):
        begun = time.process_time()
        do(number)
        taken.append(time.process_time() - begun)
    return round(median(taken) * 1000, 2)


def _fill(owner: Any) -> None:
    from podium.server import clock
    from podium.server.modelboards.models import Badge, Dataset, Result
    from podium.server.modelboards.services.results import show_changes

    now = clock.now()

    def dataset(name: str) -> Dataset:
        return Dataset(
            name=name,
            slug=name.lower().replace(" ", "-"),
            task_type="text_classification",
            metric="accuracy",
            owner_id=owner.id,
            created_at=now,
            changed_at=now,
        )

    made = Dataset.objects.bulk_create(
        [dataset("Large"), dataset("Full"), *(dataset(f"Set {number}") for number in range(_DATASETS - 2))]
    )

    def result(of: Dataset, number: int) -> Result:
        score = 0.4 + 0.5 * number / _RESULTS
        return Result(
            dataset=of,
            model=f"model {number}",
            revision=1,
            score=score,
            ci_low=score - 0.02,
            ci_high=score + 0.02,
            badge=Badge.DECLARED,
            submitter_id=owner.id,
            created_at=now,
        )

    large, full, *rest = made
    rows = [result(large, number) for number in range(_RESULTS)]
    rows += [result(full, number) for number in range(_MODELS)]
    rows += [result(each, number) for each in rest for number in range(3)]
    Result.objects.bulk_create(rows, batch_size=1000)
    from django.db import transaction

    for each in made:
        with transaction.atomic():
            show_changes(each)


def _to_rank(owner: Any) -> float:
    """From the moment at which predictions arrive until their rank is there, with the jobs process beside: the median
    of five, of a thousand items among the results of others."""
    from podium.server.duties.internal import InternalJobs
    from podium.server.duties.kinds import KINDS
    from podium.server.history.wakeups import CommitWatch
    from podium.server.jobs.internal.models import InternalJob
    from podium.server.modelboards.models import ReferenceSet
    from podium.server.modelboards.queries import predictions_of
    from podium.server.modelboards.services import (
        DatasetWishes,
        PredictionsWishes,
        SentFile,
        add_dataset,
        put_references,
        submit_predictions,
    )

    InternalJob.objects.all().delete()
    add_dataset(owner, DatasetWishes("Scored", "text_classification"))
    gold = "\n".join(["id,label", *(f"{number},{'ab'[number % 2]}" for number in range(_ITEMS))])
    taken = []
    stopping = threading.Event()
    with InternalJobs(KINDS, stopping) as jobs, CommitWatch(jobs.look):
        put_references(owner, "Scored", SentFile("gold.csv", gold.encode()))
        _until(lambda: ReferenceSet.objects.filter(state="accepted").exists())
        for number in range(5):
            said = gold.replace(f"{number},a", f"{number},b")
            begun = time.monotonic()
            sent = submit_predictions(
                owner, "Scored", SentFile("answers.csv", said.encode()), PredictionsWishes(f"model {number}")
            )
            _until(lambda sent=sent: predictions_of(sent.key, owner).result is not None)  # type: ignore[misc]
            taken.append(time.monotonic() - begun)
            _until(lambda: not InternalJob.objects.filter(state__in=["waiting", "leased"]).exists())
    return round(median(taken), 2)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.005)
