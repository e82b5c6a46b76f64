"""Deliberately broken bundles, each with everything that `podium lint` has to say about it and nothing else.

Every case changes the small bundle of `tests.unit.rules.bundle.bundles`; lines and columns were counted by hand there.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.unit.blobs.archives.zips import zip_bytes
from tests.unit.rules.bundle.bundles import FILES, SMALL, changed

from podium.cli.local.lint import lint_path

GOOD = {"scoring/score.py": b"print({'accuracy': 1})\n"}
TITLE, TASK, SCORING = "title: Small\n", "    name: The task\n", "    scoring_program: scoring/\n"
START, TASKS, LAST = "    start: 2026-01-01\n", "    tasks: [0]\n", "        index: 0\n"
KEY = "    key: main\n"
SECOND_COLUMN = "      - title: Other\n        key: accuracy_too\n"


@dataclass(frozen=True)
class Broken:
    """A passage of the YAML and what stands there instead, files beside it, and the problems: `code@line:column`."""

    name: str
    old: str
    new: str
    problems: tuple[str, ...]
    files: Mapping[str, bytes | None] = field(default_factory=dict)


def _case(name: str, old: str, new: str, *problems: str, **files: bytes | None) -> Broken:
    return Broken(
        name, old, new, problems, {path.replace("__", "/").replace("_dot_", "."): c for path, c in files.items()}
    )


CASES = [
    # The whole file.
    _case("no version", "version: 2\n", "", "version-missing@1:1"),
    _case("a later version", "version: 2", "version: 3", "version-unknown@1:10"),
    _case("a version in words", "version: 2", "version: two", "version-unknown@1:10"),
    _case("nothing", SMALL, "", "yaml-empty@"),
    _case("a list", SMALL, "- version: 2\n", "not-a-table@1:1"),
    _case("a tab", TASK, "\tname: The task\n", "yaml-syntax@7:1"),
    _case("an open quotation mark", TITLE, "title: 'Small\n", "yaml-syntax@20:1"),
    _case("two documents", TITLE, "title: Small\n---\n", "yaml-documents@3:1"),
    _case("an unknown alias", TITLE, "title: *small\n", "yaml-aliases@2:8"),
    _case("a key twice", TITLE, "title: Small\ntitle: Large\n", "yaml-duplicate-key@3:1"),
    # The competition.
    _case("no title", TITLE, "", "key-missing@1:1"),
    _case("an empty title", TITLE, "title: ''\n", "key-missing@2:8"),
    _case("a long title", TITLE, f"title: {'x' * 257}\n", "text-long@2:8"),
    _case("a list as title", TITLE, "title: [Small]\n", "wrong-type@2:8"),
    _case("a flag in words", TITLE, f"{TITLE}forum_enabled: perhaps\n", "not-a-flag@3:16"),
    _case("an unknown type", TITLE, f"{TITLE}competition_type: contest\n", "not-a-choice@3:19"),
    _case("a queue by name", TITLE, f"{TITLE}queue: fast\n", "not-a-uuid@3:8"),
    _case("no e-mail address", TITLE, f"{TITLE}contact_email: anna\n", "not-an-e-mail@3:16"),
    _case("no image name", TITLE, f"{TITLE}docker_image: a b\n", "image-name@3:15"),
    # Files.
    _case("no such logo", "logo.png", "lego.png", "file-missing@3:8"),
    _case("a folder as logo", "logo.png", "scoring", "file-is-folder@3:8"),
    _case("a text as logo", "logo.png", "terms.md", "image-format@3:8"),
    _case("a logo from above", "logo.png", "../logo.png", "path-outside@3:8"),
    _case("a logo from the root", "logo.png", "/logo.png", "path-absolute@3:8"),
    _case("a logo with a backslash", "logo.png", "a\\logo.png", "path-backslash@3:8"),
    _case("empty terms", TITLE, TITLE, "file-empty@4:8", terms_dot_md=b" \n"),
    _case("terms that are no text", TITLE, TITLE, "not-text@4:8", terms_dot_md=b"a\0b"),
    _case("no such program", "scoring/", "scorer.zip", "file-missing@8:22"),
    _case("a program that is no archive", "scoring/", "terms.md", "member-not-zip@8:22"),
    _case("a damaged program", "scoring/", "p.zip", "archive-damaged@8:22", p_dot_zip=b"PK\x03\x04 gone"),
    _case(
        "an unsafe program",
        "scoring/",
        "p.zip",
        "path-outside@8:22",
        p_dot_zip=zip_bytes([("../score.py", b""), ("metadata", b"command: x")]),
    ),
    # Programs.
    _case("no metadata", TITLE, TITLE, "program-no-metadata@8:22", scoring__metadata_dot_yaml=None),
    _case(
        "no command", TITLE, TITLE, "program-no-command@scoring/metadata.yaml", scoring__metadata_dot_yaml=b"image: x\n"
    ),
    _case(
        "a command without its script",
        TITLE,
        TITLE,
        "program-no-script@scoring/metadata.yaml:1:10",
        scoring__metadata_dot_yaml=b"command: python main.py\n",
    ),
    _case(
        "a command with an open quotation mark",
        TITLE,
        TITLE,
        "program-command@scoring/metadata.yaml:1:10",
        scoring__metadata_dot_yaml=b"command: python 'score.py\n",
    ),
    # Tasks and solutions.
    _case("a task without index", "  - index: 0\n    name", "  - name", "key-missing@6:5"),
    _case("an index in words", "  - index: 0\n", "  - index: zero\n", "not-a-whole-number@6:12"),
    _case("a negative index", "  - index: 0\n", "  - index: -1\n", "number-out-of-range@6:12"),
    _case("a task without a name", TASK, "", "key-missing@6:5"),
    _case("a task without a program", SCORING, "", "key-missing@6:5"),
    _case("a task that is a text", "phases:\n", "  - The other task\nphases:\n", "not-a-table@9:5"),
    _case(
        "an index twice",
        "phases:\n",
        "  - {index: 0, name: Other, scoring_program: scoring}\nphases:\n",
        "index-repeated@9:13",
    ),
    _case(
        "a solution of an unknown task",
        "phases:\n",
        "solutions:\n  - {index: 0, path: scoring, tasks: [7]}\nphases:\n",
        "task-unknown@10:39",
    ),
    _case(
        "expectations of an unknown column",
        "phases:\n",
        "solutions:\n  - {index: 0, path: data.zip, tasks: [0], podium: {expected_scores: {f1: 1}}}\nphases:\n",
        "expected-scores@10:22",
        "note member-empty@10:22",
    ),
    # Phases.
    _case("no start", START, "", "key-missing@10:5"),
    _case("a start in words", START, "    start: tomorrow\n", "not-a-date@11:12"),
    _case("a month too many", START, "    start: 2026-13-01\n", "not-a-date@11:12"),
    _case("an end before the start", START, f"{START}    end: 2025-01-01\n", "phase-window@12:10"),
    _case("an unknown task", TASKS, "    tasks: [1]\n", "task-unknown@12:13"),
    _case("no list of tasks", TASKS, "    tasks: {a: 0}\n", "not-a-list@12:12"),
    _case("no tasks", TASKS, "    tasks: []\n", "list-empty@12:12"),
    _case("a limit in words", TASKS, f"{TASKS}    max_submissions: many\n", "not-a-whole-number@13:22"),
    _case(
        "nothing to migrate from",
        TASKS,
        f"{TASKS}    auto_migrate_to_this_phase: true\n",
        "phase-migrates-nothing@13:33",
    ),
    _case(
        "a phase without end before another",
        TASKS,
        f"{TASKS}  - {{name: Next, start: 2026-02-01, index: 1, tasks: [0]}}\n",
        "phase-endless@10:5",
    ),
    _case(
        "phases at the same time",
        START,
        f"{START}    end: 2026-03-01\n    tasks: [0]\n  - name: Next\n    index: 1\n    start: 2026-02-01\n",
        "phase-overlap@16:12",
    ),
    # Leaderboards.
    _case("no leaderboards", SMALL[SMALL.index("leaderboards:") :], "", "key-missing@1:1"),
    _case("leaderboards twice", "leaderboards:", "leaderboard: []\nleaderboards:", "leaderboard-twice@13:1"),
    _case("an unknown rule", KEY, f"{KEY}    submission_rule: Best\n", "not-a-choice@16:22"),
    _case(
        "an unknown first column", "    key: main\n", "    key: main\n    primary_index: 3\n", "primary-unknown@16:20"
    ),
    _case("a column without a key", "        key: accuracy\n", "", "key-missing@17:9"),
    _case("an unknown order", LAST, f"{LAST}        sorting: up\n", "not-a-choice@20:18"),
    _case("too many decimals", LAST, f"{LAST}        precision: 99\n", "number-out-of-range@20:20"),
    _case("two columns of one index", LAST, f"{LAST}{SECOND_COLUMN}{LAST}", "index-repeated@22:16"),
    _case("a computation of nothing", LAST, f"{LAST}        computation: sum\n", "computation-without-indexes@20:22"),
    _case(
        "indexes for nothing",
        LAST,
        f"{LAST}        computation_indexes: [0]\n",
        "indexes-without-computation@20:30",
        "computation-of-itself@20:30",
    ),
    _case(
        "a computation of what is not there",
        LAST,
        f"{LAST}        computation: sum\n        computation_indexes: [5]\n",
        "computation-of-unknown@21:30",
    ),
    _case(
        "columns computed from one another",
        LAST,
        f"{LAST}        computation: sum\n        computation_indexes: [1]\n{SECOND_COLUMN}        index: 1\n"
        "        computation: avg\n        computation_indexes: [0]\n",
        "computation-circle@21:30",
    ),
    # The fact sheet.
    _case("a fact sheet as list", TITLE, f"{TITLE}fact_sheet: [how]\n", "not-a-table@3:13"),
    _case("a key with a space", TITLE, f"{TITLE}fact_sheet: {{a b: {{type: text}}}}\n", "fact-sheet-key@3:14"),
    _case("no choices", TITLE, f"{TITLE}fact_sheet: {{a: {{type: select}}}}\n", "selection-empty@3:17"),
    _case("an unknown kind of answer", TITLE, f"{TITLE}fact_sheet: {{a: {{type: number}}}}\n", "not-a-choice@3:24"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everything_that_is_wrong_is_named_and_nothing_else(case: Broken, tmp_path: Path) -> None:
    yaml = changed(case.old, case.new)
    files = {**FILES, **GOOD, "competition.yaml": yaml.encode(), **case.files}
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    found = [
        f"{'note ' if problem.severity == 'note' else ''}{problem.code}@"
        + problem.place.removeprefix("competition.yaml").removeprefix(":")
        for problem in lint_path(path).problems
    ]
    assert found == list(case.problems)


def test_there_are_more_than_fifty() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 50
