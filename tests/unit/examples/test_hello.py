"""The example with result submissions: hours of daylight."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import ModuleType

import pytest
from tests.unit.examples.programs import EXAMPLES, load

HELLO = EXAMPLES / "hello"
# The day of the year on the 15th of each month.
DAYS = (15, 46, 74, 105, 135, 166, 196, 227, 258, 288, 319, 349)


def daylight(latitude: float, day: int) -> float:
    """Hours of daylight; the sun's declination by P. I. Cooper, Solar Energy 12 (1969) 333-346."""
    declination = math.radians(23.45) * math.sin(math.tau * (284 + day) / 365)
    return 24 / math.pi * math.acos(-math.tan(math.radians(latitude)) * math.tan(declination))


@pytest.fixture
def program(tmp_path: Path) -> ModuleType:
    module = load(HELLO / "scoring_program" / "score.py")
    vars(module).update(
        REFERENCE=HELLO / "reference_data" / "daylight.txt",
        SUBMITTED=tmp_path / "daylight.txt",
        SCORES=tmp_path / "scores.json",
        PER_ITEM=tmp_path / "private" / "per_item.csv",
    )
    return module


def score(program: ModuleType, content: bytes) -> float:
    program.SUBMITTED.write_bytes(content)
    program.main()
    scores = json.loads(program.SCORES.read_text())
    assert list(scores) == ["mean_error"]
    return float(scores["mean_error"])


def twelve(first: str = "12") -> bytes:
    return "\n".join([first] + ["12"] * 11).encode()


def test_the_reference_is_the_daylight_at_60_degrees_north() -> None:
    kept = [float(line) for line in (HELLO / "reference_data" / "daylight.txt").read_text().split()]
    assert kept == [round(daylight(60, day), 2) for day in DAYS]


def test_the_right_numbers_have_no_error(program: ModuleType) -> None:
    assert score(program, program.REFERENCE.read_bytes()) == 0


def test_the_score_is_the_mean_distance(program: ModuleType) -> None:
    # An hour too many in one of twelve months.
    january, *others = program.REFERENCE.read_text().split()
    numbers = [str(float(january) + 1), *others]
    assert score(program, "\n".join(numbers).encode()) == pytest.approx(1 / 12)


def test_the_three_solutions_differ_clearly(program: ModuleType) -> None:
    flat, straight, smooth = (
        score(program, (HELLO / "solutions" / name / "daylight.txt").read_bytes())
        for name in ("twelve_hours", "straight_lines", "smooth_curve")
    )
    assert smooth < straight / 2 < flat / 4


@pytest.mark.parametrize(
    "content",
    [
        twelve() + b"\n",
        twelve() + b"\n\n",
        twelve().replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + twelve(),
        twelve(" 12 "),
    ],
    ids=["last line ended", "empty line at the end", "windows", "byte order mark", "spaces"],
)
def test_what_editors_do_to_a_file_does_not_matter(program: ModuleType, content: bytes) -> None:
    assert score(program, content) == score(program, twelve())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has 0 lines"),
        (b"12\n" * 11, "has 11 lines. It needs 12"),
        (b"12\n" * 13, "has 13 lines. It needs 12"),
        (twelve("noon"), "daylight.txt:1: 'noon' is not a number"),
        (twelve("12,5"), "daylight.txt:1: '12,5' is not a number"),
        (twelve("24.5"), "daylight.txt:1: a day has between 0 and 24 hours of daylight, not 24.5"),
        (twelve("-1"), "daylight.txt:1: a day has between 0 and 24"),
        (twelve("nan"), "daylight.txt:1: a day has between 0 and 24"),
        (twelve("inf"), "daylight.txt:1: a day has between 0 and 24"),
        (b"\xff\xfe1\x002\x00", "not a text file in UTF-8"),
        (b"1" * 20_000, "has 20000 bytes"),
    ],
)
def test_a_bad_file_ends_with_a_reason_and_without_a_score(program: ModuleType, content: bytes, message: str) -> None:
    with pytest.raises(SystemExit) as ended:
        score(program, content)
    assert message in str(ended.value)
    assert not program.SCORES.exists()


def test_a_missing_file_ends_with_a_reason(program: ModuleType) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert "There is no daylight.txt" in str(ended.value)
