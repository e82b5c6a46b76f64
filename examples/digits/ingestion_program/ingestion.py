"""Train the submitted model on the training images, let it read the test images, and write down what it read."""

import importlib.util
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

INPUT = Path("/app/input_data")
SUBMISSION = Path("/app/ingested_program")
PREDICTIONS = Path("/app/output/predictions.txt")

DIGITS = range(10)


def main() -> None:
    # What was submitted may lie in the output folder too: only what this program writes may be scored.
    PREDICTIONS.unlink(missing_ok=True)
    train_images = np.loadtxt(INPUT / "train_images.csv", delimiter=",")
    train_labels = np.loadtxt(INPUT / "train_labels.txt", dtype=int)
    test_images = np.loadtxt(INPUT / "test_images.csv", delimiter=",")

    model = new_model(SUBMISSION / "model.py")
    started = time.perf_counter()
    with blamed_on_the_model("The model failed with the error above."):
        model.fit(train_images, train_labels)
        predicted = model.predict(test_images)
    print(f"Trained on {len(train_images)} images and read {len(test_images)} in {time.perf_counter() - started:.2f} s")

    labels = checked(predicted, expected=len(test_images))
    PREDICTIONS.write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")


def new_model(source: Path) -> object:
    """An object of the class Model that the submission defines."""
    if not source.is_file():
        sys.exit("There is no model.py. Put it at the top of the zip, not inside a folder.")
    sys.path.insert(0, str(source.parent))
    specification = importlib.util.spec_from_file_location("model", source)
    module = importlib.util.module_from_spec(specification)
    sys.modules["model"] = module
    with blamed_on_the_model("model.py cannot be imported: see the error above."):
        specification.loader.exec_module(module)
    if not hasattr(module, "Model"):
        sys.exit("model.py defines no class Model.")
    missing = [name for name in ("fit", "predict") if not callable(getattr(module.Model, name, None))]
    if missing:
        sys.exit(f"The class Model has no method {' and no method '.join(missing)}.")
    with blamed_on_the_model("Model() failed with the error above."):
        return module.Model()


def checked(predicted: object, expected: int) -> list[int]:
    """The predictions as whole numbers, one for each image."""
    try:
        values = np.asarray(predicted, dtype=float)
    except (TypeError, ValueError):
        sys.exit("predict returned something that is not a list of numbers.")
    if values.shape != (expected,):
        sys.exit(f"predict returned an array of shape {values.shape}. It needs one digit an image: ({expected},).")
    wrong = [place for place, value in enumerate(values) if value not in DIGITS]
    if wrong:
        sys.exit(f"predict returned {values[wrong[0]]} for image {wrong[0]}. A digit is a whole number from 0 to 9.")
    return [int(value) for value in values]


@contextmanager
def blamed_on_the_model(reason: str) -> Iterator[None]:
    """End the program with a traceback and a reason, both for the participant's log, if the model raises anything."""
    try:
        yield
    except Exception:
        traceback.print_exc()
        sys.exit(reason)


if __name__ == "__main__":
    main()
