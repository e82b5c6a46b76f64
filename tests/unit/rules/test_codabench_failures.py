"""The words of workers of Codabench (contract, section 2.6) as people read them."""

from __future__ import annotations

import pytest

from podium.rules.codabench_failures import IMAGE_TROUBLE, TIME_TROUBLE, explain
from podium.rules.runs import Outcome, Step


@pytest.mark.parametrize(
    ("step", "said", "outcome", "code", "exit_code", "message"),
    [
        ("scoring", "program_rc=1, async", "failed", "exit-code", 1, "The scoring program ended with exit code 1"),
        ("prediction", "program_rc=-9", "failed", "exit-code", -9, "The submission ended with exit code -9."),
        ("scoring", "program_rc=None", "failed", "exit-code", None, "The scoring program did not run to its end."),
        ("scoring", "Could not find scores file, did", "failed", "scores-missing", None, "neither scores.json nor"),
        ("scoring", "Could not decode scores json prop", "failed", "scores-invalid", None, "that is no JSON"),
        ("scoring", "the output directory already contains a metadata file", "failed", "metadata-taken", None, ""),
        ("prediction", "Program directory missing 'command'", "failed", "no-command", None, "names no command"),
        ("scoring", "Child task failed or non-zero return code", "failed", "exit-code", None, "A program of the step"),
        ("scoring", "Soft time limit exceeded!", "infrastructure", "internal", None, "much longer than the time limit"),
        ("scoring", "Bad or empty zip file", "infrastructure", "internal", None, "an archive that it could not read"),
        ("prediction", "Failure updating submission data.", "infrastructure", "internal", None, "reach this site"),
        (
            "scoring",
            "Execution Time Limit exceeded. Limit was 600 seconds",
            "time-limit",
            "time-limit",
            None,
            "The scoring step was stopped: it did not end within the time limit of 600 seconds.",
        ),
    ],
)  # fmt: skip
def test_what_they_say_is_explained(
    step: str, said: str, outcome: str, code: str, exit_code: int | None, message: str
) -> None:
    found = explain(Step(step), said)
    assert found is not None
    assert (found.outcome, found.code, found.exit_code) == (Outcome(outcome), code, exit_code)
    assert message in found.message


def test_a_link_that_fetches_a_file_is_not_repeated() -> None:
    said = "Problem fetching http://x/blobs/ab/data.zip?expires=1&signature=s3cret to put in input/ref"
    found = explain(Step.SCORING, said)
    assert found is not None
    assert found.message == "The worker could not fetch what it needs for the folder input/ref."
    assert found.outcome is Outcome.INFRASTRUCTURE


def test_a_kind_of_trouble_says_more_than_the_words_that_follow() -> None:
    image = explain(Step.PREDICTION, "Pull for x failed!", IMAGE_TROUBLE, "no such host")
    assert image is not None
    assert image.code == "runtime-unavailable"
    assert image.message.endswith(": no such host")
    late = explain(Step.PREDICTION, "Stopped.", TIME_TROUBLE, "Limit was 7 seconds")
    assert late is not None
    assert late.message == "The prediction step was stopped: it did not end within the time limit of 7 seconds."


def test_words_that_nobody_knows_stay() -> None:
    assert explain(Step.SCORING, "Too hot.", "Else", "The fan stood still.") is None
