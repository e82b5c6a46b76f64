"""`limits` under `podium` of the competition, a phase and a task."""

from __future__ import annotations

import pytest
from tests.unit.rules.bundle.bundles import SMALL, changed, errors_of, read_text, spec_of

from podium.rules.bundle.limits import limits_of

OF_COMPETITION = "podium: {limits: {memory: 1 GiB, cpus: 1, processes: 32}}\n"
OF_PHASE = "    podium: {limits: {cpus: 0.5, output: 10 MB}}\n"
OF_TASK = "    podium: {limits: {processes: 64}}\n"


def test_the_task_goes_before_the_phase_and_the_phase_before_the_competition() -> None:
    text = changed("    scoring_program: scoring/\n", f"    scoring_program: scoring/\n{OF_TASK}")
    text = changed("    tasks: [0]\n", f"    tasks: [0]\n{OF_PHASE}", text) + OF_COMPETITION
    spec = spec_of(text)
    assert limits_of(spec, spec.phases[0], spec.tasks[0]) == {
        "memory": 1 << 30,
        "cpus": 0.5,
        "processes": 64,
        "output": 10_000_000,
    }


def test_without_limits_nothing_is_asked_for() -> None:
    spec = spec_of(SMALL)
    assert limits_of(spec, spec.phases[0], spec.tasks[0]) == {}


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ("{memory: 4096}", "limit-invalid"),
        ("{memmory: 2 GiB}", "limit-unknown"),
        ("{cpus: -1}", "limit-invalid"),
        ("{cpus: [1]}", "limit-invalid"),
        ("{memory: {}}", "limit-invalid"),
        ("[memory]", "limits-invalid"),
        ("2 GiB", "limits-invalid"),
    ],
)
def test_a_limit_that_makes_no_sense_is_an_error_with_its_place(limits: str, code: str) -> None:
    assert [found for found, _, _ in errors_of(f"{SMALL}podium: {{limits: {limits}}}\n")] == [code]
    message = read_text(f"{SMALL}podium: {{limits: {limits}}}\n").problems[0].message
    assert message.startswith('"podium.limits"')
    in_task = changed(
        "    scoring_program: scoring/\n", f"    scoring_program: scoring/\n    podium: {{limits: {limits}}}\n"
    )
    assert [found for found, _, _ in errors_of(in_task)] == [code]
    assert read_text(in_task).problems[0].message.startswith('"tasks[0].podium.limits"')


def test_limits_that_are_null_say_nothing() -> None:
    assert errors_of(f"{SMALL}podium: {{limits: null}}\n") == []
    assert errors_of(f"{SMALL}podium: {{limits: {{memory: null}}}}\n") == []
