"""Which version of the format a competition.yaml is written in."""

from __future__ import annotations

from enum import StrEnum

from podium.rules.bundle.findings import Findings
from podium.rules.bundle.nodes import Listing, Scalar, Table, kind_in_words
from podium.rules.bundle.values import parse_decimal

SUPPORTED = "2"
_LEGACY_KEYS = ("html", "leaderboard", "competition_docker_image", "has_registration", "end_date")
_LEGACY_VERSIONS = ("1", "1.5", "1.8")
_KNOWN = f"versions {SUPPORTED} and {', '.join(_LEGACY_VERSIONS)} (CodaLab) are read"


class Format(StrEnum):
    """The two ways to write a competition.yaml."""

    CODABENCH = "2"
    CODALAB = "1.5"


def read_format(document: Table, findings: Findings) -> Format | None:
    """The format of the document; None, and one error, where it has none that can be read.

    Without a version key the shape decides. Version 2 without its key is an error too, but is read on, so that its
    other problems are found.
    """
    entry = document.entries.get("version")
    if entry is None or (isinstance(entry.value, Scalar) and entry.value.kind == "null"):
        return _judge_by_shape(document, findings)
    mark = entry.value.mark
    if not isinstance(entry.value, Scalar):
        message = f'"version" is {kind_in_words(entry.value)} where a number belongs.'
        findings.error("version-unknown", message, mark, 'Write "version: 2".')
        return None
    text = entry.value.text.strip()
    number = parse_decimal(text)
    if number == int(SUPPORTED):
        return Format.CODABENCH
    if number is None or str(number.normalize()) not in _LEGACY_VERSIONS:
        message = f'The version "{text[:60]}" is not known; {_KNOWN}.'
        findings.error("version-unknown", message, mark, 'Write "version: 2".')
        return None
    if _is_second_shape(document) and not _is_legacy_shape(document):
        message = f"The version is {text[:20]}, but the bundle is written like version {SUPPORTED}."
        findings.error("version-mismatch", message, mark, 'Write "version: 2".')
        return None
    return Format.CODALAB


def _judge_by_shape(document: Table, findings: Findings) -> Format:
    if _is_legacy_shape(document) and not _is_second_shape(document):
        message = "The bundle names no version; it is written like CodaLab 1.5 and is read as that."
        hint = "Nothing is to be done. New bundles are better written in version 2."
        findings.note("version-codalab", message, document.mark, hint)
        return Format.CODALAB
    message = "The bundle names no version; it is written like version 2."
    findings.error("version-missing", message, document.mark, 'Add the line "version: 2" at the top.')
    return Format.CODABENCH


def _is_second_shape(document: Table) -> bool:
    phases = document.entries.get("phases")
    is_second = "tasks" in document.entries or "leaderboards" in document.entries
    return is_second or (phases is not None and isinstance(phases.value, Listing))


def _is_legacy_shape(document: Table) -> bool:
    phases = document.entries.get("phases")
    is_legacy = any(key in document.entries for key in _LEGACY_KEYS)
    return is_legacy or (phases is not None and isinstance(phases.value, Table))
