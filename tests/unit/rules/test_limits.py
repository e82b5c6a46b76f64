"""Limits as they are written, and what holds where a competition, a queue and a site have a say."""

from __future__ import annotations

import pytest

from podium.rules.errors import UserError
from podium.rules.limits import (
    LIMITS,
    amount_of,
    in_words,
    limits_asked,
    limits_given,
    limits_of_line,
    limits_refused,
    line_of_limits,
    refusal,
    size,
)

# 2 * 1024**3, 500 * 10**6, 1.5 * 1024**2
AMOUNTS = [
    ("memory", "2 GiB", 2147483648),
    ("memory", "2gib", 2147483648),
    ("memory", "500 MB", 500000000),
    ("output", "1.5 MiB", 1572864),
    ("log", "8192 B", 8192),
    ("cpus", 1.5, 1.5),
    ("cpus", "1.5", 1.5),
    ("cpus", 3, 3),
    ("processes", 64, 64),
    ("processes", "64", 64),
    ("open_files", 128.0, 128),
]


@pytest.mark.parametrize(("name", "written", "amount"), AMOUNTS)
def test_an_amount_is_read(name: str, written: object, amount: float) -> None:
    assert amount_of(name, written) == amount


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("memory", 4096),  # of what?
        ("memory", "4096"),
        ("memory", "-2 GiB"),
        ("memory", "2 GiBs"),
        ("memory", "1e3 MB"),
        ("memory", "9" * 50 + " GiB"),
        ("memory", "999999999999 TiB"),
        ("memory", "1 KiB"),
        ("memory", True),
        ("memory", ["2 GiB"]),
        ("memory", None),
        ("cpus", "two"),
        ("cpus", 0),
        ("cpus", -1),
        ("cpus", float("nan")),
        ("cpus", "nan"),
        ("cpus", "inf"),
        ("cpus", 10**400),
        ("processes", 12.5),
        ("processes", "1e999"),
        ("processes", True),
        ("processes", {}),
        ("memmory", "2 GiB"),
        ("time", 5),
    ],
)
def test_an_amount_that_makes_no_sense_is_refused(name: str, written: object) -> None:
    with pytest.raises(UserError) as refused:
        amount_of(name, written)
    assert refused.value.code in {"limit-invalid", "limit-unknown"}
    assert refused.value.hint
    assert len(refused.value.message) < 200


def test_a_table_of_limits_is_read_and_null_says_nothing() -> None:
    assert limits_asked({"memory": "1 GiB", "cpus": None}) == {"memory": 1 << 30}
    assert limits_asked(None) == {}
    with pytest.raises(UserError):
        limits_asked("2 GiB")


@pytest.mark.parametrize("line", ["memory=8 GiB, cpus=0.5", "memory=100000001 B", "log=4097 B, open_files=64", ""])
def test_a_line_of_limits_is_written_as_it_was_read(line: str) -> None:
    assert limits_of_line(line_of_limits(limits_of_line(line))) == limits_of_line(line)


def test_a_line_keeps_every_byte() -> None:
    # 2**30 + 1 bytes would be 1 GiB if it were rounded.
    assert line_of_limits({"memory": 2**30 + 1, "output": 10**9, "temporary": 3 * 2**20}) == (
        "memory=1073741825 B, output=1 GB, temporary=3 MiB"
    )


@pytest.mark.parametrize("line", ["memory", "memory=", "=3", "memory=1 GiB, memory=2 GiB", "memory=1 GiB cpus=2"])
def test_a_line_that_makes_no_sense_is_refused(line: str) -> None:
    with pytest.raises(UserError):
        limits_of_line(line)


def test_time_is_for_queues_alone() -> None:
    assert limits_of_line("time=7200", with_time=True) == {"time": 7200}
    with pytest.raises(UserError):
        limits_of_line("time=7200")


def test_a_run_gets_what_is_asked_for_up_to_the_maximum() -> None:
    asked = {"memory": 64 << 30, "cpus": 1.0}
    given = limits_given(asked, {"cpus": 8, "processes": 32}, {"memory": 16 << 30, "processes": 16})
    assert given["memory"] == 16 << 30  # the maximum
    assert given["cpus"] == 1.0  # what was asked for goes before the default
    assert given["processes"] == 16  # a default is held to the maximum as well
    assert given["output"] == 1 << 30  # nobody said anything
    assert limits_refused(asked, given) == {"memory": 64 << 30}
    sentence = refusal("memory", 64 << 30, 16 << 30)
    assert sentence == "The competition asks for 64 GiB of memory; a run here gets 16 GiB."


def test_without_a_word_a_run_gets_the_defaults() -> None:
    assert limits_given({}, {}, {}) == {name: limit.default for name, limit in LIMITS.items()}


def test_every_limit_has_a_default_within_its_bounds() -> None:
    for limit in LIMITS.values():
        assert limit.least <= limit.default <= limit.most


def test_in_words() -> None:
    assert in_words({"memory": 2 << 30, "cpus": 0.5, "log": 1}, ["memory", "cpus"]) == (
        "2 GiB of memory, 0.5 processors"
    )
    assert size(1536) == "1.5 KiB"
