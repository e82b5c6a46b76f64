"""Compare twelve submitted hours of daylight with the right ones and write their mean distance, in hours.

The distance of each month goes to the organizers only, as it would tell participants what is right; the leaderboard
shows intervals by it.
"""

import csv
import json
import sys
from pathlib import Path

REFERENCE = Path("/app/input/ref/daylight.txt")
SUBMITTED = Path("/app/input/res/daylight.txt")
SCORES = Path("/app/output/scores.json")
PER_ITEM = Path("/app/output/private/per_item.csv")

MONTHS = 12
LONGEST_DAY = 24.0
LARGEST_BYTES = 10_000


def main() -> None:
    reference = read_hours(REFERENCE)
    submitted = read_hours(SUBMITTED)
    errors = [abs(mine - right) for mine, right in zip(submitted, reference, strict=True)]
    error = sum(errors) / len(errors)
    write_items(errors)
    SCORES.write_text(json.dumps({"mean_error": error}), encoding="utf-8")
    print(f"Mean error: {error:.4f} hours")


def write_items(errors: list[float]) -> None:
    """The distance of each month, beside the score that is their mean."""
    PER_ITEM.parent.mkdir(exist_ok=True)
    with PER_ITEM.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "column", "value"])
        rows.writerows([f"month {number}", "mean_error", error] for number, error in enumerate(errors, start=1))


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
