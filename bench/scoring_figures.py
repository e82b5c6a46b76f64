"""What `bench/modelboards.py` measures of scoring. A new figure is a function that gives seconds by name, and a line in
FIGURES with its limits.
"""

from __future__ import annotations

import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from podium.metrics.registry import task_type
from podium.metrics.scored import Scored

SEED = 20_261_121


@dataclass
class Clock:
    """Seconds that passed and seconds of the processor, by what was done."""

    passed: dict[str, float] = field(default_factory=dict)
    worked: dict[str, float] = field(default_factory=dict)
    memory_of: int = resource.RUSAGE_SELF

    @contextmanager
    def timing(self, what: str, *, of_children: bool = False) -> Iterator[None]:
        """`of_children`: the processor's seconds are those of processes that ended meanwhile."""
        worked_by = _children if of_children else time.process_time
        passed, worked = time.perf_counter(), worked_by()
        yield
        self.passed[what] = time.perf_counter() - passed
        self.worked[what] = worked_by() - worked


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def measured(name: str) -> dict[str, object]:
    """One figure, in a process that does nothing else: so the largest memory is its own."""
    clock = Clock()
    make, limits = FIGURES[name]
    make(clock)
    return {
        "seconds": {what: round(value, 3) for what, value in clock.passed.items()},
        "seconds_total": round(sum(clock.passed.values()), 3),
        "cpu_seconds_total": round(sum(clock.worked.values()), 3),
        "memory_mb": round(resource.getrusage(clock.memory_of).ru_maxrss / 1024),
        "limits": limits,
    }


def _scored(clock: Clock, slug: str, references: bytes, predictions: bytes, ending: str) -> Scored:
    task = task_type(slug)
    with clock.timing("reading references"):
        gold = task.read_references(references, f"references.{ending}").value
    assert gold is not None
    with clock.timing("reading predictions"):
        ours = task.read_predictions(predictions, f"predictions.{ending}", gold).value
    assert ours is not None
    with clock.timing("scoring"):
        scored = task.score(gold, ours)
        assert scored.totals[task.primary.name] is not None
    with clock.timing("intervals of all metrics"):
        assert scored.intervals(dataset="bench", submission="bench")[task.primary.name] is not None
    with clock.timing("tables"):
        assert scored.tables is not None
    with clock.timing("keeping"):
        assert scored.to_bytes()
    return scored


def classification(clock: Clock) -> None:
    """A million predictions of ten labels."""
    _scored(clock, "text_classification", *_classes(1_000_000), "csv")


def _classes(count: int) -> list[bytes]:
    """References and predictions of so many items."""
    draw = random.Random(SEED)
    right = draw.choices(range(10), k=count)
    ours = [label if draw.random() < 0.8 else draw.randrange(10) for label in right]
    return [
        ("id,label\n" + "\n".join(f"{number},label{label}" for number, label in enumerate(each))).encode()
        for each in (right, ours)
    ]


def _by_the_process(clock: Clock, kind: str, count: int) -> None:
    """As a site has it done: start, imports, reading, scoring, intervals, tables, and files of what is kept and of all
    items. Processor and memory are those of the process."""
    from podium.server.computing.process import Limits, computed

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        files = {}
        for name, content in zip(("references", "predictions"), _classes(count), strict=True):
            (folder / f"{name}.csv").write_bytes(content)
            files[name] = {"path": str(folder / f"{name}.csv"), "name": f"{name}.csv"}
        order = {
            "kind": kind,
            "task_type": "text_classification",
            "dataset": "bench",
            "metric": "accuracy",
            "digest": "bench",
            "open_labels": False,
            "inputs": None,
            **files,
        }
        clock.memory_of = resource.RUSAGE_CHILDREN
        with (
            clock.timing("from order to outcome", of_children=True),
            computed("podium.server.modelboards.scoring", order, Limits(4 << 30, 600), folder, lambda: None) as (
                found,
                _,
            ),
        ):
            assert found["count"] == count


def process_of_a_million(clock: Clock) -> None:
    """A million predictions, by a process of its own."""
    _by_the_process(clock, "predictions", 1_000_000)


def check_of_a_million(clock: Clock) -> None:
    """Only whether a million predictions could be scored."""
    _by_the_process(clock, "check", 1_000_000)


def references_of_a_million(clock: Clock) -> None:
    """A million references, laid out."""
    _by_the_process(clock, "references", 1_000_000)


def process_of_a_hundred(clock: Clock) -> None:
    """A hundred predictions: what starting and importing takes."""
    _by_the_process(clock, "predictions", 100)


def entities(clock: Clock) -> None:
    """A million tokens in sentences of twenty, of which one in eight begins a name."""
    import orjson

    draw = random.Random(SEED)
    kinds = ("PER", "LOC", "ORG", "MISC")

    def names() -> list[str]:
        tags: list[str] = []
        while len(tags) < 20:
            if draw.random() < 0.125:
                kind = draw.choice(kinds)
                tags += [f"B-{kind}", *[f"I-{kind}"] * draw.randint(0, 2)]
            else:
                tags.append("O")
        return tags[:20]

    sentences = [names() for _ in range(50_000)]
    heard = [[tag if draw.random() < 0.95 else "O" for tag in tags] for tags in sentences]
    files = [
        b"\n".join(orjson.dumps({"id": number, "tags": tags}) for number, tags in enumerate(each))
        for each in (sentences, heard)
    ]
    _scored(clock, "named_entity_recognition", *files, "jsonl")


def answers(clock: Clock) -> None:
    """Fifty thousand questions, each with two right answers of up to eight words."""
    import orjson

    draw = random.Random(SEED)
    words = ["the", "a", "of", "in", *(f"word{number}" for number in range(2000))]
    right = [[" ".join(draw.choices(words, k=draw.randint(1, 8))) for _ in range(2)] for _ in range(50_000)]
    ours = [
        each[0]
        if draw.random() < 0.4
        else f"{each[1]} {draw.choice(words)}."
        if draw.random() < 0.5
        else "nothing else"
        for each in right
    ]
    references = (
        orjson.dumps({"id": number, "answers": each, "cluster": f"d{number // 5}"}) for number, each in enumerate(right)
    )
    predictions = (orjson.dumps({"id": number, "answer": each}) for number, each in enumerate(ours))
    _scored(clock, "document_qa", b"\n".join(references), b"\n".join(predictions), "jsonl")


def ranks(clock: Clock) -> None:
    """The places of 50 models on 10,000 items."""
    import numpy as np

    from podium.stats.ranks import spread_of_items

    rng = np.random.default_rng(SEED)
    skill = np.linspace(0.6, 0.9, 50)[:, None]
    items = (rng.random((50, 10_000)) < skill).astype(float)
    with clock.timing("rank spread"):
        spread = spread_of_items(items, seed=SEED)
    assert spread.places[-1].best == 1


FIGURES: dict[str, tuple[Callable[[Clock], None], dict[str, float]]] = {
    "1,000,000 classifications": (classification, {"seconds": 5, "memory_mb": 1024}),
    "the same, whole process": (process_of_a_million, {"seconds": 5, "memory_mb": 1024}),
    "only checked, whole process": (check_of_a_million, {"seconds": 5, "memory_mb": 1024}),
    "references, whole process": (references_of_a_million, {"seconds": 5, "memory_mb": 1024}),
    "100 classifications, process": (process_of_a_hundred, {"seconds": 0.3}),
    "entities of 1,000,000 tokens": (entities, {"seconds": 3}),
    "50,000 answers": (answers, {"seconds": 2}),
    "50 models on 10,000 items": (ranks, {"seconds": 2}),
}
