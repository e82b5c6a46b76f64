"""The example with code submissions: its data and its scoring program."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from tests.unit.examples.programs import EXAMPLES, load

DIGITS = EXAMPLES / "digits"
PHASES = ("development", "final")


def lines(*parts: str) -> list[str]:
    return DIGITS.joinpath(*parts).read_text(encoding="utf-8").splitlines()


@pytest.fixture
def program(tmp_path: Path) -> ModuleType:
    module = load(DIGITS / "scoring_program" / "score.py")
    vars(module).update(
        REFERENCE=tmp_path / "labels.txt", PREDICTED=tmp_path / "predictions.txt", SCORES=tmp_path / "scores.json"
    )
    return module


def score(program: ModuleType, right: str, predicted: str) -> dict[str, float]:
    program.REFERENCE.write_text("".join(f"{digit}\n" for digit in right))
    program.PREDICTED.write_text("".join(f"{digit}\n" for digit in predicted))
    program.main()
    return dict(json.loads(program.SCORES.read_text()))


@pytest.mark.parametrize("phase", PHASES)
def test_every_image_is_64_numbers_and_has_its_label_on_the_right_side(phase: str) -> None:
    given = DIGITS / "input_data" / phase
    assert sorted(path.name for path in given.iterdir()) == [
        "test_images.csv",
        "train_images.csv",
        "train_labels.txt",
    ], "the labels of the test images are kept back"
    training, test = lines("input_data", phase, "train_images.csv"), lines("input_data", phase, "test_images.csv")
    for image in training + test:
        values = [int(value) for value in image.split(",")]
        assert len(values) == 64
        assert set(values) <= set(range(17))
    assert (len(training), len(lines("input_data", phase, "train_labels.txt"))) == (797, 797)
    assert (len(test), len(lines("reference_data", phase, "labels.txt"))) == (500, 500)


@pytest.mark.parametrize("phase", PHASES)
def test_every_digit_is_tested(phase: str) -> None:
    labels = Counter(lines("reference_data", phase, "labels.txt"))
    assert sorted(labels) == list("0123456789")


def test_no_image_is_in_two_parts() -> None:
    training = set(lines("input_data", "development", "train_images.csv"))
    development = set(lines("input_data", "development", "test_images.csv"))
    final = set(lines("input_data", "final", "test_images.csv"))
    assert not training & development
    assert not training & final
    assert not development & final


def test_all_right_is_one(program: ModuleType) -> None:
    assert score(program, "0123456789", "0123456789") == {"accuracy": 1.0, "f1": 1.0}


def test_accuracy_and_f1_of_a_case_done_by_hand(program: ModuleType) -> None:
    # Right: each digit once, and a second 1. The second 1 and the 7 change places.
    # 1: TP 1, FP 1, FN 1: F1 = 2/4. 7: TP 0: F1 = 0. The other eight: 1. Mean (8 + 0.5 + 0) / 10.
    scores = score(program, "01123456789", "01723456189")
    assert scores["accuracy"] == pytest.approx(9 / 11)
    assert scores["f1"] == pytest.approx(0.85)


def test_a_digit_that_is_never_there_nor_read_counts_as_nothing_learned(program: ModuleType) -> None:
    assert score(program, "0000", "0000") == {"accuracy": 1.0, "f1": pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        (b"1\n2\n", "has 2 lines. It needs 3"),
        (b"", "has 0 lines. It needs 3"),
        (b"1\n2\n3\n4\n", "has 4 lines. It needs 3"),
        (b"1\nseven\n3\n", "predictions.txt:2: 'seven' is not a digit"),
        (b"1\n\n3\n", "predictions.txt:2: '' is not a digit"),
        (b"1\n10\n3\n", "predictions.txt:2: '10' is not a digit"),
        (b"1\n2.0\n3\n", "predictions.txt:2: '2.0' is not a digit"),
        ("1\n٣\n3\n".encode(), "predictions.txt:2: '٣' is not a digit"),
        (b"\xff\n", "not a text file in UTF-8"),
        (b"1" * 100_001, "has 100001 bytes"),
    ],
)
def test_bad_predictions_end_with_a_reason_and_without_scores(
    program: ModuleType, predicted: bytes, message: str
) -> None:
    program.REFERENCE.write_text("1\n2\n3\n")
    program.PREDICTED.write_bytes(predicted)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert message in str(ended.value)
    assert not program.SCORES.exists()


def test_missing_predictions_point_to_the_step_before(program: ModuleType) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert "log of the prediction step" in str(ended.value)
