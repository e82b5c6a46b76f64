"""The ingestion program of the digits, with models that work and models that do not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from podium.runtimes import Runtime, ensure

DIGITS = Path(__file__).parents[3] / "examples" / "digits"
MODEL = """
class Model:
    def fit(self, images, labels):
        pass

    def predict(self, images):
        return {predicted}
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def science() -> Runtime:
    return ensure("science")


def ingest(science: Runtime, folder: Path, files: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], Path]:
    submission, predictions = folder / "submission", folder / "predictions.txt"
    submission.mkdir()
    for name, content in files.items():
        (submission / name).write_text(content)
    program = (
        f"import sys; sys.path.insert(0, {str(DIGITS / 'ingestion_program')!r});"
        "import ingestion; from pathlib import Path;"
        f"ingestion.INPUT = Path({str(DIGITS / 'input_data' / 'development')!r});"
        f"ingestion.SUBMISSION = Path({str(submission)!r}); ingestion.PREDICTIONS = Path({str(predictions)!r});"
        "ingestion.main()"
    )
    (packages,) = science.folder.glob("lib/python*/site-packages")
    environment = {"PATH": os.defpath, "PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [science.interpreter, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    return run, predictions


@pytest.mark.parametrize("solution", ["majority_class", "nearest_centroid", "support_vector_machine"])
def test_every_sample_solution_reads_every_image(science: Runtime, tmp_path: Path, solution: str) -> None:
    model = (DIGITS / "solutions" / solution / "model.py").read_text()
    run, predictions = ingest(science, tmp_path, {"model.py": model})
    assert run.returncode == 0, run.stderr
    assert len(predictions.read_text().splitlines()) == 500
    assert "read 500" in run.stdout


def test_the_starting_kit_can_be_sent_as_it_is(science: Runtime, tmp_path: Path) -> None:
    run, predictions = ingest(science, tmp_path, {"model.py": (DIGITS / "starting_kit" / "model.py").read_text()})
    assert run.returncode == 0, run.stderr
    assert predictions.exists()


def test_a_model_may_import_its_other_files(science: Runtime, tmp_path: Path) -> None:
    files = {"model.py": "from guess import GUESS\n" + MODEL.format(predicted="[GUESS] * 500"), "guess.py": "GUESS = 7"}
    run, predictions = ingest(science, tmp_path, files)
    assert run.returncode == 0, run.stderr
    assert set(predictions.read_text().split()) == {"7"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"other.py": ""}, "There is no model.py. Put it at the top of the zip"),
        ({"model.py": "x = 1"}, "model.py defines no class Model"),
        ({"model.py": "class Model:\n    def fit(self): pass"}, "The class Model has no method predict."),
        ({"model.py": "import nothing_like_it"}, "model.py cannot be imported"),
        ({"model.py": "def ("}, "model.py cannot be imported"),
        ({"model.py": MODEL.format(predicted="1 / 0")}, "The model failed with the error above"),
        ({"model.py": MODEL.format(predicted="[1] * 499")}, "shape (499,). It needs one digit an image: (500,)"),
        ({"model.py": MODEL.format(predicted="images")}, "shape (500, 64)"),
        ({"model.py": MODEL.format(predicted="['seven'] * 500")}, "not a list of numbers"),
        ({"model.py": MODEL.format(predicted="None")}, "shape ()"),
        ({"model.py": MODEL.format(predicted="[1] * 499 + [10]")}, "returned 10.0 for image 499"),
        ({"model.py": MODEL.format(predicted="[float('nan')] + [1] * 499")}, "returned nan for image 0"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_model_that_cannot_be_used_is_told_why(
    science: Runtime, tmp_path: Path, files: dict[str, str], message: str
) -> None:
    # A file of that name lies in the output when the participant sent one along.
    (tmp_path / "predictions.txt").write_text("1\n" * 500)
    run, predictions = ingest(science, tmp_path, files)
    assert run.returncode == 1
    assert message in run.stderr
    assert not predictions.exists()
