"""A competition of two steps on folders, run in the sandboxes of a slot that is attacked."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from textwrap import dedent

from tests.attacks.attacked import PROGRAMS, Slot
from tests.sandboxed import SMALL, HereBench

from podium.runtimes import ensure
from podium.sandbox.interface import Limits
from podium.worker.execute import Step, StepOrder, StepResult, run_step

SCORER = """
    import json, os, sys
    source, target = sys.argv[1:]
    os.chdir(source + "/res")
    import csv, random, statistics
    answer = open(source + "/res/answer.txt").read() if os.path.exists(source + "/res/answer.txt") else ""
    print("answer:", answer)
    print("metadata:", open(source + "/res/metadata").read())
    right = float(answer == open(source + "/ref/truth.txt").read())
    with open(target + "/scores.json", "w") as file:
        json.dump({"accuracy": right}, file)
"""
TRUTH = "the truth"


def hostile(program: str) -> str:
    """The text of a hostile program."""
    return (PROGRAMS / f"{program}.py").read_text(encoding="utf-8")


@dataclass
class Competition:
    """`scoring` and `ingestion` are the files of these programs; every step uses a new folder below `work`."""

    slot: Slot
    other: Slot
    work: Path
    scoring: Mapping[str, str] = field(
        default_factory=lambda: {"metadata.yaml": "command: python3 score.py $input $output", "score.py": SCORER}
    )
    ingestion: Mapping[str, str] | None = None
    during_scoring: bool = False
    limits: Limits = SMALL
    _numbers: count[int] = field(default_factory=count)

    def predict(self, files: Mapping[str, str]) -> StepResult:
        """The prediction step of a submission of these files."""
        return self._run(Step.PREDICTION, submission=self.folder(files))

    def score(self, predictions: Path, *, ran: bool = True) -> StepResult:
        """The scoring step; `ran` as `StepOrder.predictions_ran`."""
        return self._run(Step.SCORING, predictions=predictions, predictions_ran=ran)

    def _run(self, step: Step, **more: object) -> StepResult:
        assert isinstance(self.slot.bench, HereBench)
        assert isinstance(self.other.bench, HereBench)
        order = StepOrder(
            step=step,
            runtime=ensure("plain"),
            limits=self.limits,
            scoring_program=self.folder(self.scoring),
            ingestion_program=None if self.ingestion is None else self.folder(self.ingestion),
            input_data=self.folder({"input.txt": "an input"}),
            reference_data=self.folder({"truth.txt": TRUTH}),
            ingestion_only_during_scoring=self.during_scoring,
            **more,  # type: ignore[arg-type]
        )
        sandboxes = (self.slot.bench.sandbox, self.other.bench.sandbox)
        return run_step(order, sandboxes=sandboxes, work=self.work / f"step-{next(self._numbers)}")

    def folder(self, files: Mapping[str, str]) -> Path:
        """A new folder of these files, as it is unpacked."""
        made = self.work / f"folder-{next(self._numbers)}"
        made.mkdir(mode=0o755)
        for name, text in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return made


def fresh_work(slot: Slot) -> Path:
    """A folder for the steps, where the slot's user can reach what is in it."""
    work = slot.work / "steps"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    work.chmod(0o755)
    slot.work.chmod(0o755)
    return work
