"""The steps of a run, without a server: `podium run` and the worker share this code."""

from podium.rules.runs import Step
from podium.worker.execute.order import LogListener, ProgramRun, Role, StepOrder, StepResult
from podium.worker.execute.steps import has_something_to_run, run_step
from podium.worker.execute.unpacked import UnpackedCache

__all__ = [
    "LogListener",
    "ProgramRun",
    "Role",
    "Step",
    "StepOrder",
    "StepResult",
    "UnpackedCache",
    "has_something_to_run",
    "run_step",
]
