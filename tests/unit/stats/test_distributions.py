"""Distribution functions against SciPy and against arithmetic, and which of them need SciPy at all."""

from __future__ import annotations

import subprocess
import sys

import pytest
from scipy import special

from podium.stats.distributions import (
    fair_tosses_at_most,
    normal_below,
    normal_quantile,
    student_below,
    student_quantile,
)

_A_SCORING = """
import sys
from podium.metrics.registry import task_type
task = task_type("text_classification")
rows = [f"{number},{'abc'[number % 3]}" for number in range(60)]
gold = task.read_references("\\n".join(["id,label", *rows]).encode(), "gold.csv").value
ours = task.read_predictions("\\n".join(["id,label", "0,b", *rows[1:]]).encode(), "ours.csv", gold).value
scored = task.score(gold, ours)
found = scored.intervals(dataset="d", submission="s")
assert all(found[name] is not None for name in ("accuracy", "macro_f1", "mcc")), found
assert scored.tables and scored.to_bytes()
print(*(name for name in ("numpy", "scipy", "sklearn", "django") if name in sys.modules))
"""


@pytest.mark.parametrize("point", [-37.0, -8.0, -1.959963984540054, -0.1, 0.0, 0.5, 3.0, 8.0])
def test_the_normal_distribution_is_scipys(point: float) -> None:
    assert normal_below(point) == pytest.approx(special.ndtr(point), rel=1e-12)


@pytest.mark.parametrize("probability", [1e-300, 5e-5, 0.025, 0.3, 0.5, 0.975, 1 - 5e-5, 1 - 1e-15])
def test_normal_quantiles_are_scipys(probability: float) -> None:
    assert normal_quantile(probability) == pytest.approx(special.ndtri(probability), rel=1e-12, abs=1e-15)


def test_students_distribution_has_the_quantiles_of_the_tables() -> None:
    # The critical values of any printed table: two-sided 95 % with 1, 10 and 100 degrees of freedom.
    assert [round(student_quantile(0.975, freedom), 3) for freedom in (1, 10, 100)] == [12.706, 2.228, 1.984]
    assert student_below(-12.706, 1) == pytest.approx(0.025, abs=1e-5)


def test_tosses_of_a_fair_coin_are_counted() -> None:
    # 1 + 5 + 10 of 32 ways.
    assert fair_tosses_at_most(2, 5) == pytest.approx(0.5)
    assert fair_tosses_at_most(0, 10) == pytest.approx(1 / 1024)


def test_scoring_classes_imports_no_scipy() -> None:
    # It takes longer to import than a thousand items take to score.
    done = subprocess.run([sys.executable, "-c", _A_SCORING], stdout=subprocess.PIPE, check=True, text=True)
    assert done.stdout.split() == ["numpy"]
