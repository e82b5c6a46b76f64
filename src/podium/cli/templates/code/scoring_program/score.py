"""Compare the predicted numbers with the right ones and write their mean distance."""

import json
import math
import sys
from pathlib import Path

REFERENCE = Path("/app/input/ref/truth.txt")
PREDICTED = Path("/app/input/res/predictions.txt")
SCORES = Path("/app/output/scores.json")


def main() -> None:
    reference = read_numbers(REFERENCE)
    predicted = read_numbers(PREDICTED)
    if len(predicted) != len(reference) or not all(math.isfinite(value) for value in predicted):
        sys.exit(f"{PREDICTED.name} needs {len(reference)} finite numbers.")
    error = sum(abs(mine - right) for mine, right in zip(predicted, reference)) / len(reference)
    SCORES.write_text(json.dumps({"mean_error": error}), encoding="utf-8")
    print(f"Mean error: {error:.4f}")


def read_numbers(path: Path) -> list[float]:
    """One number a line. Ends the program with a sentence for the participant where there is no such file."""
    if not path.is_file():
        sys.exit(f"There is no {path.name}: see the log of the prediction.")
    return [float(line) for line in path.read_text(encoding="utf-8").split()]


if __name__ == "__main__":
    main()
