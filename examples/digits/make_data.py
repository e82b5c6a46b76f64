"""Make the data of this competition from the handwritten digits that scikit-learn ships.

    python make_data.py

Writes, for both phases, the training images with their labels, the test images, and apart from them the test labels.
An image is a line of 64 numbers from 0 (paper) to 16 (ink), row by row from the top left.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

HERE = Path(__file__).parent
SEED = 2025
TRAINING, TEST = 797, 500


def main() -> None:
    digits = load_digits()
    # The writers are in order in the collection: without shuffling, each part would hold other handwritings.
    order = np.random.default_rng(SEED).permutation(len(digits.target))
    training = order[:TRAINING]
    for phase, start in (("development", TRAINING), ("final", TRAINING + TEST)):
        test = order[start : start + TEST]
        given, kept_back = HERE / "input_data" / phase, HERE / "reference_data" / phase
        write(given / "train_images.csv", digits.data[training])
        write(given / "train_labels.txt", digits.target[training])
        write(given / "test_images.csv", digits.data[test])
        write(kept_back / "labels.txt", digits.target[test])


def write(path: Path, numbers: np.ndarray) -> None:
    """One row a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, numbers, fmt="%d", delimiter=",")


if __name__ == "__main__":
    main()
