"""Let the submitted player play: write its guesses and tell it the answers of the scoring program."""

import importlib.util
import sys
import time
from pathlib import Path

SHARED = Path("/app/shared")
SUBMISSION = Path("/app/ingested_program")

PATIENCE_S = 20.0
LOOK_EVERY_S = 0.005


def main() -> None:
    new_player = player_class(SUBMISSION / "player.py")
    player, turn = new_player(), 0
    while True:
        turn += 1
        write(SHARED / f"turn-{turn}.guess", str(int(player.guess())))
        answer = read_answer(SHARED / f"turn-{turn}.answer")
        if answer == "end":
            return
        if answer == "next":
            player = new_player()
        else:
            player.hear(answer)


def player_class(source: Path):
    """The class Player that the submission defines."""
    if not source.is_file():
        sys.exit("There is no player.py. Put it at the top of the zip, not inside a folder.")
    sys.path.insert(0, str(source.parent))
    specification = importlib.util.spec_from_file_location("player", source)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    if not hasattr(module, "Player"):
        sys.exit("player.py defines no class Player.")
    return module.Player


def read_answer(path: Path) -> str:
    """The answer, once it is there."""
    deadline = time.monotonic() + PATIENCE_S
    while not path.is_file():
        if time.monotonic() > deadline:
            sys.exit(f"No answer came within {PATIENCE_S:g} seconds: see the log of the scoring program.")
        time.sleep(LOOK_EVERY_S)
    return path.read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    """Write a file so that it is there as a whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)


if __name__ == "__main__":
    main()
