"""Which of its own files a program's command starts."""

from __future__ import annotations

import shlex

import pytest

from podium.rules.commands import started_file


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("python3 score.py", "score.py"),
        ("python score.py /app/input /app/output", "score.py"),
        ("python3.11 -u -W ignore /app/program/code/score.py", "code/score.py"),
        ("/usr/bin/python3 ./a/../score.py", "score.py"),
        ("bash -eu run.sh", "run.sh"),
        ("./run.sh now", "run.sh"),
        ("/app/program/run", "run"),
        ("Rscript score.R", "score.R"),
        ("python 'my score.py'", "my score.py"),
    ],
)
def test_the_file_is_the_first_word_that_is_no_option(command: str, file: str) -> None:
    assert started_file(tuple(shlex.split(command))) == file


@pytest.mark.parametrize(
    "command",
    [
        "python -m scorer",
        "python -c 'print()'",
        "bash -ec 'python score.py'",
        "perl -e 1",
        "score --all",
        "python /app/input/res/run.py",
        "python ../score.py",
        "python",
        "python -u",
    ],
)
def test_what_is_no_file_of_the_program_is_left_alone(command: str) -> None:
    assert started_file(tuple(shlex.split(command))) is None


def test_every_place_where_the_program_is_mounted_counts() -> None:
    argv = ("python", "/app/ingestion_program/ingest.py")
    assert started_file(argv) is None
    assert started_file(argv, ("/app/program", "/app/ingestion_program")) == "ingest.py"
