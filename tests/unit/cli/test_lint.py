"""`podium lint`: what it prints, and how it ends."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from tests.small_bundles import small_bundle
from typer.testing import CliRunner

from podium.cli.main import app

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A bundle with one error, a file that its command starts and that is not there, and one note, its image."""
    bundle = small_bundle(tmp_path / "b", scoring_program={"metadata": "command: python run.py", "a.R": "share right"})
    yaml = bundle / "competition.yaml"
    content = json.loads(yaml.read_text())
    del content["docker_image"]
    rest = "".join(f"{key}: {json.dumps(value)}\n" for key, value in content.items())
    yaml.write_text(f"docker_image: someone/else:1\n{rest}")
    return bundle


def lint(*arguments: object) -> tuple[int, str, str]:
    ended = CliRunner().invoke(app, ["lint", *map(str, arguments)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.stdout, ended.stderr


@pytest.mark.parametrize("name", ["hello", "digits"])
def test_the_examples_have_no_problems(name: str) -> None:
    assert lint(EXAMPLES / name) == (0, "", "No problems.\n")


def test_every_problem_is_a_line_of_four_parts_with_errors_first(broken: Path) -> None:
    status, shown, told = lint(broken)
    first, second = [line.split("  ") for line in shown.splitlines()]
    assert status == 1
    assert first[:2] == ["scoring/metadata:1:10", "program-no-script"]
    assert first[2:] == [
        'The command starts "run.py", which is not in "scoring".',
        "Add it, or correct the command.",
    ]
    assert second[:2] == ["competition.yaml:1:15", "image-unknown"]
    assert told == "1 error, 1 note.\n"


def test_notes_alone_end_well(broken: Path) -> None:
    (broken / "scoring" / "run.py").write_text("")
    status, shown, told = lint(broken)
    assert (status, len(shown.splitlines()), told) == (0, 1, "0 errors, 1 note.\n")


def test_json_is_one_object_with_everything(broken: Path) -> None:
    status, shown, _ = lint("--json", broken)
    report = json.loads(shown)
    assert status == 1
    assert (report["bundle"], report["errors"], report["notes"]) == (str(broken), 1, 1)
    assert report["problems"][1]["code"] == "image-unknown"
    assert {key: report["problems"][0][key] for key in ("severity", "code", "file", "line", "column")} == {
        "severity": "error",
        "code": "program-no-script",
        "file": "scoring/metadata",
        "line": 1,
        "column": 10,
    }


def test_sarif_has_what_version_2_1_0_requires(broken: Path) -> None:
    status, shown, _ = lint("--sarif", broken)
    log = json.loads(shown)
    # Sections 3.13, 3.14, 3.18, 3.19 and 3.27 of the standard: what must be there, and how levels are called.
    assert status == 1
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "podium lint"
    assert [result["level"] for result in run["results"]] == ["error", "note"]
    for result in run["results"]:
        assert result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "scoring/metadata"},
        "region": {"startLine": 1, "startColumn": 10},
    }


def test_what_is_no_bundle_is_a_problem_too(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("no zip")
    status, shown, told = lint(tmp_path / "b.zip")
    assert (status, told) == (1, "1 error, 0 notes.\n")
    assert "archive-not-zip" in shown


def test_both_formats_at_once_are_wrong_usage(tmp_path: Path) -> None:
    assert lint("--json", "--sarif", tmp_path)[0] == 2


def test_a_place_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["lint", str(tmp_path / "gone")])
    assert getattr(ended.exception, "code", None) == "bundle-missing"


def test_ten_thousand_columns_are_looked_at_in_seconds(tmp_path: Path) -> None:
    # Four thousand of them are sums of the one after, as many as the limit on the values of a YAML leaves room for.
    columns = [
        {"key": f"c{i}", "title": f"C{i}", "index": i}
        | ({"computation": "sum", "computation_indexes": [i + 1]} if i < 4000 else {})
        for i in range(10_000)
    ]
    bundle = small_bundle(tmp_path / "b", columns=tuple(columns))
    started = time.process_time()
    status, shown, _ = lint(bundle)
    assert status == 0
    assert time.process_time() - started < 15
    # The small scoring program writes none of these; a list of six thousand notes would help nobody.
    assert 0 < len(shown.splitlines()) <= 101
