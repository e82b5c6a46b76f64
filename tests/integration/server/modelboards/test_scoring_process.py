"""The process that scores: what it may take, and what its end means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from structlog.testing import capture_logs

from podium.rules.errors import InternalError, UserError
from podium.server.computing.files import ORDER
from podium.server.computing.process import Limits, computed
from podium.server.jobs.internal.work import Interrupted
from podium.server.modelboards.scoring.files import ITEMS, KEPT

ROOM = "podium.server.modelboards.scoring"
ENOUGH = Limits(memory_bytes=1_500_000_000, seconds=60)


def never() -> None:
    """Nothing has to be given up."""


def order_of(folder: Path, kind: str, references: bytes, predictions: bytes = b"") -> Mapping[str, Any]:
    (folder / "gold.csv").write_bytes(references)
    (folder / "answers.csv").write_bytes(predictions)
    return {
        "kind": kind,
        "task_type": "text_classification",
        "dataset": "a-dataset",
        "metric": "accuracy",
        "digest": "0" * 64,
        "open_labels": False,
        "references": {"path": str(folder / "gold.csv"), "name": "gold.csv"},
        "predictions": {"path": str(folder / "answers.csv"), "name": "answers.csv"},
        "inputs": None,
    }


def children() -> list[psutil.Process]:
    found = psutil.Process(os.getpid()).children(recursive=True)
    return [each for each in found if ROOM in " ".join(each.cmdline())]


@pytest.mark.slow
def test_it_scores_from_files_to_files(tmp_path: Path) -> None:
    gold = b"id,label\n1,a\n2,b\n3,a\n4,a"
    order = order_of(tmp_path, "predictions", gold, gold.replace(b"3,a", b"3,b"))
    with computed(ROOM, order, ENOUGH, tmp_path, never) as (found, place):
        assert found["metrics"]["accuracy"]["score"] == 0.75
        assert {KEPT, ITEMS} <= {each.name for each in place.iterdir()}
    assert not place.exists()


@pytest.mark.slow
def test_what_takes_too_much_memory_ends_with_a_reason(tmp_path: Path) -> None:
    rows = "\n".join(f"item number {number},a label that is rather long" for number in range(400_000))
    order = order_of(tmp_path, "references", f"id,label\n{rows}".encode())
    limits = Limits(memory_bytes=100_000_000, seconds=60)
    with pytest.raises(UserError) as caught, computed(ROOM, order, limits, tmp_path, never):
        pass
    assert caught.value.code == "scoring-memory"
    assert "0.1 GB" in caught.value.message
    assert "PODIUM_SCORING_MEMORY_BYTES" in caught.value.hint


def test_what_takes_too_long_ends_with_a_reason(tmp_path: Path) -> None:
    order = order_of(tmp_path, "references", b"id,label\n1,a")
    with pytest.raises(UserError) as caught, computed(ROOM, order, Limits(10**9, 0), tmp_path, never):
        pass
    assert caught.value.code == "scoring-time"
    assert children() == []


def test_it_ends_with_the_job(tmp_path: Path) -> None:
    def over() -> None:
        assert len(children()) == 1
        raise Interrupted

    order = order_of(tmp_path, "references", b"id,label\n1,a")
    with pytest.raises(Interrupted), computed(ROOM, order, ENOUGH, tmp_path, over):
        pass
    assert children() == []
    assert list(tmp_path.glob("scoring-*")) == []


def test_it_does_nothing_for_a_process_that_is_gone(tmp_path: Path) -> None:
    limits = {"memory_bytes": 10**9, "cpu_s": 10, "file_bytes": 10**9}
    (tmp_path / ORDER).write_text(json.dumps({"kind": "references", "limits": limits}))
    command = [sys.executable, "-m", ROOM, str(tmp_path), "1"]
    # A child of this process, which is not number 1.
    assert subprocess.run(command, check=False).returncode == 1


def test_a_crash_is_ours_and_its_words_stay_in_the_log(tmp_path: Path) -> None:
    order = {**order_of(tmp_path, "references", b"id,label\n1,a"), "references": {"path": "/nowhere", "name": "a.csv"}}
    with (
        capture_logs() as logged,
        pytest.raises(InternalError) as caught,
        computed(ROOM, order, ENOUGH, tmp_path, never),
    ):
        pass
    assert "/nowhere" not in str(caught.value)
    (line,) = [each for each in logged if each["event"] == "scoring_crashed"]
    assert line["reference"] == caught.value.reference
    assert "/nowhere" in line["said"]


def test_a_task_type_that_is_gone_is_told(tmp_path: Path) -> None:
    order = {**order_of(tmp_path, "references", b"id,label\n1,a"), "task_type": "juggling"}
    with pytest.raises(UserError, match="juggling"), computed(ROOM, order, ENOUGH, tmp_path, never):
        pass


@pytest.mark.parametrize(("kind", "allowed"), [("references", set()), ("check", set()), ("predictions", {"numpy"})])
def test_what_takes_long_to_import_is_left_out_where_it_is_not_needed(
    tmp_path: Path, kind: str, allowed: set[str]
) -> None:
    rows = [f"{number},{'ab'[number % 2]}" for number in range(40)]
    gold, answers = ("\n".join(["id,label", first, *rows[1:]]).encode() for first in ("0,a", "0,b"))
    (tmp_path / ORDER).write_text(json.dumps(order_of(tmp_path, kind, gold, answers)), encoding="utf-8")
    code = (
        "import json, sys; from pathlib import Path; from podium.server.modelboards.scoring.__main__ import doing;"
        f"folder = Path(sys.argv[1]); order = json.loads((folder / {ORDER!r}).read_bytes());"
        "assert doing(order['kind'])(order, folder)['count'] == 40;"
        "print(*({'numpy', 'scipy', 'sklearn', 'sacrebleu', 'rapidfuzz', 'django'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, check=True, text=True)
    assert set(done.stdout.split()) == allowed
