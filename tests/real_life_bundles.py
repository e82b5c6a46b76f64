"""Bundles written the ways organizers write them, in both formats, each with a scoring program that works.

A submission of ANSWER scores SHARE in every column that no computation fills.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent

from tests.small_bundles import PNG

ANSWER = {"answer.txt": "a b c x"}
# Three of the four words of TRUTH.
SHARE = 0.75
TRUTH = "a b c d\n"
LONG = "balanced_accuracy_of_the_linear_probe_on_all_nights"
LONG_TITLE = "Balanced accuracy of the linear probe on all nights, averaged over people"


@dataclass(frozen=True)
class RealLife:
    """A bundle: its competition.yaml, the keys its program scores, and files beside the usual ones (None: without)."""

    description: str
    keys: tuple[str, ...] = ("accuracy",)
    files: Mapping[str, str | bytes | None] = field(default_factory=dict)
    root: str = ""

    def members(self) -> dict[str, bytes]:
        """All files by their names."""
        written = f"""
            import pathlib, sys
            source, target = map(pathlib.Path, sys.argv[1:])
            (truth,) = (path for path in source.joinpath("ref").rglob("*") if path.is_file())
            pairs = list(zip(truth.read_text().split(), source.joinpath("res/answer.txt").read_text().split()))
            share = sum(a == b for a, b in pairs) / len(pairs)
            lines = [f"{{key}}: {{share}}" for key in {list(self.keys)!r}]
            target.joinpath("scores.txt").write_text("\\n".join(lines))
        """
        usual: dict[str, str | bytes | None] = {
            "logo.png": PNG,
            "terms.md": "Be fair.\n",
            "pages/overview.html": "<p>Words</p>\n",
            "scoring/metadata": "command: python3 $program/score.py $input $output\n",
            "scoring/score.py": dedent(written),
            "truth/truth.txt": TRUTH,
        }
        usual |= {"competition.yaml": dedent(self.description), **self.files}
        content = {name: text for name, text in usual.items() if text is not None}
        return {
            f"{self.root}{name}": text.encode() if isinstance(text, str) else text for name, text in content.items()
        }


def version_2(*, top: str = "", task: str = "", data: str = "truth", phases: str = "", boards: str = "") -> str:
    """A competition.yaml of version 2; every part may be written otherwise."""
    return f"""\
version: 2
title: Words
docker_image: podium/plain
image: logo.png
terms: terms.md
{top}tasks:
- index: 0
  name: Words
  scoring_program: scoring/
  reference_data: {data}
{task}{phases or PHASES}{boards or BOARDS}"""


PHASES = "phases:\n- {index: 0, name: Only, start: 2020-01-01, tasks: [0]}\n"
BOARDS = "leaderboards:\n- {title: Results, key: main, columns: [{title: Accuracy, key: accuracy, index: 0}]}\n"

LONG_NAMES = f"""\
leaderboards:
- title: {LONG_TITLE}
  key: {LONG}
  columns:
  - {{title: "{LONG_TITLE}", key: {LONG}, index: 0, precision: 4}}
"""
ONE_DAY = """\
phases:
- {name: Development, start: 8-01-2020, end: 10-31-2020, tasks: [0], max_submissions: , execution_time_limit: }
- {name: Final, start: 11-01-2020, end: 11-01-2020, tasks: [0]}
"""
LISTS_OF_ONE = "phases: {name: Only, start: 2020-01-01 9:45:00+02:00, tasks: 0}\n"
UNNUMBERED = """\
leaderboard:
  title: Results
  key: main
  columns:
  - {title: Accuracy, key: accuracy, sorting: DESC}
  - {title: Other, key: other, sorting: asc}
"""
DUMP = """\
solutions: []
phases:
- index: 0
  name: Erste Phase
  description: null
  start: '2020-01-01'
  end: null
  max_submissions_per_day: null
  max_submissions: null
  execution_time_limit: '600'
  auto_migrate_to_this_phase: false
  tasks:
  - 0
  solutions: []
"""
TWO_BOARDS = """\
leaderboards:
- index: 0
  title: One
  key: one
  columns: [{title: Accuracy, key: accuracy, index: 0}]
- index: 0
  title: Two
  key: two
  columns:
  - {title: Other, key: other, index: 0, computation: null, computation_indexes: null}
  - {title: Both, key: both, index: 1, computation: Avg, computation_indexes: 0}
"""
ACCENTS = "tasks:\n- {index: 0, name: Mots, scoring_program: scoring, reference_data: vérité du jour/}\n"
CODALAB_BOARD = """\
leaderboard:
  leaderboards:
    RESULTS: &RESULTS {label: Results, rank: 1}
  columns:
    accuracy: {leaderboard: *RESULTS, label: Accuracy, rank: 1, sort: Desc, numeric_format: '4'}
"""
NOTHING_BUT_A_PAGE = f"""\
title: Words
description: null
competition_docker_image: podium/plain
has_registration: true
html: {{overview: pages/overview.html}}
phases:
  1: {{phasenumber: 1, label: Only, start_date: 2020-01-01, scoring_program: scoring, reference_data: truth}}
{CODALAB_BOARD}"""
OF_PYTHON_2 = """\
competition_docker_image: !!python/unicode 'podium/plain'
title: !!python/unicode 'W\\xF6rter'
image: logo.png
end_date: null
html: {Terms and Conditions: terms.md, overview: pages/overview.html}
phases:
  0:
    auto_migration: false
    color: !!python/unicode 'blue'
    description: !!python/unicode ''
    label: !!python/unicode 'Only'
    max_submissions: !!python/long '100'
    phasenumber: 1
    reference_data: truth/truth.txt
    scoring_program: scoring
    start_date: 2020-01-01 14:58:19+00:00
leaderboard:
  columns:
    accuracy:
      label: < Accuracy >
      leaderboard: &id001
        label: RESULTS
        rank: 1
      rank: 2
      sort: desc
    rank:
      computed: {operation: Avg, fields: accuracy}
      label: Rank
      leaderboard: *id001
      rank: 1
      sort: asc
  leaderboards:
    RESULTS: *id001
"""
WITH_A_BREAK = f"""\
# Build an example competition
---
title: Words
competition_docker_image: podium/plain
image:
end_date: 2020-03-01
html: {{overview: pages/overview.html, terms: terms.md}}
phases:
  1: {{phasenumber: 1, label: First, start_date: 2020-01-01, scoring_program: scoring, reference_data: truth}}
  2: {{phasenumber: 2, label: Break, start_date: 2020-02-01, max_submissions: 0, scoring_program: scoring,
      reference_data: truth}}
  3: {{phasenumber: 3, label: Last, start_date: 2020-03-01, auto_migration: True, scoring_program: scoring,
      reference_data: truth}}
{CODALAB_BOARD}---
"""

BUNDLES: Mapping[str, RealLife] = {
    "long names": RealLife(version_2(boards=LONG_NAMES), (LONG,)),
    "data in a file and one day": RealLife(version_2(data="truth/truth.txt", phases=ONE_DAY)),
    "lists of one and columns without numbers": RealLife(
        version_2(phases=LISTS_OF_ONE, boards=UNNUMBERED), ("accuracy", "other")
    ),
    "a dump": RealLife(version_2(top="queue: null\nreward: null\nfact_sheet: null\n", phases=DUMP)),
    "two boards": RealLife(version_2(boards=TWO_BOARDS), ("accuracy", "other")),
    "line ends of Windows and a mark": RealLife("\ufeff" + version_2().replace("\n", "\r\n")),
    "in a folder, with accents": RealLife(
        version_2().replace(version_2().partition("tasks:\n")[2].partition("phases:\n")[0], ACCENTS[len("tasks:\n") :]),
        files={"vérité du jour/vérité.txt": TRUTH, "truth/truth.txt": None},
        root="mon bundle/",
    ),
    "CodaLab without logo and terms": RealLife(NOTHING_BUT_A_PAGE, files={"logo.png": None, "terms.md": None}),
    "CodaLab by Python 2": RealLife(OF_PYTHON_2),
    "CodaLab with a break": RealLife(WITH_A_BREAK),
}
