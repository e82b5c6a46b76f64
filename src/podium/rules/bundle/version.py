"""Which version of the format a competition.yaml is written in."""

from __future__ import annotations

from podium.rules.bundle.findings import Findings
from podium.rules.bundle.nodes import Listing, Scalar, Table, kind_in_words
from podium.rules.bundle.section import parse_decimal

SUPPORTED = "2"
_LEGACY_KEYS = ("html", "leaderboard", "competition_docker_image", "has_registration", "end_date")
_LEGACY_VERSIONS = ("1", "1.5", "1.8")
_HINT = 'Convert the bundle to version 2 and write "version: 2".'


def is_readable_version(document: Table, findings: Findings) -> bool:
    """Whether the document can be read as version 2. Where not, one error says which version it is.

    Version 2 without its version key is an error too, but is read on, so that its other problems are found.
    """
    entry = document.entries.get("version")
    if entry is None or (isinstance(entry.value, Scalar) and entry.value.kind == "null"):
        return _judge_by_shape(document, findings)
    mark = entry.value.mark
    if not isinstance(entry.value, Scalar):
        message = f'"version" is {kind_in_words(entry.value)} where a number belongs.'
        findings.error("version-unknown", message, mark, 'Write "version: 2".')
        return False
    text = entry.value.text.strip()
    number = parse_decimal(text)
    if number == int(SUPPORTED):
        return True
    if number is not None and str(number.normalize()) in _LEGACY_VERSIONS:
        message = f"The bundle is written in version {text[:20]} (CodaLab); version {SUPPORTED} is supported."
        findings.error("version-unsupported", message, mark, _HINT)
    else:
        message = f'The version "{text[:60]}" is not known; version {SUPPORTED} is supported.'
        findings.error("version-unknown", message, mark, 'Write "version: 2".')
    return False


def _judge_by_shape(document: Table, findings: Findings) -> bool:
    phases = document.entries.get("phases")
    is_second = "tasks" in document.entries or "leaderboards" in document.entries
    is_second = is_second or (phases is not None and isinstance(phases.value, Listing))
    is_legacy = any(key in document.entries for key in _LEGACY_KEYS)
    is_legacy = is_legacy or (phases is not None and isinstance(phases.value, Table))
    if is_legacy and not is_second:
        message = (
            "The bundle names no version and is written like CodaLab 1.5 (or 1, 1.8); "
            f"version {SUPPORTED} is supported."
        )
        findings.error("version-unsupported", message, document.mark, _HINT)
        return False
    message = "The bundle names no version; it is written like version 2."
    findings.error("version-missing", message, document.mark, 'Add the line "version: 2" at the top.')
    return True
