"""What a file of another tool says about models on datasets, and the steps that all its readers share."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from podium.rules.errors import UserError
from podium.rules.modelboards.declared import Declared, read_declared

HALF_WIDTH = 1.96
"""How many standard errors a 95 % interval reaches to either side of a score."""
FROM_ERROR = "the score plus and minus 1.96 standard errors"
GIVEN = "as the file gives it"

_MOST_LETTERS = 2_000
_MOST_KEPT_LETTERS = 12_000
_MOST_DETAILED = 100
_DEEPEST = 60


@dataclass(frozen=True)
class ImportedResult:
    """One model on one dataset. `place` is where the file says so, `metric` what its score is a score of."""

    place: str
    metric: str
    declared: Declared


@dataclass(frozen=True)
class ImportedDataset:
    """A dataset as the file names it. `lower_is_better` is None where the file does not say."""

    name: str
    metric: str
    lower_is_better: bool | None
    url: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[ImportedResult, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A part of the file that was read and is not a result of its own, with the reason."""

    place: str
    reason: str


@dataclass(frozen=True)
class ImportedFile:
    """All of a file: which tool wrote it, its datasets in the order of the file, and what was left out of it."""

    tool: str
    datasets: tuple[ImportedDataset, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Error:
    """How sure a score is, as a file says it: a standard error, or two bounds. All None: it says nothing."""

    standard: float | None = None
    low: float | None = None
    high: float | None = None


def result_of(place: str, model: str, score: float | None, error: Error, *, metric: str, **told: Any) -> ImportedResult:
    """One result. `told` are the fields of a declared result and `extra`, a mapping to be kept as far as it fits.

    Raises:
        UserError: it cannot be declared; the message begins with `place`.
    """
    extra = {**kept(told.pop("extra", {})), "imported_from": told.pop("tool")}
    fields: dict[str, Any] = {"model": model, "score": score, **told}
    if error.low is not None and error.high is not None:
        fields["ci"], extra["interval"] = [error.low, error.high], GIVEN
    elif score is not None and error.standard:
        half = HALF_WIDTH * error.standard
        fields["ci"], extra["interval"] = [score - half, score + half], FROM_ERROR
    if error.standard is not None:
        extra["standard_error"] = error.standard
    try:
        return ImportedResult(place, metric, read_declared({**extra, **fields}))
    except UserError as refusal:
        raise UserError(refusal.code, f"{place}: {refusal.message}", refusal.hint) from refusal


def kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Further fields as far as they fit; the names of those that do not stand under `left_out`."""
    found: dict[str, Any] = {}
    long: list[str] = []
    total = 0
    for key, value in fields.items():
        size = len(str(key)) + len(str(value))
        if size > _MOST_LETTERS or total + size > _MOST_KEPT_LETTERS:
            long.append(str(key)[:100])
        elif value not in (None, "", [], {}):
            found[str(key)] = value
            total += size
    return found | ({"left_out": long[:50]} if long else {})


def number(value: object, place: str) -> float:
    """A finite number.

    Raises:
        UserError: it is none; `place` says where.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
        if math.isfinite(found):
            return found
    raise UserError("import-number", f"{place} must be a finite number, and is {_shown(value)}.", "Correct the file.")


def number_or_none(value: object) -> float | None:
    """A finite number, or None for whatever else tools write where they know none, such as `N/A`."""
    try:
        return number(value, "")
    except UserError:
        return None


def detailed(scores: Mapping[str, object]) -> dict[str, float]:
    """Further scores of a result: the finite ones, at most as many as a result may have."""
    found = {name: number_or_none(value) for name, value in list(scores.items())[:_MOST_DETAILED]}
    return {name: value for name, value in found.items() if value is not None}


def mapping(value: object, place: str) -> dict[str, Any]:
    """An object of JSON or YAML.

    Raises:
        UserError: it is none.
    """
    if not isinstance(value, dict):
        raise UserError("import-object", f"{place} must be an object, and is {_shown(value)}.", "Correct the file.")
    return value


def objects(value: object, place: str) -> list[dict[str, Any]]:
    """A list of objects; without a place it is all of the file.

    Raises:
        UserError: it is none, or one of its elements is not.
    """
    if not isinstance(value, list):
        raise UserError(
            "import-list", f"{place or 'The file'} must be a list, and is {_shown(value)}.", "Correct the file."
        )
    return [mapping(each, f"{place}[{index}]") for index, each in enumerate(value)]


def text(value: object, place: str) -> str:
    """A text that is not empty.

    Raises:
        UserError: it is none.
    """
    if not isinstance(value, str) or not value.strip():
        raise UserError("import-text", f"{place} must be a text, and is {_shown(value)}.", "Correct the file.")
    return value.strip()


def text_or_nothing(value: object) -> str:
    """A text; empty for whatever else stands there."""
    return value.strip() if isinstance(value, str) else ""


def day(value: object) -> str:
    """The day of a moment that is written as seconds since 1970, or as ISO text; empty where it is neither."""
    if isinstance(value, str):
        if value[:4].isdecimal() and value[4:5] == "-":
            return value[:10]
        try:
            value = float(value)
        except ValueError:
            return ""
    seconds = number_or_none(value)
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds is not None else ""
    except (OverflowError, ValueError, OSError):
        return ""


def json_of(content: bytes) -> Any:
    """What JSON holds; numbers that JSON does not know are read, so that they can be refused by their place.

    Raises:
        UserError: it is no JSON.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(
            "import-json", f"The file is no JSON: {error}.", "Send the file as the tool wrote it."
        ) from error


def check_plain(value: object, depth: int = 0) -> None:
    """Raises UserError where values lie too deep, or a text has characters that no database takes."""
    if depth > _DEEPEST:
        raise UserError("import-deep", f"The file is nested deeper than {_DEEPEST} levels.", "Send it as it was made.")
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise UserError("import-text", "A text in the file has a NUL or half a character in it.", "Correct it.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_plain(key, depth + 1)
            check_plain(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check_plain(inner, depth + 1)


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."
