"""What it takes to run one step of a submission, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from podium.rules.errors import ProgramError
from podium.rules.runs import Step
from podium.runtimes import AnyRuntime
from podium.sandbox.interface import Limits, Outcome, Stream


class Role(StrEnum):
    """The two programs a step can have: its main one (submission or scoring program) and the ingestion program."""

    PROGRAM = "program"
    INGESTION = "ingestion"


LogListener = Callable[[Role, Stream, bytes], None]
"""Called with each chunk that a program writes, as it writes it, from a thread of the sandbox."""


@dataclass(frozen=True)
class StepOrder:
    """One step to run. All paths are unpacked folders here, which are only read; None is "the task has none".

    `predictions` is what the prediction step left (`StepResult.output`), or the submission itself where it had
    nothing to run. `history` becomes `input/history`, `facts` the lines of `input/metadata`. `limits.wall_s` is the
    time limit of the phase. With `score_failed_predictions` a program that fails does not end a prediction step.
    With `ingestion_sees_reference_data` an ingestion program that runs beside scoring finds it in `input/ref`. With
    `network` its programs reach other machines.
    """

    step: Step
    runtime: AnyRuntime
    limits: Limits
    submission: Path | None = None
    scoring_program: Path | None = None
    ingestion_program: Path | None = None
    input_data: Path | None = None
    reference_data: Path | None = None
    predictions: Path | None = None
    history: Path | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    ingestion_only_during_scoring: bool = False
    score_failed_predictions: bool = False
    ingestion_sees_reference_data: bool = False
    network: bool = False
    predictions_ran: bool = True
    """Whether a prediction step left `predictions`. Else they are the submission itself, and a file `metadata` in it is
    what its sender says of a run that there never was."""

    @property
    def runs_ingestion(self) -> bool:
        """Whether the ingestion program takes part in this step."""
        if self.ingestion_program is None:
            return False
        return self.ingestion_only_during_scoring == (self.step is Step.SCORING)


@dataclass(frozen=True)
class ProgramRun:
    """How one program of the step ran. `stdout` and `stderr` are cut in the middle where they were too long."""

    role: Role
    argv: tuple[str, ...]
    outcome: Outcome
    stdout: str
    stderr: str


@dataclass(frozen=True)
class StepResult:
    """What a step left.

    `output` is a folder of plain files (with the file `metadata` where the step succeeded). `runs` is empty for a
    result submission, which has nothing to run. `scores` is filled by a scoring step that succeeded. `notes` are
    sentences for whoever reads the log.
    """

    output: Path
    runs: tuple[ProgramRun, ...] = ()
    failure: ProgramError | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the step did what it is for."""
        return self.failure is None

    def run_of(self, role: Role) -> ProgramRun | None:
        """The run of one of the programs, None where it did not take part."""
        return next((run for run in self.runs if run.role is role), None)
