"""Bundles in memory for tests of the reader."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from tests.small_bundles import PNG

from podium.rules.bundle import BundleReading, MemberKind, read_bundle
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import NotFound, Problem, TooLarge

# The smallest complete competition. Tests replace or add lines and count on these line numbers.
SMALL = """\
version: 2
title: Small
image: logo.png
terms: terms.md
tasks:
  - index: 0
    name: The task
    scoring_program: scoring/
phases:
  - name: The phase
    start: 2026-01-01
    tasks: [0]
leaderboards:
  - title: Results
    key: main
    columns:
      - title: Accuracy
        key: accuracy
        index: 0
"""

FILES: Mapping[str, bytes] = {
    "logo.png": PNG,
    "terms.md": b"Be fair.\n",
    "scoring/metadata.yaml": b"command: python score.py\n",
    "scoring/score.py": b"print()\n",
    "data.zip": b"PK\x05\x06" + bytes(18),
}


class MemorySource:
    """A BundleSource of a dictionary."""

    notes: tuple[Problem, ...] = ()

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.folders = {str(folder) for name in files for folder in PurePosixPath(name).parents}

    def names(self) -> Collection[str]:
        return self.files.keys()

    def kind(self, name: str) -> MemberKind | None:
        if name in self.files:
            return "file"
        return "folder" if name in self.folders else None

    def head(self, name: str, size_bytes: int) -> bytes:
        return self.read(name, limit_bytes=10**9)[:size_bytes]

    def read(self, name: str, *, limit_bytes: int) -> bytes:
        if name not in self.files:
            raise NotFound("member-missing", name)
        if len(self.files[name]) > limit_bytes:
            raise TooLarge("file-large", name)
        return self.files[name]


def read_text(yaml: str | bytes, files: Mapping[str, bytes] | None = None) -> BundleReading:
    """The reading of a bundle with that competition.yaml and the files of FILES, more or others by `files`."""
    content = yaml.encode() if isinstance(yaml, str) else yaml
    return read_bundle(MemorySource({**FILES, "competition.yaml": content, **(files or {})}))


def spec_of(yaml: str, files: Mapping[str, bytes] | None = None) -> CompetitionSpec:
    """The competition, which must have no errors."""
    return read_text(yaml, files).require()


def errors_of(yaml: str | bytes, files: Mapping[str, bytes] | None = None) -> list[tuple[str, int | None, int | None]]:
    """Code, line and column of every error, in order."""
    return [(p.code, p.line, p.column) for p in read_text(yaml, files).problems if p.severity == "error"]


def notes_of(yaml: str, files: Mapping[str, bytes] | None = None) -> list[tuple[str, int | None, int | None]]:
    """Code, line and column of every note of a bundle without errors, in order."""
    reading = read_text(yaml, files)
    assert reading.spec is not None, reading.problems
    return [(p.code, p.line, p.column) for p in reading.problems]


def changed(old: str, new: str, yaml: str = SMALL) -> str:
    """The YAML with one passage replaced, which must occur exactly once."""
    assert yaml.count(old) == 1, f"{old!r} occurs {yaml.count(old)} times"
    return yaml.replace(old, new)


# The smallest complete competition of CodaLab, with line numbers to count on as well.
OLD = """\
title: Old
image: logo.png
html:
  overview: terms.md
  terms: terms.md
phases:
  1:
    phasenumber: 1
    label: First
    start_date: 2026-01-01 12:00:00
    scoring_program: data.zip
  2:
    phasenumber: 2
    label: Second
    start_date: 2026-02-01 18:30:00
    scoring_program: data.zip
leaderboard:
  leaderboards:
    RESULTS: &RESULTS
      label: Results
      rank: 1
  columns:
    accuracy:
      leaderboard: *RESULTS
      label: Accuracy
      rank: 1
    seconds:
      leaderboard: *RESULTS
      rank: 2
"""
