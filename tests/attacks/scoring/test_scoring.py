"""Submissions that want a better score than theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.attacks.scoring.competition import SCORER, TRUTH, Competition, hostile

from podium.blobs.archives import PREDICTION_LIMITS, SUBMISSION_LIMITS, pack_folder
from podium.rules.errors import ArchiveError
from podium.worker.execute import StepResult, UnpackedCache

pytestmark = pytest.mark.sandbox

RUN = "command: python3 program.py"


def submission(program: str) -> dict[str, str]:
    return {"metadata.yaml": RUN, "program.py": hostile(program)}


def printed(result: StepResult) -> str:
    return "".join(run.stdout + run.stderr for run in result.runs)


def test_the_benign_submission_is_scored(competition: Competition) -> None:
    """What the others here are compared with."""
    text = f"open('/app/output/answer.txt', 'w').write({TRUTH!r})"
    predicted = competition.predict({"metadata.yaml": RUN, "program.py": text})
    assert competition.score(predicted.output).scores == {"accuracy": 1.0}


@pytest.mark.parametrize("command", ["python3 score.py", "python3 -m score", "python3 /app/program/score.py"])
def test_predictions_that_are_code(competition: Competition, command: str) -> None:
    competition.scoring = {"metadata.yaml": f"command: {command} $input $output", "score.py": SCORER}
    predicted = competition.predict(submission("poisoned_predictions"))
    assert predicted.ok
    assert (predicted.output / "sitecustomize.py").is_file()
    scored = competition.score(predicted.output)
    assert scored.scores == {"accuracy": 0.0}
    assert "poisoned" not in printed(scored)


def test_reference_data_before_scoring(competition: Competition) -> None:
    predicted = competition.predict(submission("search_for_reference_data"))
    assert (predicted.output / "answer.txt").read_text() == "nothing"
    assert competition.score(predicted.output).scores == {"accuracy": 0.0}


def test_reference_data_beside_the_scorer(competition: Competition) -> None:
    """An ingestion program runs the submission's code while the scorer runs; the scorer waits for what it says."""
    competition.during_scoring = True
    competition.ingestion = {
        "metadata.yaml": "command: python3 play.py",
        "play.py": "exec(open('/app/ingested_program/program.py').read()); "
        "import os; os.rename('/app/shared/.said', '/app/shared/said')",
    }
    scorer = """
        import json, os, sys, time
        while not os.path.exists("/app/shared/said"): time.sleep(0.01)
        said = open("/app/shared/said").read()
        print("said:", said)
        json.dump({"accuracy": float(said != "nothing")}, open("/app/output/scores.json", "w"))
    """
    competition.scoring = {"metadata.yaml": "command: python3 score.py", "score.py": scorer}
    scored = competition.score(competition.folder({"program.py": hostile("second_program_that_looks")}), ran=False)
    assert scored.scores == {"accuracy": 0.0}, (scored.failure, printed(scored))


def test_times_and_exit_codes_that_a_program_writes(competition: Competition) -> None:
    """Its step fails, as the contract has it, so that no scorer ever reads them."""
    predicted = competition.predict(submission("forged_metadata"))
    assert predicted.failure is not None
    assert predicted.failure.code == "metadata-written"


def test_times_and_exit_codes_that_a_submission_of_results_brings(competition: Competition) -> None:
    """Nothing ran, so that nobody but its sender can have written the file."""
    forged = "exitCode: 0\nelapsedTime: 0.000001\ningestionFailure: it was all their fault\n"
    brought = competition.folder({"answer.txt": "42", "metadata": forged})
    scored = competition.score(brought, ran=False)
    assert "elapsedTime: null" in printed(scored)
    assert "0.000001" not in printed(scored)
    competition.scoring = {"metadata.yaml": "command: python3 -c 'raise SystemExit(1)'"}
    failed = competition.score(brought, ran=False)
    assert failed.failure is not None
    assert "their fault" not in failed.failure.message


def test_a_daemon_that_waits_for_the_scorer(competition: Competition) -> None:
    predicted = competition.predict(submission("daemon"))
    assert predicted.ok
    assert competition.score(predicted.output).scores == {"accuracy": 0.0}


@pytest.mark.parametrize(
    "command",
    [
        "python3 -c pass; touch /app/output/owned",
        "python3 -c pass && touch /app/output/owned",
        "python3 -c pass $(touch /app/output/owned)",
        "python3 -c pass `touch /app/output/owned`",
        "python3 -c pass > /app/output/owned",
    ],
)
def test_commands_for_a_shell(competition: Competition, command: str) -> None:
    predicted = competition.predict({"metadata.yaml": f"command: {command}"})
    assert not (predicted.output / "owned").exists()


@pytest.mark.parametrize(
    "text",
    [
        "command: !!python/object/apply:os.system ['touch /tmp/owned-by-yaml']",
        "command: !!python/name:os.system",
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"b{n}: &b{n} [{','.join(['*a'] * 9)}]\n" for n in range(9))
        + "command: *b8",
        "command: " + "[" * 50_000,
        "command: [python3, program.py]",
        "command: 'unclosed",
        "\x00\x01\x02",
    ],
    ids=["object", "name", "laughs", "depth", "list", "open string", "no text"],
)
def test_metadata_files(competition: Competition, text: str) -> None:
    predicted = competition.predict({"metadata.yaml": text, "program.py": "print('ran')"})
    assert "ran" not in printed(predicted)
    if predicted.failure is not None:
        assert predicted.failure.code in {"no-command", "not-found"}
        assert len(predicted.failure.message) < 1000


def test_an_output_that_packs_too_well(competition: Competition) -> None:
    """A program may write zeros; packed they are what bombs are made of, and yet the scorer gets them."""
    competition.limits = replace(competition.limits, output_bytes=40 << 20)
    predicted = competition.predict(
        {"metadata.yaml": RUN, "program.py": "open('/app/output/zeros', 'wb').write(bytes(32 << 20))"}
    )
    assert predicted.ok
    packed = competition.work / "prediction_result.zip"
    with packed.open("wb") as file:
        pack_folder(predicted.output, file)
    cache = UnpackedCache(competition.work / "unpacked")
    with pytest.raises(ArchiveError), cache.use(packed, limits=SUBMISSION_LIMITS):
        pytest.fail("as a submission it is a bomb")
    with cache.use(packed, limits=PREDICTION_LIMITS) as unpacked:
        assert (unpacked / "zeros").stat().st_size == 32 << 20
