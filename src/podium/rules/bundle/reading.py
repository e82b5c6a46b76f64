"""Reading a bundle: find its competition.yaml, read it, and name everything that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.bundle.codalab import read_codalab_competition
from podium.rules.bundle.competition import read_competition
from podium.rules.bundle.document import MAX_TEXT_BYTES, parse_yaml
from podium.rules.bundle.files import BundleFiles, decode_text
from podium.rules.bundle.findings import Findings
from podium.rules.bundle.location import Location, locate_yaml
from podium.rules.bundle.nodes import Table, kind_in_words
from podium.rules.bundle.source import BundleSource
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.bundle.version import Format, read_format
from podium.rules.errors import BundleError, Problem, UserError


@dataclass(frozen=True)
class BundleReading:
    """What was found in a bundle: the competition (None where there is an error) and all problems and notes.

    `root` is the folder of competition.yaml inside the source, "" at the top; the paths of the specification are
    relative to it. `draft` is what could be read in spite of errors: good for finding more of them, for nothing else.
    """

    spec: CompetitionSpec | None
    problems: tuple[Problem, ...]
    root: str
    draft: CompetitionSpec | None = None

    def require(self) -> CompetitionSpec:
        """The competition. Raises BundleError with every problem where there is an error."""
        if self.spec is None:
            raise BundleError(self.problems)
        return self.spec

    def member_name(self, path: str) -> str:
        """The name in the source of a path of the specification."""
        return f"{self.root}/{path}" if self.root else path


def read_bundle(source: BundleSource) -> BundleReading:
    """Read the bundle. Never raises for what it contains: every mistake is a problem of the reading."""
    try:
        location = locate_yaml(source)
    except UserError as failure:
        return BundleReading(None, _problems_of(failure), "")
    if isinstance(location, Problem):
        return BundleReading(None, (*source.notes, location), "")
    findings = Findings(location.name)
    for note in (*source.notes, *location.notes):
        findings.add(note)
    spec = _read(source, location, findings)
    return BundleReading(None if findings.has_errors else spec, findings.sorted(), location.root, spec)


def _read(source: BundleSource, location: Location, findings: Findings) -> CompetitionSpec | None:
    try:
        content = source.read(location.name, limit_bytes=MAX_TEXT_BYTES)
    except UserError as failure:
        for problem in _problems_of(failure):
            findings.add(problem)
        return None
    text, is_unicode = decode_text(content)
    if not is_unicode:
        message = f"{location.name} is not UTF-8 and is read as Windows-1252."
        findings.note("text-encoding", message, hint="Save it as UTF-8.")
    document = parse_yaml(text, findings)
    if document is None:
        return None
    if not isinstance(document, Table):
        message = f"{location.name} is {kind_in_words(document)} where a table of keys belongs."
        findings.error("not-a-table", message, document.mark, 'Start it with "version: 2" and "title: ...".')
        return None
    written = read_format(document, findings)
    if written is None:
        return None
    read = read_codalab_competition if written is Format.CODALAB else read_competition
    return read(document, BundleFiles(source, location.root, findings), findings)


def _problems_of(failure: UserError) -> tuple[Problem, ...]:
    if isinstance(failure, BundleError):
        return failure.problems
    return (Problem(failure.code, failure.message, failure.hint),)
