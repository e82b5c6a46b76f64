"""`podium run`: competitions run on this machine without a server, in the real sandbox."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require_program
from tests.small_bundles import small_bundle, write_tree

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

INGEST = {
    "metadata": "command: python $ingestion_program/ingest.py $input $output $submission_program",
    "ingest.py": """
        import sys
        sys.path.append(sys.argv[3])
        import model
        open(sys.argv[2] + "/answer.txt", "w").write(model.answer())
    """,
}


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    require_program("bwrap", "bubblewrap")


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runtimes")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "podium.cli.main", *map(str, arguments)]


def environment(runtimes: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PODIUM_RUNTIMES": str(runtimes), **more}


def podium(runtimes: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=environment(runtimes, **more), capture_output=True, text=True, timeout=120, check=False
    )


def only_board(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    (board,) = json.loads(ended.stdout)
    assert isinstance(board, dict)
    return board


def entries(ended: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return list(only_board(ended)["entries"])


def failed_entry(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The only entry, which must have failed; the message must stand on stderr too."""
    (entry,) = entries(ended)
    assert (ended.returncode, entry["status"], entry["rank"], len(entry["problems"])) == (1, "Failed", None, 1)
    assert ended.stderr.count(entry["problems"][0]["message"]) == 1
    return dict(entry["problems"][0])


def test_the_solutions_of_a_bundle_are_run_and_ranked(tmp_path: Path, runtimes: Path) -> None:
    answers = ("a x x x", "a b c x", "a b x x")
    bundle = small_bundle(tmp_path / "b", solutions=tuple({"answer.txt": answer} for answer in answers))
    ended = podium(runtimes, "run", bundle, "--json")
    assert ended.returncode == 0, ended.stderr
    # 3, 2 and 1 of 4 words are right.
    assert [(e["rank"], e["name"], e["scores"]) for e in entries(ended)] == [
        (1, "Solution 1", {"share": 0.75, "right": 3.0}),
        (2, "Solution 2", {"share": 0.5, "right": 2.0}),
        (3, "Solution 0", {"share": 0.25, "right": 1.0}),
    ]


def test_the_board_is_a_table_for_people(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a b c d"},))
    ended = podium(runtimes, "run", bundle)
    assert ended.returncode == 0, ended.stderr
    row = next(line for line in ended.stdout.splitlines() if "Solution 0" in line)
    # The columns name no precision, so each has two decimals. There is nothing to predict, only to score.
    *shown, seconds = (cell.strip() for cell in row.strip("│").split("│"))
    assert shown == ["1", "Solution 0", "1.00", "4.00"]
    assert re.fullmatch(r"\d+\.\d s", seconds)
    assert "Scoring" in ended.stdout
    assert "Prediction" not in ended.stdout
    assert "Solution 0: scoring" in ended.stderr


def test_submissions_are_zips_or_folders_and_equal_ones_keep_their_order(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b")
    folder = write_tree(tmp_path / "folder", {"answer.txt": "a b x x"})
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as zipped:
        zipped.writestr("answer.txt", "a b x x")
    ended = podium(runtimes, "run", bundle, "-s", tmp_path / "zipped.zip", "-s", folder, "--json")
    assert ended.returncode == 0, ended.stderr
    assert [(e["rank"], e["name"], e["scores"]["share"]) for e in entries(ended)] == [
        (1, "zipped", 0.5),
        (2, "folder", 0.5),
    ]


def test_a_zipped_bundle_runs_like_its_folder(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a b c d"},))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as zipped:
        for path in sorted(bundle.rglob("*")):
            zipped.write(path, path.relative_to(bundle))
    ended = podium(runtimes, "run", tmp_path / "b.zip", "--json")
    assert [e["scores"]["share"] for e in entries(ended)] == [1.0]


def test_code_runs_through_an_ingestion_program_that_writes_beside_it(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", ingestion_program=INGEST)
    submission = write_tree(
        tmp_path / "s",
        {
            "model.py": """
                from pathlib import Path
                def answer():
                    cache = Path(__file__).with_name("cache.txt")
                    cache.write_text("a b c x")
                    return cache.read_text()
            """
        },
    )
    ended = podium(runtimes, "run", bundle, "-s", submission, "--json")
    assert ended.returncode == 0, ended.stderr
    assert entries(ended)[0]["scores"] == {"share": 0.75, "right": 3.0}
    assert not (submission / "cache.txt").exists()


def test_a_submission_with_a_command_finds_its_input_and_never_the_reference_data(
    tmp_path: Path, runtimes: Path
) -> None:
    bundle = small_bundle(tmp_path / "b", task={"input_data": "input"})
    write_tree(bundle / "input", {"question.txt": "a b c d"})
    submission = write_tree(
        tmp_path / "s",
        {
            "metadata.yaml": "command: python3 predict.py $input $output",
            "predict.py": """
                import os, sys
                seen = [f for _, _, files in os.walk("/app") for f in files]
                words = open(sys.argv[1] + "/question.txt").read() if "truth.txt" not in seen else "seen"
                open(sys.argv[2] + "/answer.txt", "w").write(words)
            """,
        },
    )
    ended = podium(runtimes, "run", bundle, "-s", submission, "--json")
    assert entries(ended)[0]["scores"]["share"] == 1.0, ended.stderr


def test_several_tasks_make_one_row_of_means_and_are_shown_apart(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", truths=("a b c d", "a x"), solutions=({"answer.txt": "a b c d"},))
    ended = podium(runtimes, "run", bundle, "--json")
    (entry,) = entries(ended)
    # Task 0: 4 of 4 right; task 1: 1 of 2. Means: (1 + 0.5) / 2 and (4 + 1) / 2.
    assert entry["scores"] == {"share": 0.75, "right": 2.5}
    assert [(task["task"], task["scores"]) for task in entry["tasks"]] == [
        ("Task 0", {"share": 1.0, "right": 4.0}),
        ("Task 1", {"share": 0.5, "right": 1.0}),
    ]


def test_computed_columns_and_ascending_order_rank_as_on_the_server(tmp_path: Path, runtimes: Path) -> None:
    columns = (
        {"key": "share", "title": "Share", "index": 0},
        {"key": "right", "title": "Right", "index": 1},
        {
            "key": "sum",
            "title": "Sum",
            "index": 2,
            "sorting": "asc",
            "computation": "sum",
            "computation_indexes": [0, 1],
        },
    )
    bundle = small_bundle(
        tmp_path / "b",
        columns=columns,
        solutions=({"answer.txt": "a b c d"}, {"answer.txt": "a x x x"}),
        top={
            "leaderboards": [{"title": "Results", "key": "main", "primary_index": 2, "columns": list(columns)}],
        },
    )
    ended = podium(runtimes, "run", bundle, "--json")
    # 0.25 + 1 and 1 + 4; the smaller sum is the better one.
    assert [(e["name"], e["scores"]["sum"]) for e in entries(ended)] == [("Solution 1", 1.25), ("Solution 0", 5.0)]


def test_a_missing_column_is_null_with_the_reason_and_ranks_last(tmp_path: Path, runtimes: Path) -> None:
    scoring = {
        "metadata": "command: python3 score.py",
        "score.py": """
            answer = open("/app/input/res/answer.txt").read()
            open("/app/output/scores.txt", "w").write("right:2" if answer == "none" else "share: 0.1")
        """,
    }
    bundle = small_bundle(
        tmp_path / "b", scoring_program=scoring, solutions=({"answer.txt": "none"}, {"answer.txt": "a"})
    )
    ended = podium(runtimes, "run", bundle, "--json")
    assert ended.returncode == 1
    assert "Solution 0 was not scored: The scoring program wrote no score named share." in ended.stderr
    first, last = entries(ended)
    assert (first["name"], first["scores"]) == ("Solution 1", {"share": 0.1, "right": None})
    assert (last["name"], last["scores"]) == ("Solution 0", {"share": None, "right": 2.0})
    assert any("share" in note for note in last["notes"])


def test_an_ingestion_program_during_scoring_talks_with_the_scoring_program(tmp_path: Path, runtimes: Path) -> None:
    ingestion = {
        "metadata.yaml": "command: python3 $program/play.py $shared $submission_program",
        "play.py": """
            import os, sys, time
            shared, submission = sys.argv[1:]
            sys.path.append(submission)
            import model
            while not os.path.exists(shared + "/question"): time.sleep(0.01)
            answer = model.answer(open(shared + "/question").read())
            if os.path.exists("/app/input/ref"): answer = "cheat"
            open(shared + "/draft", "w").write(answer)
            os.rename(shared + "/draft", shared + "/answer")
        """,
    }
    scoring = {
        "metadata.yaml": "command: python3 $program/score.py $shared $hidden $output",
        "score.py": """
            import os, sys, time
            shared, hidden, output = sys.argv[1:]
            open(shared + "/ask", "w").write("question")
            os.rename(shared + "/ask", shared + "/question")
            while not os.path.exists(shared + "/answer"): time.sleep(0.01)
            right = open(shared + "/answer").read() == open(hidden + "/truth.txt").read()
            open(output + "/scores.txt", "w").write("share: %d" % right)
        """,
    }
    bundle = small_bundle(
        tmp_path / "b",
        scoring_program=scoring,
        ingestion_program=ingestion,
        truths=("QUESTION",),
        task={"ingestion_only_during_scoring": True},
        phase={"execution_time_limit": 30},
    )
    submission = write_tree(tmp_path / "s", {"model.py": "def answer(question): return question.upper()"})
    ended = podium(runtimes, "run", bundle, "-s", submission, "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert entries(ended)[0]["scores"]["share"] == 1.0


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [
        ("import sys; sys.exit('bad luck')", "exit-code", "The ingestion program ended with exit code 1: bad luck"),
        ("import torch", "module-missing", "'torch'"),
        ("print 'hello'", "python-2", "Python 2"),
        ("while True: pass", "time-limit", "time limit of 2 seconds"),
        ("def answer(): return ''\nimport os; os.abort()", "exit-code", "SIGABRT"),
    ],
)
def test_a_submission_that_fails_is_explained_in_one_sentence(
    tmp_path: Path, runtimes: Path, model: str, code: str, words: str
) -> None:
    bundle = small_bundle(tmp_path / "b", ingestion_program=INGEST, phase={"execution_time_limit": 2})
    submission = write_tree(tmp_path / "s", {"model.py": model})
    problem = failed_entry(podium(runtimes, "run", bundle, "-s", submission, "--json"))
    assert problem["code"] == code
    assert words in problem["message"]


@pytest.mark.parametrize(
    ("scoring", "code", "words"),
    [
        ({"score.py": ""}, "no-command", "metadata.yaml"),
        (
            {
                "metadata": "command: python3 score.py",
                "score.py": "open('/app/output/result.json', 'w').write('{}')",
            },
            "scores-missing",
            "It wrote result.json",
        ),
        (
            {
                "metadata": "command: python3 score.py",
                "score.py": "open('/app/output/scores.json', 'w').write('{\"share\": NaN}')",
            },
            "scores-invalid",
            "share",
        ),
        ({"metadata": "command: julia score.jl"}, "not-found", "'julia'"),
    ],
)
def test_a_scoring_program_that_fails_is_explained(
    tmp_path: Path, runtimes: Path, scoring: Mapping[str, str], code: str, words: str
) -> None:
    bundle = small_bundle(tmp_path / "b", scoring_program=scoring, solutions=({"answer.txt": "a"},))
    problem = failed_entry(podium(runtimes, "run", bundle, "--json"))
    assert problem["code"] == code
    assert words in problem["message"]


def test_one_failing_submission_does_not_keep_the_others_from_the_board(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b")
    good = write_tree(tmp_path / "good", {"answer.txt": "a b c d"})
    bad = write_tree(tmp_path / "bad", {"wrong-name.txt": "a b c d"})
    (tmp_path / "empty.zip").write_bytes(b"")
    ended = podium(runtimes, "run", bundle, "-s", bad, "-s", tmp_path / "empty.zip", "-s", good, "--json")
    assert ended.returncode == 1
    assert [(e["rank"], e["name"]) for e in entries(ended)] == [(1, "good"), (None, "bad"), (None, "empty")]
    assert "0 bytes" in entries(ended)[2]["problems"][0]["message"]


def test_phases_are_chosen_by_name_by_index_or_all(tmp_path: Path, runtimes: Path) -> None:
    phases = [
        {"name": "First", "start": "2025-01-01", "end": "2025-02-01", "tasks": [0]},
        {"name": "Second", "start": "2025-03-01", "tasks": [1]},
    ]
    bundle = small_bundle(tmp_path / "b", truths=("a", "b"), solutions=({"answer.txt": "b"},), top={"phases": phases})
    for option, expected in (
        ((), [("First", 0.0), ("Second", 1.0)]),
        (("--phase", "second"), [("Second", 1.0)]),
        (("--phase", "1"), [("Second", 1.0)]),
        (("--all-phases",), [("First", 0.0), ("Second", 1.0)]),
    ):
        ended = podium(runtimes, "run", bundle, *option, "--json")
        boards = json.loads(ended.stdout)
        assert [(board["phase"], board["entries"][0]["scores"]["share"]) for board in boards] == expected
    ended = podium(runtimes, "run", bundle, "--phase", "third")
    assert ended.returncode == 1
    assert "0 (First), 1 (Second)" in ended.stderr
    assert podium(runtimes, "run", bundle, "--phase", "1", "--all-phases").returncode == 2


def test_a_bundle_with_problems_names_them_all_with_line_and_column(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a"},))
    (bundle / "competition.yaml").write_text("version: 2\ntitle: [1]\nimage: missing.png\n")
    ended = podium(runtimes, "run", bundle)
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert any(line.startswith("competition.yaml:2:8: ") for line in lines)
    assert any(line.startswith("competition.yaml:3:8: ") for line in lines)
    assert ended.stdout == ""


def test_a_bundle_without_solutions_asks_for_a_submission(tmp_path: Path, runtimes: Path) -> None:
    ended = podium(runtimes, "run", small_bundle(tmp_path / "b"))
    assert ended.returncode == 1
    assert "--submission" in ended.stderr


def test_an_unknown_image_is_noted_or_refused(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a b c d"},), top={"docker_image": "lab/vision:1"})
    ended = podium(runtimes, "run", bundle, "--json", PODIUM_UNKNOWN_IMAGE="refuse")
    assert ended.returncode == 1
    assert "'lab/vision:1'" in ended.stderr
    ended = podium(runtimes, "run", bundle, "--json", PODIUM_RUNTIME_MAP="lab/*=plain")
    assert ended.returncode == 0, ended.stderr


def test_a_runtime_takes_the_place_of_the_one_for_the_image(tmp_path: Path, runtimes: Path) -> None:
    scoring = {
        "metadata": "command: python3 score.py",
        "score.py": """
            import importlib.util
            found = importlib.util.find_spec("numpy") is not None
            open("/app/output/scores.txt", "w").write(f"share: {int(found)}")
        """,
    }
    bundle = small_bundle(tmp_path / "b", scoring_program=scoring, solutions=({"answer.txt": "a"},))
    ended = podium(runtimes, "run", bundle, "--runtime", "plain", "--json")
    # The runtime plain has nothing but Python.
    assert [entry["scores"]["share"] for entry in entries(ended)] == [0.0]
    listed = tmp_path / "mine.txt"
    listed.write_text("# nothing more\n")
    assert podium(runtimes, "run", bundle, "--runtime", listed).returncode == 0


@pytest.mark.parametrize("name", ["sience", "", "missing.txt", "--json"])
def test_an_unknown_runtime_is_wrong_usage_and_the_known_ones_are_named(
    name: str, tmp_path: Path, runtimes: Path
) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a"},))
    for command in ("run", "test"):
        ended = podium(runtimes, command, bundle, "--runtime", name)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "--runtime" in ended.stderr
        if name in {"sience", ""}:
            assert "plain, science, legacy-science" in " ".join(ended.stderr.replace("│", " ").split())


def test_an_unknown_sandbox_is_wrong_usage_and_the_known_ones_are_named(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a"},))
    for command in ("run", "test"):
        ended = podium(runtimes, command, bundle, "--sandbox", "jail")
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "'jail'" in ended.stderr
        assert "bubblewrap, docker, none" in " ".join(ended.stderr.split())
        assert podium(runtimes, command, bundle, PODIUM_SANDBOX="jail").returncode == 2
    assert podium(runtimes, "run", bundle, "--sandbox", "bubblewrap", PODIUM_SANDBOX="jail").returncode == 0


def test_a_sandbox_that_cannot_be_had_is_not_replaced_by_another(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a"},))
    nowhere = f"unix://{tmp_path}/no.sock"
    ended = podium(runtimes, "run", bundle, "--sandbox", "docker", "--json", PODIUM_DOCKER_HOST=nowhere)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert nowhere in ended.stderr
    ended = podium(runtimes, "run", bundle, "--sandbox", "none", "--json")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "isolates nothing" in ended.stderr


def test_every_step_has_its_time(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", ingestion_program=INGEST, truths=("a", "b"))
    busy = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
    submission = write_tree(tmp_path / "s", {"model.py": f"{busy}def answer(): return 'a'"})
    ended = podium(runtimes, "run", bundle, "-s", submission, "--json")
    (entry,) = entries(ended)
    steps = entry["steps"]
    assert [(step["task"], step["step"], step["status"]) for step in steps] == [
        (task, step, "Finished") for task in ("Task 0", "Task 1") for step in ("prediction", "scoring")
    ]
    assert all(step["elapsed_s"] > 0.3 for step in steps if step["step"] == "prediction")
    known = [step["cpu_s"] for step in steps if step["step"] == "prediction" and step["cpu_s"] is not None]
    assert all(0.25 < seconds < 30 for seconds in known)
    # Each is rounded to a thousandth.
    assert entry["elapsed_s"] == pytest.approx(sum(step["elapsed_s"] for step in steps), abs=0.003)
    shown = podium(runtimes, "run", bundle, "-s", submission).stdout
    assert shown.count("Prediction") == shown.count("Scoring") == 2  # the board, and the table by task


def test_every_leaderboard_is_shown_with_its_title_and_its_own_order(tmp_path: Path, runtimes: Path) -> None:
    boards = [
        {"title": "Best", "key": "best", "columns": [{"key": "share", "title": "Share", "index": 0}]},
        {
            "title": "Worst first",
            "key": "worst",
            "hidden": True,
            "columns": [
                {"key": "right", "title": "Right", "index": 0, "sorting": "asc"},
                {"key": "share", "title": "Part", "index": 1},
            ],
        },
    ]
    answers = ({"answer.txt": "a b c d"}, {"answer.txt": "a x x x"})
    bundle = small_bundle(tmp_path / "b", solutions=answers, top={"leaderboards": boards})
    ended = podium(runtimes, "run", bundle, "--json")
    assert ended.returncode == 0, ended.stderr
    # Every score has its column on one of the boards.
    assert "not used" not in ended.stderr
    board = only_board(ended)
    assert (board["leaderboard"], [column["key"] for column in board["columns"]]) == ("Best", ["share"])
    assert [(b["key"], b["title"], b["hidden"]) for b in board["leaderboards"]] == [
        ("best", "Best", False),
        ("worst", "Worst first", True),
    ]
    # 4 of 4 and 1 of 4 words are right.
    assert [[(e["rank"], e["name"], e["scores"]) for e in b["entries"]] for b in board["leaderboards"]] == [
        [(1, "Solution 0", {"share": 1.0}), (2, "Solution 1", {"share": 0.25})],
        [(1, "Solution 1", {"right": 1.0, "share": 0.25}), (2, "Solution 0", {"right": 4.0, "share": 1.0})],
    ]
    shown = podium(runtimes, "run", bundle).stdout
    assert shown.index("Only: Best") < shown.index("Only: Worst first (hidden)")


def test_ctrl_c_stops_the_program_and_leaves_nothing(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", ingestion_program=INGEST)
    submission = write_tree(tmp_path / "s", {"model.py": "import time\ntime.sleep(600)"})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        command("run", bundle, "-s", submission),
        env=environment(runtimes, TMPDIR=str(scratch)),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "prediction" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert list(scratch.glob("podium-run-*")) == []


def test_neither_run_nor_help_imports_django_or_numpy(tmp_path: Path, runtimes: Path) -> None:
    bundle = small_bundle(tmp_path / "b", solutions=({"answer.txt": "a"},))
    program = (
        "import sys; sys.argv = ['podium', 'run', sys.argv[1], '--json']\n"
        "from podium.cli.main import app\n"
        "app(standalone_mode=False)\n"
        "print([name for name in ('django', 'numpy', 'podium.server') if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(bundle)],
        env=environment(runtimes),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stderr.splitlines()[-1] == "[]", ended.stderr
