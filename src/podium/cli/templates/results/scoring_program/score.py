"""Compare the submitted labels with the right ones and write the share that is right."""

import json
import sys
from pathlib import Path

REFERENCE = Path("/app/input/ref/labels.txt")
SUBMITTED = Path("/app/input/res/labels.txt")
SCORES = Path("/app/output/scores.json")

LABELS = ("yes", "no")
LARGEST_BYTES = 10_000


def main() -> None:
    reference = read_labels(REFERENCE)
    submitted = read_labels(SUBMITTED)
    if len(submitted) != len(reference):
        sys.exit(f"{SUBMITTED.name} has {len(submitted)} lines. It needs {len(reference)}, one for each item.")
    right = sum(mine == truth for mine, truth in zip(submitted, reference))
    SCORES.write_text(json.dumps({"accuracy": right / len(reference)}), encoding="utf-8")
    print(f"{right} of {len(reference)} labels are right")


def read_labels(path: Path) -> list[str]:
    """One label a line. Ends the program with a sentence for the participant where the file is anything else."""
    if not path.is_file():
        sys.exit(f"There is no {path.name}. Put it at the top of the zip, not inside a folder.")
    if path.stat().st_size > LARGEST_BYTES:
        sys.exit(f"{path.name} has more than {LARGEST_BYTES} bytes.")
    labels = path.read_text(encoding="utf-8", errors="replace").split()
    for number, label in enumerate(labels, start=1):
        if label not in LABELS:
            sys.exit(f"{path.name}: label {number} is {label[:20]!r}. A label is yes or no.")
    return labels


if __name__ == "__main__":
    main()
