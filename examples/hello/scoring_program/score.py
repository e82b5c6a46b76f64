"""Compare twelve submitted hours of daylight with the right ones and write their mean distance, in hours."""

import json
import sys
from pathlib import Path

REFERENCE = Path("/app/input/ref/daylight.txt")
SUBMITTED = Path("/app/input/res/daylight.txt")
SCORES = Path("/app/output/scores.json")

MONTHS = 12
LONGEST_DAY = 24.0
LARGEST_BYTES = 10_000


def main() -> None:
    reference = read_hours(REFERENCE)
    submitted = read_hours(SUBMITTED)
    error = mean_error(submitted, reference)
    SCORES.write_text(json.dumps({"mean_error": error}), encoding="utf-8")
    print(f"Mean error: {error:.4f} hours")


def mean_error(submitted: list[float], reference: list[float]) -> float:
    """The mean absolute difference of two lists of the same length."""
    return sum(abs(mine - right) for mine, right in zip(submitted, reference, strict=True)) / len(reference)


def read_hours(path: Path) -> list[float]:
    """One number of hours a line. Ends the program with a sentence where the file is anything else."""
    if not path.is_file():
        sys.exit(f"There is no {path.name}. Put it at the top of the zip, not inside a folder.")
    if path.stat().st_size > LARGEST_BYTES:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes. Twelve numbers need far fewer than {LARGEST_BYTES}.")
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip().splitlines()
    except UnicodeDecodeError:
        sys.exit(f"{path.name} is not a text file in UTF-8.")
    if len(lines) != MONTHS:
        sys.exit(f"{path.name} has {len(lines)} lines. It needs {MONTHS}, one for each month.")
    return [hours(path.name, number, line) for number, line in enumerate(lines, start=1)]


def hours(file: str, number: int, line: str) -> float:
    """The value of one line."""
    try:
        value = float(line)
    except ValueError:
        sys.exit(f"{file}:{number}: {line.strip()[:40]!r} is not a number.")
    # Written so that nan, which compares false with everything, is refused as well.
    if not 0 <= value <= LONGEST_DAY:
        sys.exit(f"{file}:{number}: a day has between 0 and 24 hours of daylight, not {value}.")
    return value


if __name__ == "__main__":
    main()
