"""Train the submitted model on the known pairs, let it predict the others, and write down what it predicts."""

import csv
import importlib.util
import sys
from pathlib import Path

INPUT = Path("/app/input_data")
SUBMISSION = Path("/app/ingested_program")
PREDICTIONS = Path("/app/output/predictions.txt")


def main() -> None:
    # What was submitted may lie in the output folder too: only what this program writes may be scored.
    PREDICTIONS.unlink(missing_ok=True)
    known = read_numbers(INPUT / "train.csv")
    asked = [x for (x,) in read_numbers(INPUT / "test.csv")]
    model = new_model(SUBMISSION / "model.py")
    model.fit([x for x, _ in known], [y for _, y in known])
    predicted = [float(value) for value in model.predict(asked)]
    if len(predicted) != len(asked):
        sys.exit(f"predict returned {len(predicted)} numbers for {len(asked)} values of x.")
    PREDICTIONS.write_text("".join(f"{value!r}\n" for value in predicted), encoding="utf-8")
    print(f"Trained on {len(known)} pairs and predicted {len(asked)}")


def new_model(source: Path):
    """An object of the class Model that the submission defines."""
    if not source.is_file():
        sys.exit("There is no model.py. Put it at the top of the zip, not inside a folder.")
    sys.path.insert(0, str(source.parent))
    specification = importlib.util.spec_from_file_location("model", source)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    if not hasattr(module, "Model"):
        sys.exit("model.py defines no class Model.")
    return module.Model()


def read_numbers(path: Path) -> list[list[float]]:
    """The rows of a file of numbers, without its heading."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [[float(cell) for cell in row] for row in list(csv.reader(lines))[1:]]


if __name__ == "__main__":
    main()
