"""What 500 earlier submissions cost a scoring run: the server that gives it away, the worker that lays it out, the
sandbox that shows it. Medians in milliseconds, each beside a run of somebody who has sent nothing before; `cpu` is time
of this process on a processor, which other work of the machine does not lengthen."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter, process_time
from typing import Any

from tests.integration.server.competition_material import described, make_person
from tests.integration.server.flow import Flow, begin, claimed, say, worker

from podium.rules.looking_back import PastScores
from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import Command, Limits, Mount
from podium.sandbox.interpreter import interpreter, interpreter_root
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import register
from podium.server.jobs.models import Job
from podium.server.submissions.models import Attempt, Run, Submission
from podium.worker.execute.history_trees import HistoryTrees, place_of_trees
from podium.worker.transport.orders import read_order

EARLIER = 500
REPEATS = 15


Spent = tuple[float, float]
"""Time that passed, and time on a processor, in seconds."""


def five_hundred_earlier() -> dict[str, float]:
    """The parts of the cost, and their sum for a worker that has seen the participant before and for one that has
    not."""
    with tempfile.TemporaryDirectory() as folder:
        orders, claim = _claims(Path(folder))
        read = _costs(read_order, orders)
        with tempfile.TemporaryDirectory(dir=place_of_trees(Path(folder))) as trees:
            first, following, place = _trees(Path(trees), orders[1])
            mount_ms = _mounts(Path(folder), place)
    parts = {"server": claim, "reading_order": read, "first_tree": first, "next_tree": following}
    figures = {f"{name}_ms": passed for name, (passed, _) in parts.items()}
    figures |= {f"{name}_cpu_ms": used for name, (_, used) in parts.items()}
    figures["order_kb"] = (len(json.dumps(orders[1])) - len(json.dumps(orders[0]))) / 1000
    figures["sandbox_ms"] = mount_ms
    for name, tree in (("run", following), ("first_run", first)):
        figures[f"{name}_costs_ms"] = claim[0] + read[0] + tree[0] + mount_ms
        figures[f"{name}_costs_cpu_ms"] = claim[1] + read[1] + tree[1]
    return figures


def _claims(folder: Path) -> tuple[tuple[dict[str, Any], dict[str, Any]], Spent]:
    """Run orders of a newcomer and of somebody with a past, and how much longer the second takes to give."""
    flow = begin(folder, described(phases=[{"name": "Open", "start": "2020-01-01", "tasks": [0]}]))
    Phase.objects.update(max_submissions_per_day=None, max_submissions=None)
    newcomer = make_person("newcomer")
    register(newcomer, flow.competition_id, accepts_terms=True)
    made = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    _write_earlier(made, EARLIER - 1)
    times: dict[bool, list[Spent]] = {False: [], True: []}
    orders: dict[bool, dict[str, Any]] = {}
    for _ in range(REPEATS):
        for has_past in (False, True):
            orders[has_past], took = _claim(flow, flow.anna if has_past else newcomer)
            times[has_past].append(took)
    assert len(orders[True]["history"]) == EARLIER
    return (orders[False], orders[True]), _difference(times[True], times[False])


def _claim(flow: Flow, by: Person) -> tuple[dict[str, Any], Spent]:
    flow.take_in(by=by)
    taker = worker()
    begun, used = perf_counter(), process_time()
    order = claimed(taker)
    took = perf_counter() - begun, process_time() - used
    say(order, "Failed")  # so that the past does not grow
    return order, took


def _write_earlier(made: int, count: int) -> None:
    """So many finished submissions beside that one, as rows."""
    original, scored = Submission.objects.get(pk=made), Attempt.objects.get(run__submission=made)
    job = scored.run.job
    for number in range(2, count + 2):
        copy = Submission.objects.get(pk=original.pk)
        copy.pk, copy.number = None, number
        copy.save(force_insert=True)
        own_job = Job.objects.create(kind=job.kind, owner_id=job.owner_id, state=job.state, created_at=job.created_at)
        run = Run.objects.create(submission=copy, step=scored.run.step, job=own_job)
        Attempt.objects.create(
            run=run,
            number=1,
            worker_name="lab-1",
            slot=0,
            outcome=scored.outcome,
            reported_scores=scored.reported_scores,
            started_at=scored.started_at,
        )


def _costs(read: Any, orders: tuple[dict[str, Any], dict[str, Any]]) -> Spent:
    texts = [json.dumps(order) for order in orders]
    times: tuple[list[Spent], list[Spent]] = ([], [])
    for _ in range(REPEATS):
        for text, kept in zip(texts, times, strict=True):
            begun, used = perf_counter(), process_time()
            read(json.loads(text))
            kept.append((perf_counter() - begun, process_time() - used))
    return _difference(times[1], times[0])


def _difference(more: list[Spent], less: list[Spent]) -> Spent:
    """How far the medians are apart, in milliseconds."""
    passed, used = ((median(each) for each in zip(*times, strict=True)) for times in (more, less))
    many = list(zip(passed, used, strict=True))
    return (many[0][0] - many[0][1]) * 1000, (many[1][0] - many[1][1]) * 1000


def _trees(folder: Path, order: dict[str, Any]) -> tuple[Spent, Spent, Path]:
    """How long the first tree takes, and one that has one submission more than the last; and a tree."""
    past = [PastScores(*each) for each in order["history"]]
    first: list[Spent] = []
    following: list[Spent] = []
    for number in range(REPEATS):
        trees = HistoryTrees(folder / str(number))
        for wanted, kept in ((past[:-1], first), (past, following)):
            begun, used = perf_counter(), process_time()
            with trees.use("participant", wanted) as place:
                kept.append((perf_counter() - begun, process_time() - used))
    nothing = [(0.0, 0.0)]
    return _difference(first, nothing), _difference(following, nothing), place


def _mounts(folder: Path, place: Path) -> float:
    """How much longer a program takes to run with the tree in its sight than with an empty folder."""
    empty = folder / "empty"
    empty.mkdir(mode=0o755)
    sandbox = BubblewrapSandbox(90, folder)
    differences = []
    for number in range(REPEATS + 1):
        took = [_run(sandbox, folder / f"out-{number}-{shown.name}", shown) for shown in (empty, place)]
        differences.append(took[1] - took[0])
    return median(differences[1:]) * 1000


def _run(sandbox: BubblewrapSandbox, into: Path, shown: Path) -> float:
    into.mkdir()
    argv = (interpreter(), "-I", "-S", "-c", "pass")
    command = Command(argv, "/tmp", interpreter_root(), (Mount(shown, "/app/input/history"),), Limits())
    begun = perf_counter()
    outcome = sandbox.run(command, collect_into=into, log=lambda *_: None, cancel=Event())
    took = perf_counter() - begun
    assert outcome.exit_code == 0, outcome
    return took
