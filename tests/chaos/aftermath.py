"""What has to be true after everything went wrong: of the books, and of the machine."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from tests.chaos.strikes import AHEAD_S
from tests.chaos.workload import Sent

from podium.sdk.submissions import TERMINAL

_MOST_ATTEMPTS = 3
_OURS = {"lost", "infrastructure"}
"""Outcomes of attempts that are the site's fault, and count."""

_MOST_SKEW_OF_A_RIGHT_CLOCK_S = 30.0

Row = Mapping[str, Any]


def check_books(books: Mapping[str, Any], sent: Sequence[Sent]) -> None:
    """Every submission is there once and has ended as it had to, every score is there once, boards follow from them,
    and the chains of events hold together."""
    rows = books["submissions"]
    parts: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        parts[row["parent"] or row["id"]].append(row)
    tops = {row["id"]: row for row in rows if row["parent"] is None}
    assert [each.id for each in sorted(sent, key=lambda each: each.id or 0)] == sorted(tops), "each was taken in once"
    assert books["misfits"] == []
    # What is over waits for nobody.
    assert set(books["jobs"]) <= {"finished", "failed", "cancelled"}, books["jobs"]
    # The worker with the wrong clock took part, and the site knew by how much.
    assert books["attempts"]["ahead"] > 0, books["attempts"]
    assert abs(books["skews"]["ahead"] - AHEAD_S) < _MOST_SKEW_OF_A_RIGHT_CLOCK_S, books["skews"]
    for each in sent:
        assert each.id is not None
        top = tops[each.id]
        assert top["status"] in TERMINAL, top
        run = [row for row in parts[each.id] if row["is_run"]]
        assert len(run) == each.kind.tasks
        for row in run:
            _check_run(row, each, books["accepted"])
    _check_boards(books["boards"], tops, parts)


def _check_run(row: Row, sent: Sent, accepted: Mapping[str, int]) -> None:
    for attempts in row["attempts"]:
        assert all(attempts), f"an attempt never ended: {row}"
        assert sum(outcome == "finished" for outcome in attempts) <= 1, row
    if row["internal"]:
        # Only after as many attempts as there are; nothing of it is the participant's.
        assert row["status"] == "Failed", row
        assert sum(outcome in _OURS for outcome in row["attempts"][-1]) == _MOST_ATTEMPTS, row
        expected, code = "Failed", "internal"
    elif sent.kind.cancelled and not sent.cancelled:
        # It had ended before the wish to cancel it arrived, or the answer to an earlier wish was lost.
        assert row["status"] in {"Cancelled", "Failed"}, row
        expected, code = row["status"], row["code"]
    else:
        expected, code = sent.kind.status, sent.kind.code
    assert (row["status"], row["code"]) == (expected, code), row
    scores = [sent.value] if row["status"] == "Finished" else []
    assert row["scores"] == scores, row
    assert row["old_scores"] == 0, row
    assert accepted.get(str(row["id"]), 0) == len(scores), row


def _check_boards(boards: Sequence[Sequence[Any]], tops: Mapping[int, Row], parts: Mapping[int, Sequence[Row]]) -> None:
    """The best finished submission of everybody stands on the board of its phase, and nothing else does."""
    # With several tasks, whoever has all of them stands before whoever lacks one.
    best: dict[tuple[int, str], tuple[int, float, int]] = {}
    for pk, top in tops.items():
        if top["status"] == "Finished":
            scores = [score for part in parts[pk] for score in part["scores"]]
            place = (top["phase"], top["owner"])
            best[place] = max(best.get(place, (0, 0.0, 0)), (len(scores), scores[0], pk))
    expected = sorted((phase, owner, pk) for (phase, owner), (_, _, pk) in best.items())
    assert sorted(map(tuple, boards)) == expected


def check_quotas(books: Mapping[str, Any], used: Mapping[tuple[int, str], int]) -> None:
    """What counts is what has finished: nothing that failed or was cancelled, nor what the site failed at a task of."""
    finished = Counter(
        (row["phase"], row["owner"])
        for row in books["submissions"]
        if row["parent"] is None and row["status"] == "Finished" and not row["internal"]
    )
    assert used == dict(finished)


def check_nothing_is_left(folder: Path, work_folders: Sequence[Path], mark: str) -> None:
    """No process, control group, mount or temporary file of a site whose files are all in `folder`."""
    assert processes_of(folder, mark) == []
    assert _groups(work_folders) == []
    mounted = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f"{folder}/" in line]
    assert mounted == []
    assert sorted((folder / "tmp").iterdir()) == []
    for work in work_folders:
        assert [path for path in work.rglob("*") if path.name != ".lock"] == []
    assert [path for path in (folder / "data/blobs").rglob("*") if path.is_file() and len(path.name) != 64] == []
    unpacked = [path for work in work_folders for path in (work.parent / "unpacked").iterdir()]
    assert [path for path in unpacked if path.suffix in {".draft", ".leaving"}] == []


def processes_of(folder: Path, mark: str) -> list[str]:
    """The processes that have to do with a folder or carry a mark, by what they were started with and where they
    are."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, OSError):
            command = process.cmdline()
            said = [*command, *process.environ().values(), process.cwd()]
            if any(str(folder) in word or mark in word for word in said):
                found.append(f"{process.pid} {command}")
    return found


def _groups(work_folders: Sequence[Path]) -> list[Path]:
    """The control groups of workers with these folders, whose names begin with a digest of the folder."""
    digests = [hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8] for folder in work_folders]
    return [
        Path(here, name)
        for here, names, _ in os.walk("/sys/fs/cgroup")
        for name in names
        if any(name.startswith(f"podium-{digest}-") for digest in digests)
    ]
