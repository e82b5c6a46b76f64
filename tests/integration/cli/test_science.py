"""What programs expect of the runtime `science`, inside the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.requirements_on_machine import require_program
from tests.small_bundles import small_bundle

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

DRAW = """
    import json
    import joblib, matplotlib.pyplot, numpy, pandas, PIL, psutil, scipy.stats, yaml
    from sklearn.linear_model import LinearRegression
    figure = matplotlib.pyplot.figure()
    figure.gca().plot([1, 2], [3, 5])
    figure.savefig("/app/output/plot.png")
    picture = PIL.Image.open("/app/output/plot.png")
    slope = LinearRegression().fit([[1], [2]], [3, 5]).coef_[0]
    squares = joblib.Parallel(n_jobs=2)(joblib.delayed(pow)(i, 2) for i in range(4))
    json.dump({"share": float(slope), "right": sum(squares)}, open("/app/output/scores.json", "w"))
"""


def test_its_packages_draw_fit_and_run_in_parallel(tmp_path: Path) -> None:
    require_program("bwrap", "bubblewrap")
    bundle = small_bundle(
        tmp_path / "b",
        scoring_program={"metadata": "command: python3 draw.py", "draw.py": DRAW},
        solutions=({"answer.txt": ""},),
        top={"docker_image": "podium/science"},
    )
    ended = subprocess.run(
        [sys.executable, "-m", "podium.cli.main", "run", str(bundle), "--json"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    (board,) = json.loads(ended.stdout)
    # The line through (1, 3) and (2, 5) has slope 2; 0 + 1 + 4 + 9 = 14.
    assert board["entries"][0]["scores"] == pytest.approx({"share": 2.0, "right": 14.0})
