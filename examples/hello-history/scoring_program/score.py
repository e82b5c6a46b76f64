"""Say whether an answer is right, and which share of all answers of this participant was right so far.

The scores of the participant's earlier submissions lie below input/history, one scores.txt each: the first line of
every one of them is `correct:1.0` or `correct:0.0`, as this program wrote it.
"""

import sys
from pathlib import Path

INPUT = Path("/app/input")
OUTPUT = Path("/app/output")
LARGEST_BYTES = 1000


def main() -> None:
    truth = (INPUT / "ref" / "truth.txt").read_text(encoding="utf-8").strip()
    correct = float(answer(INPUT / "res" / "answer.txt") == truth)
    earlier = earlier_answers(INPUT / "history")
    share = (sum(earlier) + correct) / (len(earlier) + 1)

    # One score a line. What comes first here comes first in every later submission's history.
    OUTPUT.joinpath("scores.txt").write_text(f"correct:{correct}\naudit_score:{share}\n", encoding="utf-8")

    # This folder is for the organizers: no participant ever gets it.
    private = OUTPUT / "private"
    private.mkdir()
    private.joinpath("priv.txt").write_text(f"The right answer is: {truth}\n", encoding="utf-8")
    print(f"Right: {correct:.0f}. Earlier answers: {len(earlier)}, of which {sum(earlier):.0f} were right.")


def answer(path: Path) -> str:
    """What the participant sent. Ends the program with a sentence where that is no short text."""
    if not path.is_file():
        sys.exit(f"There is no {path.name}. Put it at the top of the zip, not inside a folder.")
    if path.stat().st_size > LARGEST_BYTES:
        sys.exit(f"{path.name} has more than {LARGEST_BYTES} bytes. The answer is one short line.")
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        sys.exit(f"{path.name} is not a text file in UTF-8.")


def earlier_answers(history: Path) -> list[float]:
    """For each earlier submission, to this phase or one before it, 1 if it was right and 0 if not, in their order.

    The folders are history/PHASE/SUBMISSION/output, with numbers of three digits that sort by name.
    """
    files = sorted(history.glob("*/*/output/scores.txt"))
    return [float(file.read_text(encoding="utf-8").splitlines()[0].split(":")[1]) for file in files]


if __name__ == "__main__":
    main()
