"""What programs of a step find and leave, with programs played by functions (contract, sections 2.5 and 2.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
import yaml

from podium.rules.runs import Program
from podium.runtimes import Runtime
from podium.sandbox.interface import Command, Ending, Limits, LogSink, Outcome
from podium.worker.execute import Role, Step, StepOrder, StepResult, has_something_to_run, run_step

Play = Callable[[Command, Path, LogSink, Event], "int | Outcome"]
RUNTIME = Runtime("plain", Path("/nowhere"), "0" * 64, Path("/usr/bin/python3"), "3.11.0", Path("/usr"))


class Stage:
    """A sandbox whose programs are functions, chosen by the first word of the command."""

    name = "stage"
    approximations: Mapping[str, str] = {}

    def __init__(self, plays: Mapping[str, Play]) -> None:
        self.plays = plays
        self.commands: list[Command] = []

    def run(self, command: Command, *, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        self.commands.append(command)
        ended = self.plays[command.argv[0]](command, collect_into, log, cancel)
        return ended if isinstance(ended, Outcome) else Outcome(Ending.EXITED, ended, 1.25)


def writes(files: Mapping[str, str], exit_code: int = 0) -> Play:
    def play(command: Command, output: Path, log: LogSink, cancel: Event) -> int:
        for name, content in files.items():
            (output / name).write_text(content)
        return exit_code

    return play


def folder(path: Path, files: Mapping[str, str]) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).write_text(content)
    return path


def perform(tmp_path: Path, order: StepOrder, plays: Mapping[str, Play]) -> tuple[StepResult, list[Command]]:
    stages = (Stage(plays), Stage(plays))
    result = run_step(order, sandboxes=stages, work=tmp_path / "work")
    return result, stages[0].commands + stages[1].commands


def targets(command: Command) -> dict[str, tuple[Path, bool]]:
    return {mount.target: (mount.source, mount.copied) for mount in command.mounts}


def metadata(result: StepResult) -> object:
    return yaml.safe_load((result.output / "metadata").read_text())


@pytest.fixture
def task(tmp_path: Path) -> dict[str, Path]:
    return {
        "ingestion_program": folder(tmp_path / "ingestion", {"metadata.yaml": "command: ingest $input"}),
        "scoring_program": folder(tmp_path / "scoring", {"metadata": "command: score $input $output"}),
        "input_data": folder(tmp_path / "input", {"x": "1"}),
        "reference_data": folder(tmp_path / "reference", {"y": "secret"}),
    }


def prediction(submission: Path, task: Mapping[str, Path], **more: object) -> StepOrder:
    return StepOrder(Step.PREDICTION, RUNTIME, Limits(), submission=submission, **task, **more)  # type: ignore[arg-type]


def scoring(predictions: Path, task: Mapping[str, Path], **more: object) -> StepOrder:
    return StepOrder(Step.SCORING, RUNTIME, Limits(), predictions=predictions, **task, **more)  # type: ignore[arg-type]


def test_the_ingestion_program_runs_the_submission_and_both_travel_to_scoring(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    submission = folder(tmp_path / "submission", {"model.py": "m"})
    result, (command,) = perform(tmp_path, prediction(submission, task), {"ingest": writes({"prediction": "1"})})
    assert result.ok
    assert command.argv == ("ingest", "/app/input_data")
    assert command.working_directory == "/app/program"
    assert targets(command) == {
        "/app/program": (task["ingestion_program"], True),
        "/app/ingestion_program": (task["ingestion_program"], False),
        "/app/ingested_program": (submission, True),
        "/app/input_data": (task["input_data"], False),
    }
    assert sorted(path.name for path in result.output.iterdir()) == ["metadata", "model.py", "prediction"]
    assert metadata(result) == {
        "exitCode": None,
        "elapsedTime": 1.25,
        "ingestionExitCode": 0,
        "ingestionElapsedTime": 1.25,
    }


def test_a_submission_with_a_command_runs_by_itself_and_finds_the_input_at_both_paths(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    del task["ingestion_program"]
    submission = folder(tmp_path / "submission", {"metadata": "command: predict"})
    result, (command,) = perform(tmp_path, prediction(submission, task), {"predict": writes({"prediction": "1"})})
    assert targets(command) == {
        "/app/program": (submission, True),
        "/app/input": (task["input_data"], False),
        "/app/input_data": (task["input_data"], False),
    }
    assert sorted(path.name for path in result.output.iterdir()) == ["metadata", "prediction"]
    assert metadata(result) == {
        "exitCode": 0,
        "elapsedTime": 1.25,
        "ingestionExitCode": None,
        "ingestionElapsedTime": None,
    }


def test_reference_data_is_never_mounted_for_prediction(tmp_path: Path, task: dict[str, Path]) -> None:
    submission = folder(tmp_path / "submission", {"metadata": "command: predict"})
    plays = {"predict": writes({}), "ingest": writes({})}
    _, commands = perform(tmp_path, prediction(submission, task), plays)
    assert len(commands) == 2
    sources = [mount.source for command in commands for mount in command.mounts]
    assert task["reference_data"] not in sources
    assert task["scoring_program"] not in sources


def test_a_submission_command_and_an_ingestion_program_run_at_the_same_time(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    here, there = Event(), Event()

    def meet(mine: Event, other: Event, name: str) -> Play:
        def play(command: Command, output: Path, log: LogSink, cancel: Event) -> int:
            mine.set()
            (output / name).write_text(name)
            (output / "both").write_text(name)
            return 0 if other.wait(timeout=20) else 1

        return play

    submission = folder(tmp_path / "submission", {"metadata": "command: predict"})
    plays = {"predict": meet(here, there, "p"), "ingest": meet(there, here, "i")}
    result, _ = perform(tmp_path, prediction(submission, task), plays)
    assert result.ok
    assert sorted(path.name for path in result.output.iterdir()) == ["both", "i", "metadata", "p"]
    assert (result.output / "both").read_text() == "p"
    assert any("both" in note for note in result.notes)


def test_the_failure_of_one_program_stops_the_other_and_is_the_cause(tmp_path: Path, task: dict[str, Path]) -> None:
    def waits(command: Command, output: Path, log: LogSink, cancel: Event) -> Outcome:
        stopped = cancel.wait(timeout=20)
        return Outcome(Ending.CANCELLED if stopped else Ending.TIME_LIMIT, None, 1.0)

    submission = folder(tmp_path / "submission", {"metadata": "command: predict"})
    result, _ = perform(tmp_path, prediction(submission, task), {"predict": waits, "ingest": writes({}, exit_code=4)})
    assert result.failure is not None
    assert result.failure.message == "The ingestion program ended with exit code 4."


def test_a_result_submission_has_nothing_to_run_and_its_files_are_the_predictions(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    del task["ingestion_program"]
    submission = folder(tmp_path / "submission", {"answer.csv": "1"})
    order = prediction(submission, task)
    assert not has_something_to_run(order)
    result, commands = perform(tmp_path, order, {})
    assert (result.ok, commands) == (True, [])
    assert (result.output / "answer.csv").read_text() == "1"


def test_a_submission_with_metadata_but_no_command_is_not_copied_beside_an_ingestion_program(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    submission = folder(tmp_path / "submission", {"metadata": "description: code", "model.py": "m"})
    result, _ = perform(tmp_path, prediction(submission, task), {"ingest": writes({"prediction": "1"})})
    assert sorted(path.name for path in result.output.iterdir()) == ["metadata", "prediction"]


def test_a_failing_ingestion_program_is_a_failure_of_the_prediction(tmp_path: Path, task: dict[str, Path]) -> None:
    def play(command: Command, output: Path, log: LogSink, cancel: Event) -> int:
        log("stderr", b"ValueError: no\n")
        return 1

    result, _ = perform(tmp_path, prediction(folder(tmp_path / "s", {"m.py": ""}), task), {"ingest": play})
    assert result.failure is not None
    assert result.failure.message == "The ingestion program ended with exit code 1: ValueError: no."
    run = result.run_of(Role.INGESTION)
    assert run is not None
    assert run.stderr == "ValueError: no\n"


def test_an_ingestion_program_that_stumbles_over_results_does_not_keep_them_from_scoring(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    results = folder(tmp_path / "s", {"iris_test.predict": "1"})
    result, _ = perform(tmp_path, prediction(results, task), {"ingest": writes({}, exit_code=1)})
    assert result.ok
    assert (result.output / "iris_test.predict").read_text() == "1"
    assert any("The ingestion program ended with exit code 1." in note for note in result.notes)
    assert isinstance(found := metadata(result), dict)
    assert found["ingestionExitCode"] == 1

    order = scoring(result.output, task)
    scored = run_step(order, sandboxes=(Stage({"score": writes({}, 2)}), Stage({})), work=tmp_path / "second")
    assert scored.failure is not None
    assert scored.failure.message == (
        "The scoring program ended with exit code 2. Before that: The ingestion program ended with exit code 1."
    )


@pytest.mark.parametrize("ending", [Ending.TIME_LIMIT, Ending.MEMORY_LIMIT])
def test_a_limit_is_not_forgiven_even_for_results(tmp_path: Path, task: dict[str, Path], ending: Ending) -> None:
    def play(command: Command, output: Path, log: LogSink, cancel: Event) -> Outcome:
        return Outcome(ending, None, 1.0)

    results = folder(tmp_path / "s", {"iris_test.predict": "1"})
    result, _ = perform(tmp_path, prediction(results, task), {"ingest": play})
    assert result.failure is not None
    assert result.failure.code == ending


def test_a_program_that_writes_a_file_metadata_fails_its_step(tmp_path: Path, task: dict[str, Path]) -> None:
    # Contract section 2.6: "If a program already wrote a file called `metadata`: Failed."
    forged = writes({"metadata": "elapsedTime: 0"})
    submission = folder(tmp_path / "submission", {"m": ""})
    result, _ = perform(tmp_path, prediction(submission, task), {"ingest": forged})
    assert result.failure is not None
    assert (result.failure.code, result.failure.program) == ("metadata-written", Program.INGESTION)
    assert "metadata" in result.failure.message
    order = replace(prediction(submission, task), score_failed_predictions=True)
    result, _ = perform(tmp_path / "again", order, {"ingest": forged})
    assert result.failure is not None
    both = writes({"metadata": "elapsedTime: 0", "scores.json": '{"a": 1}'})
    result, _ = perform(tmp_path / "scored", scoring(folder(tmp_path / "p", {"p": "1"}), task), {"score": both})
    assert result.failure is not None
    assert (result.failure.code, result.failure.program) == ("metadata-written", Program.SCORING)


def test_of_two_programs_the_one_that_wrote_metadata_is_named(tmp_path: Path, task: dict[str, Path]) -> None:
    code = folder(tmp_path / "code", {"metadata.yaml": "command: predict"})
    programs = {"ingest": writes({"a": "1"}), "predict": writes({"metadata": "exitCode: 0"})}
    result, _ = perform(tmp_path, prediction(code, task), programs)
    assert result.failure is not None
    assert (result.failure.code, result.failure.program) == ("metadata-written", Program.SUBMISSION)


def test_scoring_finds_reference_data_predictions_history_and_facts(tmp_path: Path, task: dict[str, Path]) -> None:
    predictions = folder(tmp_path / "predictions", {"p": "1", "metadata": "elapsedTime: 3"})
    history = folder(tmp_path / "history", {})
    facts = {"submitted-by": "ada\nroot: yes", "competition-phase": "1"}
    order = scoring(predictions, task, history=history, facts=facts)
    result, (command,) = perform(tmp_path, order, {"score": writes({"scores.json": '{"a": 0.5, "b": 2}'})})
    assert result.ok
    assert result.scores == {"a": 0.5, "b": 2.0}
    assert command.argv == ("score", "/app/input", "/app/output")
    found = targets(command)
    assert found["/app/program"] == (task["scoring_program"], True)
    assert found["/app/input/ref"] == (task["reference_data"], False)
    assert found["/app/input/res"] == (predictions, False)
    assert found["/app/input/history"] == (history, False)
    assert found["/app/input_data"] == (task["input_data"], False)
    # A line end in a name must not make a second line.
    assert found["/app/input/metadata"][0].read_text() == "submitted-by: ada root: yes\ncompetition-phase: 1\n"
    assert "/app/ingested_program" not in found


def test_predictions_without_a_metadata_file_get_one(tmp_path: Path, task: dict[str, Path]) -> None:
    def play(command: Command, output: Path, log: LogSink, cancel: Event) -> int:
        source, _ = targets(command)["/app/input/res"]
        assert sorted(path.name for path in source.iterdir()) == ["answer.csv", "metadata"]
        assert targets(command)["/app/input/history"][0].is_dir()
        assert targets(command)["/app/input/ref"][0].is_dir()
        return writes({"scores.txt": "a: 1"})(command, output, log, cancel)  # type: ignore[return-value]

    del task["reference_data"]
    submission = folder(tmp_path / "submission", {"answer.csv": "1"})
    result, _ = perform(tmp_path, scoring(submission, task), {"score": play})
    assert result.scores == {"a": 1.0}
    assert not (submission / "metadata").exists()


def test_an_ingestion_program_during_scoring_shares_a_folder_and_does_not_see_reference_data(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    predictions = folder(tmp_path / "predictions", {"m": ""})
    order = scoring(predictions, task, ingestion_only_during_scoring=True)
    result, commands = perform(
        tmp_path, order, {"score": writes({"scores.json": '{"a": 1}'}), "ingest": writes({"log": ""})}
    )
    assert result.ok
    score, ingest = sorted(commands, key=lambda command: command.argv[0], reverse=True)
    assert score.argv[0] == "score"
    shared = [next(mount for mount in c.mounts if mount.target == "/app/shared") for c in (score, ingest)]
    assert shared[0] == shared[1]
    assert shared[0].shared
    # $program means this path here, so each program must be there.
    assert targets(score)["/app/ingestion_program"][0] == task["scoring_program"]
    assert targets(ingest)["/app/ingestion_program"][0] == task["ingestion_program"]
    assert "/app/input/ref" in targets(score)
    assert task["reference_data"] not in [mount.source for mount in ingest.mounts]
    assert targets(ingest)["/app/ingested_program"][0] == targets(ingest)["/app/input/res"][0]
    assert metadata(result) == {
        "exitCode": 0,
        "elapsedTime": 1.25,
        "ingestionExitCode": 0,
        "ingestionElapsedTime": 1.25,
    }


def test_an_ingestion_program_during_scoring_sees_reference_data_where_the_task_says_so(
    tmp_path: Path, task: dict[str, Path]
) -> None:
    predictions = folder(tmp_path / "predictions", {"m": ""})
    order = scoring(predictions, task, ingestion_only_during_scoring=True, ingestion_sees_reference_data=True)
    _, commands = perform(
        tmp_path, order, {"score": writes({"scores.json": '{"a": 1}'}), "ingest": writes({"log": ""})}
    )
    assert {command.argv[0]: targets(command)["/app/input/ref"][0] for command in commands} == {
        "score": task["reference_data"],
        "ingest": task["reference_data"],
    }


def test_an_ingestion_program_during_scoring_does_not_run_before(tmp_path: Path, task: dict[str, Path]) -> None:
    submission = folder(tmp_path / "submission", {"metadata": "description: code", "model.py": "m"})
    order = prediction(submission, task, ingestion_only_during_scoring=True)
    assert not has_something_to_run(order)
    result, commands = perform(tmp_path, order, {})
    assert (result.ok, commands) == (True, [])
    assert (result.output / "model.py").exists()


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({}, "scores-missing", "wrote nothing at all"),
        ({"result.json": "{}", "scores.csv": ""}, "scores-missing", "It wrote result.json, scores.csv."),
        ({"scores.json": '{"a": NaN}'}, "scores-invalid", "a"),
        ({"scores.json": "[1]"}, "scores-invalid", "scores.json"),
        ({"scores.json": "x" * (10 << 20)}, "scores-invalid", "scores.json"),
    ],
)
def test_scores_that_cannot_be_used_fail_the_step(
    tmp_path: Path, task: dict[str, Path], files: dict[str, str], code: str, words: str
) -> None:
    result, _ = perform(tmp_path, scoring(folder(tmp_path / "p", {}), task), {"score": writes(files)})
    assert result.failure is not None
    assert result.failure.code == code
    assert words in result.failure.message
    assert result.scores == {}


@pytest.mark.parametrize("name", ["scoring_program", "ingestion_program"])
def test_a_program_without_a_command_fails_the_step_and_nothing_runs(
    tmp_path: Path, task: dict[str, Path], name: str
) -> None:
    for file in task[name].iterdir():
        file.unlink()
    submission = folder(tmp_path / "s", {"m": ""})
    order = scoring(submission, task) if name == "scoring_program" else prediction(submission, task)
    result, commands = perform(tmp_path, order, {})
    assert commands == []
    assert result.failure is not None
    assert result.failure.code == "no-command"
    assert name.replace("_", " ") in result.failure.message


def test_a_task_without_a_scoring_program_is_told_so(tmp_path: Path) -> None:
    result, _ = perform(tmp_path, StepOrder(Step.SCORING, RUNTIME, Limits()), {})
    assert result.failure is not None
    assert result.failure.message == "The task has no scoring program."


def test_what_the_sandbox_refused_of_the_output_is_noted(tmp_path: Path, task: dict[str, Path]) -> None:
    def play(command: Command, output: Path, log: LogSink, cancel: Event) -> Outcome:
        return Outcome(Ending.EXITED, 0, 1.0, refused=("link: a symbolic link",))

    result, _ = perform(tmp_path, prediction(folder(tmp_path / "s", {"m": ""}), task), {"ingest": play})
    assert "Not kept of the output: link: a symbolic link." in result.notes


def test_programs_may_use_as_many_threads_as_processors(tmp_path: Path, task: dict[str, Path]) -> None:
    order = StepOrder(Step.SCORING, RUNTIME, Limits(cpus=1.5), scoring_program=task["scoring_program"])
    _, (command,) = perform(tmp_path, order, {"score": writes({"scores.json": '{"a": 1}'})})
    assert command.environment["OMP_NUM_THREADS"] == "2"
