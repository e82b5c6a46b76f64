"""Run one step of a submission on folders of this machine: the same for `podium run` and for a worker."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from podium.rules.errors import ProgramError
from podium.rules.private_output import FOLDER, is_private
from podium.rules.result_files import WHY_FORGIVEN
from podium.rules.runs import Metadata, Program, Step, steps_needed
from podium.rules.scores import LARGEST_BYTES, parse_scores
from podium.sandbox.interface import Ending, FolderLook, Sandbox, Stream
from podium.worker.execute.commands import argv_of, find_command, require_command, shell_words
from podium.worker.execute.explain import failure_of, shortened
from podium.worker.execute.mounts import Staged, mounts_of
from podium.worker.execute.order import LogListener, ProgramRun, Role, StepOrder, StepResult
from podium.worker.execute.programs import Bench, Planned, run_programs
from podium.worker.execute.results import counts_as_results
from podium.worker.execute.staging import (
    METADATA,
    copy_missing,
    earlier_failure,
    make_readable,
    stage_scoring,
    write_metadata,
)

_SHOWN_FILES = 10


def _ignore(role: Role, stream: Stream, chunk: bytes) -> None:
    del role, stream, chunk


def run_step(
    order: StepOrder,
    *,
    sandboxes: tuple[Sandbox, Sandbox],
    work: Path,
    listener: LogListener = _ignore,
    look: FolderLook | None = None,
    cancel: Event | None = None,
) -> StepResult:
    """Run the programs of one step to their end and gather what they left below `work`, an empty folder.

    `look` is asked now and then, while the main program runs, with a descriptor of the folder that it writes to, as far
    as the sandbox has one. The second sandbox is only used where an ingestion program runs beside another program.
    Failures of programs are in the result.

    Raises:
        SandboxUnavailable: programs cannot be isolated here; nothing ran.
    """
    output = work / "output"
    output.mkdir(parents=True)
    output.chmod(0o755)
    notes: list[str] = []
    try:
        staged = stage_scoring(order, work) if order.step is Step.SCORING else None
        planned = _plan(order, staged, notes)
    except ProgramError as failure:
        return StepResult(output, failure=failure, notes=tuple(notes))
    bench = Bench(sandboxes, order.runtime, order.limits, listener, cancel or Event(), look, order.network)
    runs, intruder = _run_and_collect(planned, bench, output, notes)
    cause, forgiven = _judge(order, planned, runs)
    if cause is None and intruder is not None:
        cause, forgiven = _wrote_metadata(intruder), ""
    if forgiven:
        notes.append(f"{forgiven} {_why_forgiven(order)}")
    result = StepResult(output, runs, notes=tuple(notes), failure=cause)
    if order.step is Step.SCORING:
        return _blaming(staged, _scored(result) if result.ok else result)
    return _predicted(order, result, forgiven) if result.ok else result


def has_something_to_run(order: StepOrder) -> bool:
    """Whether a prediction step would run any program: a result submission goes to scoring directly.

    Raises:
        ProgramError: the submission's metadata file names no command that can be understood, and nothing else would
            run the submission (`no-command`).
    """
    own = Metadata.ABSENT
    if order.submission is not None and not order.runs_ingestion:
        found = find_command(order.submission)
        if found.file is not None:
            own = Metadata.WITHOUT_COMMAND if found.command is None else Metadata.WITH_COMMAND
    steps = steps_needed(
        own,
        has_ingestion_program=order.ingestion_program is not None,
        ingestion_only_during_scoring=order.ingestion_only_during_scoring,
    )
    return Step.PREDICTION in steps


def _plan(order: StepOrder, staged: Staged | None, notes: list[str]) -> list[Planned]:
    """The programs of the step with their words and mounts: none, one or two."""
    programs: list[tuple[Role, Program, Path, str]] = []
    if order.step is Step.SCORING:
        if order.scoring_program is None:
            raise ProgramError(
                "no-command",
                "The task has no scoring program.",
                "Add a scoring_program to the task in competition.yaml.",
                program=Program.SCORING,
            )
        command = require_command(order.scoring_program, Program.SCORING)
        programs.append((Role.PROGRAM, Program.SCORING, order.scoring_program, command))
    elif order.submission is not None:
        own = find_command(order.submission).command
        if own is not None:
            programs.append((Role.PROGRAM, Program.SUBMISSION, order.submission, own))
    if order.runs_ingestion and order.ingestion_program is not None:
        command = require_command(order.ingestion_program, Program.INGESTION)
        programs.append((Role.INGESTION, Program.INGESTION, order.ingestion_program, command))
    return [_planned(order, staged, program, notes) for program in programs]


def _planned(
    order: StepOrder, staged: Staged | None, program: tuple[Role, Program, Path, str], notes: list[str]
) -> Planned:
    role, whose, folder, command = program
    try:
        argv = argv_of(
            command, role=role, step=order.step, ingestion_only_during_scoring=order.ingestion_only_during_scoring
        )
    except ProgramError as failure:
        message = f"{whose.named} cannot run. {failure.message}"
        raise ProgramError(failure.code, message, failure.hint, program=whose) from failure
    if strange := shell_words(argv):
        notes.append(f"{whose.named} is not run by a shell: it gets {shortened(' '.join(strange))} as plain arguments.")
    return Planned(role, whose, argv, mounts_of(order, role, folder, staged))


def _run_and_collect(
    planned: Sequence[Planned], bench: Bench, output: Path, notes: list[str]
) -> tuple[tuple[ProgramRun, ...], Program | None]:
    """Run what is planned; with two programs both outputs become one, the main program's files first. Also tells which
    program wrote a file of the name that is kept for how they ended."""
    if not planned:
        return (), None
    folders = [output] if len(planned) == 1 else [output.with_name(f"output-{program.role}") for program in planned]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    runs = run_programs(planned, bench, folders)
    written = zip(planned, folders, strict=True)
    intruder = next((each.program for each, folder in written if os.path.lexists(folder / METADATA)), None)
    for folder in folders:
        make_readable(folder)
        if folder != output:
            notes += [
                f"Both programs wrote {name}; the main program's is kept." for name in copy_missing(folder, output)
            ]
    for run in runs:
        # Participants read this too.
        refused = [f"something in {FOLDER}/" if is_private(each) else each for each in run.outcome.refused]
        notes += [f"Not kept of the output: {each}." for each in refused]
    return runs, intruder


def _wrote_metadata(program: Program) -> ProgramError:
    """As on Codabench: whoever scores must be able to trust that file."""
    return ProgramError(
        "metadata-written",
        f"{program.named} wrote a file `{METADATA}` into its output. That name is kept for how the programs of "
        "the step ended and how long they took.",
        "Give the file another name.",
        program=program,
    )


def _judge(order: StepOrder, planned: Sequence[Planned], runs: Sequence[ProgramRun]) -> tuple[ProgramError | None, str]:
    """The first failure, and the message of one that is forgiven because the submission is made of results."""
    programs = {each.role: each.program for each in planned}
    for run in runs:
        failure = failure_of(run, program=programs[run.role], limits=order.limits, runtime=order.runtime.name)
        if failure is None:
            continue
        if order.step is Step.PREDICTION and _is_forgiven(order, run, failure):
            return None, failure.message
        return failure, ""
    return None, ""


def _is_forgiven(order: StepOrder, run: ProgramRun, failure: ProgramError) -> bool:
    if run.outcome.ending is Ending.CANCELLED:
        return False
    return order.score_failed_predictions or counts_as_results(order.submission, run, failure)


def _why_forgiven(order: StepOrder) -> str:
    if order.score_failed_predictions:
        return "The task scores what a failed program left."
    return WHY_FORGIVEN


def _blaming(staged: Staged | None, result: StepResult) -> StepResult:
    """Add to a failed scoring step what had gone wrong before it: mostly the predictions are what is missing."""
    earlier = earlier_failure(staged.predictions) if staged is not None else ""
    if result.failure is None or not earlier:
        return result
    failure = result.failure
    blaming = ProgramError(
        failure.code,
        f"{failure.message} Before that: {earlier}",
        failure.hint,
        exit_code=failure.exit_code,
        log_tail=failure.log_tail,
        program=failure.program,
    )
    return replace(result, failure=blaming)


def _predicted(order: StepOrder, result: StepResult, forgiven: str) -> StepResult:
    """Add what scoring finds beside the programs' files: the submission itself and the `metadata` file.

    A submission without a metadata file travels with the output, be it results or code; one that has the file but no
    command does so only where no ingestion program uses it here.
    """
    if order.submission is not None:
        found = find_command(order.submission)
        if found.file is None or (found.command is None and not order.runs_ingestion):
            copy_missing(order.submission, result.output)
    write_metadata(result.output, result.runs, forgiven)
    make_readable(result.output)
    return result


def _scored(result: StepResult) -> StepResult:
    try:
        scores = _scores(result.output)
    except ProgramError as failure:
        return replace(result, failure=failure)
    write_metadata(result.output, result.runs)
    make_readable(result.output)
    return replace(result, scores=scores)


def _scores(output: Path) -> Mapping[str, float]:
    as_json, as_text = (_beginning(output / name) for name in ("scores.json", "scores.txt"))
    if as_json is None and as_text is None:
        raise ProgramError(
            "scores-missing",
            f"The scoring program ended well but wrote neither scores.json nor scores.txt. {_what_was_written(output)}",
            "It must write one of them to /app/output.",
        )
    try:
        return parse_scores(as_json, as_text)
    except ProgramError as failure:
        message = f"The scoring program ended well, but its scores cannot be used. {failure.message}"
        raise ProgramError(failure.code, message, failure.hint, program=Program.SCORING) from failure


def _beginning(path: Path) -> bytes | None:
    """The bytes of a file, one more than are ever read as scores; None where it is no plain file."""
    if not path.is_file() or path.is_symlink():
        return None
    with path.open("rb") as file:
        return file.read(LARGEST_BYTES + 1)


def _what_was_written(output: Path) -> str:
    written = (str(path.relative_to(output)) for path in output.rglob("*") if path.is_file())
    names = sorted(name for name in written if not is_private(name))
    if not names:
        return "It wrote nothing at all."
    more = f" and {len(names) - _SHOWN_FILES} more" if len(names) > _SHOWN_FILES else ""
    return f"It wrote {', '.join(names[:_SHOWN_FILES])}{more}."
