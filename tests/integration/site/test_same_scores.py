"""`podium run` and a site with a worker give programs that always do the same the same scores, to the last bit."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.running_site import RunningSite
from tests.shared_material import shared_bundle
from tests.small_bundles import files_of, small_bundle, write_zip

from podium.blobs.archives import open_source, pack_member
from podium.rules.bundle import read_bundle
from podium.sdk.client import PodiumClient

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

ROOT = Path(__file__).parents[3]

Scores = Mapping[str, float | None]


@dataclass(frozen=True)
class Scored:
    """The scores of a submission by column key: of each task, by its name, and what its entry on the board says.

    `entry` is None where it is not on the board, which is the choice of the board's rule.
    """

    tasks: Mapping[str, Scores]
    entry: Scores | None


@pytest.fixture(scope="session")
def organizer(site: RunningSite) -> Iterator[PodiumClient]:
    with site.client_of("comparer") as client:
        yield client


def scored_here(bundle: Path, phase: int, submission: Path) -> Scored:
    """What `podium run` says of a submission."""
    arguments = ["run", str(bundle), "--phase", str(phase), "--submission", str(submission), "--json"]
    ended = subprocess.run(
        [sys.executable, "-m", "podium", *arguments], capture_output=True, text=True, timeout=280, check=False
    )
    assert ended.returncode == 0, ended.stderr
    (board,) = json.loads(ended.stdout)
    (entry,) = board["entries"]
    by_task = {task["task"]: task["scores"] for task in entry.get("tasks", ())}
    return Scored(by_task or {board["tasks"][0]: entry["scores"]}, entry["scores"])


def scored_there(site: RunningSite, client: PodiumClient, competition: int, phase: int, submission: Path) -> Scored:
    """What the site says of it, as it stands in its database, unrounded."""
    chosen = client.competition(competition).phases[phase]
    sent = client.submit(chosen.id, submission)
    ended = client.wait(sent.id, lambda _: None)
    assert ended.status == "Finished", ended
    if not client.submission(sent.id).on_leaderboard and ended.leaderboard_rule in {"Add", "Add_And_Delete"}:
        client.add_to_leaderboard(sent.id)
    tasks: dict[str, dict[str, float | None]] = {}
    for name, key, value in rows(site, _SCORES, sent.id, sent.id):
        tasks.setdefault(name, {})[key] = value
    entries = rows(site, _ENTRY, sent.id)
    return Scored(tasks, json.loads(entries[0][0]) if entries else None)


_SCORES = """
    SELECT task.name, score.column_key, score.value FROM submissions_score score
    JOIN submissions_submission submission ON submission.id = score.submission_id
    LEFT JOIN submissions_submission parent ON parent.id = submission.parent_id
    JOIN competitions_task task ON task.id = submission.task_id
    WHERE (submission.id = ? OR parent.id = ?) AND score.superseded_at IS NULL
    ORDER BY submission.id
"""
_ENTRY = 'SELECT entry."values" FROM leaderboards_entry entry WHERE entry.submission_id = ?'


def rows(site: RunningSite, question: str, *values: int) -> list[Any]:
    """What the database of the site answers; it is only read."""
    with closing(sqlite3.connect(f"file:{site.data / 'podium.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute(question, values).fetchall()


def same(here: Scored, there: Scored, *, but: frozenset[str] = frozenset()) -> None:
    """Assert that both give the same numbers, apart from the columns that hold times."""

    def without(scores: Scores) -> dict[str, float | None]:
        return {key: value for key, value in scores.items() if key not in but}

    assert there.tasks
    for name, scores in there.tasks.items():
        written = without(scores)
        assert written
        assert written == {key: here.tasks[name][key] for key in written}
    if there.entry is not None:
        assert here.entry is not None
        assert without(there.entry) == without(here.entry)


def zip_of(bundle: Path, folder: Path) -> Path:
    """The bundle as a zip."""
    return bundle if bundle.is_file() else write_zip(folder / "bundle.zip", files_of(bundle))


def solutions_of(bundle: Path, folder: Path) -> list[Path]:
    """The solutions of a bundle, each as the zip that somebody would send."""
    found = []
    with open_source(bundle) as source:
        reading = read_bundle(source)
        for solution in reading.require().solutions:
            assert solution.path is not None
            assert solution.path.path is not None
            found.append(folder / f"solution-{solution.index}.zip")
            with found[-1].open("wb") as sink:
                pack_member(source, reading.member_name(solution.path.path), sink)
    assert found
    return found


def compare_solutions(site: RunningSite, client: PodiumClient, bundle: Path, phase: int, folder: Path) -> list[Scored]:
    """Run every solution here and there and compare; what the site says."""
    made = client.import_bundle(zip_of(bundle, folder), publish=True)
    found = []
    for solution in solutions_of(bundle, folder):
        there = scored_there(site, client, made.id, phase, solution)
        same(scored_here(bundle, phase, solution), there)
        found.append(there)
    # At least one is on the board, so that means and computed columns are compared as well.
    assert any(scored.entry is not None for scored in found)
    return found


@pytest.mark.parametrize("name", ["hello", "digits"])
def test_the_examples(name: str, site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    assert len(compare_solutions(site, organizer, ROOT / "examples" / name, 0, tmp_path)) == 3


@pytest.mark.parametrize("kind", ["results", "code", "ingestion"])
def test_what_init_makes(kind: str, site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    site.podium("init", str(tmp_path / "mine"), "--kind", kind)
    compare_solutions(site, organizer, tmp_path / "mine", 0, tmp_path)


def test_four_tasks_of_others(site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    bundle = shared_bundle("competition_v2_multi_task.zip")
    made = organizer.import_bundle(bundle, publish=True)
    submission = seeded(shared_bundle("submission.zip"), tmp_path)
    there = scored_there(site, organizer, made.id, 0, submission)
    assert len(there.tasks) == 4
    same(scored_here(bundle, 0, submission), there, but=frozenset({"duration"}))


def test_the_wheat_competition(site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    bundle = shared_bundle("competition.zip")
    made = organizer.import_bundle(bundle, publish=True)
    submission = seeded(shared_bundle("submission.zip"), tmp_path)
    there = scored_there(site, organizer, made.id, 1, submission)
    same(scored_here(bundle, 1, submission), there, but=frozenset({"duration"}))


@pytest.mark.parametrize("kind", ["code", "result"])
def test_the_codalab_competition(kind: str, site: RunningSite, organizer: PodiumClient) -> None:
    bundle, submission = shared_bundle("competition_15_iris.zip"), shared_bundle(f"submission_15_iris_{kind}.zip")
    made = organizer.import_bundle(bundle, publish=True)
    there = scored_there(site, organizer, made.id, 1, submission)
    same(scored_here(bundle, 1, submission), there, but=frozenset({"Duration"}))


def test_two_tasks_in_the_order_of_their_phase(site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    bundle = small_bundle(
        tmp_path / "b",
        truths=("a b c d", "a x y"),
        solutions=({"answer.txt": "a b c x"},),
        phase={"tasks": [1, 0]},
        top={"registration_auto_approve": True},
    )
    (there,) = compare_solutions(site, organizer, bundle, 0, tmp_path)
    # 3 of 4 and 1 of 3 words are right; the means of both over the tasks.
    assert there.tasks == {"Task 1": {"right": 1.0, "share": 1 / 3}, "Task 0": {"right": 3.0, "share": 0.75}}
    assert there.entry == {"right": 2.0, "share": (0.75 + 1 / 3) / 2}
    assert list(there.tasks) == ["Task 1", "Task 0"]


def test_programs_that_send_each_other_messages(site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    bundle = small_bundle(
        tmp_path / "b",
        scoring_program=ASKS,
        ingestion_program=ANSWERS,
        truths=("EINS", "ZWEI"),
        solutions=({"model.py": "def answer(question): return question.upper()"},),
        task={"ingestion_only_during_scoring": True},
        phase={"execution_time_limit": 60},
    )
    (there,) = compare_solutions(site, organizer, bundle, 0, tmp_path)
    # Five rounds each, of which every second one asks for the truth itself.
    assert there.tasks == {f"Task {index}": {"right": 3.0, "share": 0.6} for index in (0, 1)}


WAIT = """
import os, time

def send(shared, name, text):
    open(f"{shared}/{name}.draft", "w").write(text)
    os.rename(f"{shared}/{name}.draft", f"{shared}/{name}")

def receive(shared, name):
    while not os.path.exists(f"{shared}/{name}"): time.sleep(0.01)
    return open(f"{shared}/{name}").read()
"""
ASKS = {
    "metadata.yaml": "command: python3 $program/score.py $shared $hidden $output",
    "messages.py": WAIT,
    "score.py": """
        import json, sys
        from messages import receive, send
        shared, hidden, output = sys.argv[1:]
        truth, right = open(hidden + "/truth.txt").read(), 0
        for turn in range(5):
            send(shared, f"question-{turn}", truth.lower() if turn % 2 == 0 else "other")
            right += receive(shared, f"answer-{turn}") == truth
        json.dump({"right": right, "share": right / 5}, open(output + "/scores.json", "w"))
    """,
}
ANSWERS = {
    "metadata.yaml": "command: python3 $program/play.py $shared $submission_program",
    "messages.py": WAIT,
    "play.py": """
        import os, sys
        from messages import receive, send
        shared, submission = sys.argv[1:]
        sys.path.append(submission)
        import model
        for turn in range(5):
            answer = model.answer(receive(shared, f"question-{turn}"))
            send(shared, f"answer-{turn}", "cheat" if os.path.exists("/app/input/ref") else answer)
    """,
}


def seeded(submission: Path, folder: Path) -> Path:
    """The k-means submission with a seed: without one it names its clusters by chance."""
    changed = folder / "seeded.zip"
    with zipfile.ZipFile(submission) as given, zipfile.ZipFile(changed, "w") as written:
        for name in given.namelist():
            seed = b"import numpy\nnumpy.random.seed(7)\n" if name == "model.py" else b""
            written.writestr(name, seed + given.read(name))
        assert "model.py" in given.namelist()
    return changed
