"""Where a program of a step finds its files. Prediction never sees reference data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from podium.rules.runs import Step
from podium.sandbox.interface import Mount
from podium.worker.execute.order import Role, StepOrder

WORKING_DIRECTORY = "/app/program"
_INGESTION = "/app/ingestion_program"
_INPUT = "/app/input"
_INPUT_DATA = "/app/input_data"
_SHARED = "/app/shared"


@dataclass(frozen=True)
class Staged:
    """What a scoring step needs besides the folders of its order; made by `podium.worker.execute.staging`."""

    predictions: Path
    facts: Path
    empty: Path
    shared: Path


def prediction_mounts(order: StepOrder, role: Role, program: Path) -> tuple[Mount, ...]:
    """The mounts of the submission's own program, or of the ingestion program beside it."""
    mounts = [Mount(program, WORKING_DIRECTORY, copied=True), *_input_data(order)]
    if role is Role.INGESTION:
        mounts.append(Mount(program, _INGESTION))
        if order.submission is not None:
            mounts.append(Mount(order.submission, "/app/ingested_program", copied=True))
    elif order.input_data is not None:
        # Submissions of the early days say $input, which is this path for everything but ingestion.
        mounts.append(Mount(order.input_data, _INPUT))
    return tuple(mounts)


def scoring_mounts(order: StepOrder, role: Role, program: Path, staged: Staged) -> tuple[Mount, ...]:
    """The mounts of the scoring program, or of an ingestion program that runs beside it."""
    mounts = [Mount(program, WORKING_DIRECTORY, copied=True), *_input_data(order)]
    mounts.append(Mount(staged.predictions, f"{_INPUT}/res"))
    if role is Role.INGESTION:
        mounts.append(Mount(staged.predictions, "/app/ingested_program", copied=True))
        # It runs the participant's code: reference data stays out of its sight, unless the task says otherwise.
        if order.ingestion_sees_reference_data:
            mounts.append(Mount(order.reference_data or staged.empty, f"{_INPUT}/ref"))
    else:
        mounts += [
            Mount(order.reference_data or staged.empty, f"{_INPUT}/ref"),
            Mount(order.history or staged.empty, f"{_INPUT}/history"),
            Mount(staged.facts, f"{_INPUT}/metadata"),
        ]
    if order.runs_ingestion:
        # Here the variable $program means this path, for both programs.
        mounts += [Mount(program, _INGESTION, copied=True), Mount(staged.shared, _SHARED, shared=True)]
    else:
        mounts.append(Mount(staged.empty, _SHARED, copied=True))
    return tuple(mounts)


def mounts_of(order: StepOrder, role: Role, program: Path, staged: Staged | None) -> tuple[Mount, ...]:
    """The mounts of one program of the step; `staged` is needed for scoring."""
    if order.step is Step.PREDICTION or staged is None:
        return prediction_mounts(order, role, program)
    return scoring_mounts(order, role, program, staged)


def _input_data(order: StepOrder) -> tuple[Mount, ...]:
    return () if order.input_data is None else (Mount(order.input_data, _INPUT_DATA),)
