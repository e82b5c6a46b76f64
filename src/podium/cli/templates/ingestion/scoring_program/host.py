"""Host games of guessing a number: answer every guess that the player's side writes, and count them.

The two sides take turns through files in /app/shared, numbered by turn: turn-1.guess, turn-1.answer, and so on. A file
is written under another name first and then renamed, so that nobody reads half of one. Guesses come from a stranger's
code: each file is read once, and only its first bytes.
"""

import json
import sys
import time
from pathlib import Path

SHARED = Path("/app/shared")
SCORES = Path("/app/output/scores.json")

SECRETS = (50, 25, 3, 77)
MOST_GUESSES = 100
PATIENCE_S = 20.0
LOOK_EVERY_S = 0.005


def main() -> None:
    turn = 0
    for game, secret in enumerate(SECRETS, start=1):
        for number in range(1, MOST_GUESSES + 1):
            turn += 1
            guess = read_guess(SHARED / f"turn-{turn}.guess")
            over = guess == secret or number == MOST_GUESSES
            answer = "higher" if guess < secret else "lower"
            if over:
                answer = "end" if game == len(SECRETS) else "next"
            write(SHARED / f"turn-{turn}.answer", answer)
            if over:
                break
    SCORES.write_text(json.dumps({"mean_guesses": turn / len(SECRETS)}), encoding="utf-8")
    print(f"{turn} guesses in {len(SECRETS)} games")


def read_guess(path: Path) -> int:
    """The guess, once it is there. Ends the program with a sentence where none comes or it is no whole number."""
    deadline = time.monotonic() + PATIENCE_S
    while not path.is_file():
        if time.monotonic() > deadline:
            sys.exit(f"No guess came within {PATIENCE_S:g} seconds: see the log of the ingestion program.")
        time.sleep(LOOK_EVERY_S)
    with path.open("rb") as file:
        text = file.read(20).decode("utf-8", errors="replace").strip()
    try:
        return int(text)
    except ValueError:
        sys.exit(f"The guess {text!r} is not a whole number.")


def write(path: Path, text: str) -> None:
    """Write a file so that it is there as a whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)


if __name__ == "__main__":
    main()
