"""Compare the digits that a model read with the right ones: accuracy, and F1 averaged over the ten digits."""

import json
import sys
from pathlib import Path

REFERENCE = Path("/app/input/ref/labels.txt")
PREDICTED = Path("/app/input/res/predictions.txt")
SCORES = Path("/app/output/scores.json")

DIGITS = range(10)
LARGEST_BYTES = 100_000


def main() -> None:
    if not PREDICTED.is_file():
        sys.exit("There are no predictions to score. The log of the prediction step says why.")
    right = read_digits(REFERENCE)
    predicted = read_digits(PREDICTED)
    if len(predicted) != len(right):
        sys.exit(f"{PREDICTED.name} has {len(predicted)} lines. It needs {len(right)}, one for each test image.")
    scores = {"accuracy": accuracy(right, predicted), "f1": macro_f1(right, predicted)}
    SCORES.write_text(json.dumps(scores), encoding="utf-8")
    for name, value in scores.items():
        print(f"{name}: {value:.4f}")


def accuracy(right: list[int], predicted: list[int]) -> float:
    """The share of images that were read correctly, from 0 to 1."""
    return sum(one == other for one, other in zip(right, predicted, strict=True)) / len(right)


def macro_f1(right: list[int], predicted: list[int]) -> float:
    """The mean over the ten digits of F1 = 2 TP / (2 TP + FP + FN), which is 0 for a digit never read correctly."""
    return sum(f1(digit, right, predicted) for digit in DIGITS) / len(DIGITS)


def f1(digit: int, right: list[int], predicted: list[int]) -> float:
    """F1 of one digit against all others. 2 TP + FP + FN is how often it was there plus how often it was read."""
    hits = sum(one == other == digit for one, other in zip(right, predicted, strict=True))
    return 2 * hits / ((right.count(digit) + predicted.count(digit)) or 1)


def read_digits(path: Path) -> list[int]:
    """One digit a line. Ends the program with a sentence where the file is anything else."""
    if path.stat().st_size > LARGEST_BYTES:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes. One digit a line needs far fewer than {LARGEST_BYTES}.")
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip().splitlines()
    except UnicodeDecodeError:
        sys.exit(f"{path.name} is not a text file in UTF-8.")
    for number, line in enumerate(lines, start=1):
        if line.strip() not in map(str, DIGITS):
            sys.exit(f"{path.name}:{number}: {line.strip()[:40]!r} is not a digit from 0 to 9.")
    return [int(line) for line in lines]


if __name__ == "__main__":
    main()
