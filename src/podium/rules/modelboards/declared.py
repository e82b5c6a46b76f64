"""What somebody declares about a model: a score, an interval around it, a date, a rank, and whatever else was sent."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from podium.rules.errors import UserError
from podium.rules.modelboards.dates import read_date
from podium.rules.modelboards.names import MOST_LETTERS, clean_name, is_name

_NUMBER = r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_INTERVAL = re.compile(
    rf"\s*[\[({{]?\s*(?P<low>{_NUMBER})\s*(?:-|–|—|−|,|;|\bto\b)\s*(?P<high>{_NUMBER})\s*[\])}}]?\s*"
)
_MOST_EXTRA_LETTERS = 20_000
_MOST_RANK = 2**31 - 1
_OWN_KEYS = frozenset(
    ("dataset_name", "model", "score", "ci", "updated", "rank", "detailed_scores", "submitted_by", "url", "source")
)


@dataclass(frozen=True)
class Interval:
    """Between what a score lies, by whoever declared it."""

    low: float
    high: float


@dataclass(frozen=True)
class Declared:
    """One model's result as it was declared. `updated` is as it was sent, `updated_on` the day that it names, if it
    names one; `score` is None for a model that is listed without one."""

    model: str
    score: float | None
    interval: Interval | None = None
    ci: str = ""
    updated: str = ""
    updated_on: date | None = None
    rank: int | None = None
    detailed_scores: Mapping[str, float] = field(default_factory=dict)
    submitted_by: str = ""
    source: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def read_declared(fields: Mapping[str, Any], at: str = "") -> Declared:
    """What a request says about a model; `at` is put before the name of a field in messages, such as `models[3].`.

    Keys that are not known are kept in `extra`.

    Raises:
        UserError: a field is missing or does not do; it is named.
    """
    missing = [f"{at}{name}" for name in ("model", "score") if name not in fields or fields[name] == ""]
    if missing:
        raise missing_fields(missing)
    score = _score(fields["score"], f"{at}score")
    ci = _interval_text(fields.get("ci"), f"{at}ci")
    updated = read_text(fields.get("updated"), f"{at}updated", most=100)
    return Declared(
        model=read_name(fields["model"], f"{at}model"),
        score=score,
        interval=_interval(ci, score, f"{at}ci"),
        ci=ci,
        updated=updated,
        updated_on=read_date(updated),
        rank=_rank(fields.get("rank"), f"{at}rank"),
        detailed_scores=_detailed(fields.get("detailed_scores"), f"{at}detailed_scores"),
        submitted_by=read_text(fields.get("submitted_by"), f"{at}submitted_by", most=MOST_LETTERS),
        source=read_link(fields.get("source") or fields.get("url"), f"{at}source"),
        extra=read_extra({key: value for key, value in fields.items() if key not in _OWN_KEYS}, at),
    )


def missing_fields(names: list[str]) -> UserError:
    """The refusal of a request that lacks fields, in the contract's words."""
    return UserError("fields-missing", f"Missing required fields: {', '.join(names)}")


def read_name(value: object, at: str) -> str:
    """The name of a dataset or a model, cleaned.

    Raises:
        UserError: it is no text of 1 to 200 visible letters.
    """
    name = clean_name(value) if isinstance(value, str) and len(value) <= 4 * MOST_LETTERS else ""
    if not is_name(name):
        raise UserError("name-invalid", f"{at} must be a text of 1 to {MOST_LETTERS} visible letters.")
    return name


def read_link(value: object, at: str) -> str:
    """A link that can be shown; empty for none.

    Raises:
        UserError: it is no http or https address.
    """
    link = read_text(value, at, most=2000)
    if link and (not re.match(r"https?://[^\s/]", link, re.IGNORECASE) or not link.isprintable() or " " in link):
        raise UserError("link-invalid", f"{at} must be an http or https address.")
    return link


def read_extra(fields: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """What else was sent, to be kept; numbers that JSON does not know become their names.

    Raises:
        UserError: it is too much.
    """
    if len(str(fields)) > _MOST_EXTRA_LETTERS:
        raise UserError(
            "extra-too-long", f"{at or 'The request'} has more than {_MOST_EXTRA_LETTERS} letters of further fields."
        )
    return {key: _storable(value) for key, value in fields.items()}


def _storable(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _storable(inner) for key, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list) else value


def read_text(value: object, at: str, *, most: int) -> str:
    """A text without space around it; empty for none.

    Raises:
        UserError: it is no text, or longer than `most` letters.
    """
    if value is None:
        return ""
    text = value.strip() if isinstance(value, str) else None
    if text is None or len(text) > most:
        raise UserError("text-invalid", f"{at} must be a text of at most {most} letters.")
    return text


def _finite(value: object) -> float | None:
    """The number as a float; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _score(value: object, at: str) -> float | None:
    if value is None:
        return None
    score = _finite(value)
    if score is None:
        raise UserError("score-invalid", f"{at} must be a finite number, or null for a model without a score.")
    return score


def _rank(value: object, at: str) -> int | None:
    if value is None:
        return None
    # 1.0 is a whole number as well: tables of numbers are sent like that.
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(whole, bool) or not isinstance(whole, int) or not 0 < whole <= _MOST_RANK:
        raise UserError("rank-invalid", f"{at} must be a whole number from 1, or null.")
    return whole


def _detailed(value: object, at: str) -> dict[str, float]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > 100:
        raise UserError("detailed-scores-invalid", f"{at} must be an object of at most 100 numbers.")
    found = {}
    for key, number in value.items():
        if number is None:
            # Was not measured.
            continue
        finite = _finite(number)
        if finite is None:
            raise UserError("detailed-scores-invalid", f"{at}.{key[:80]} must be a finite number.")
        found[read_name(key, f"A key of {at}")] = finite
    return found


def _interval_text(value: object, at: str) -> str:
    if isinstance(value, list) and len(value) == 2 and all(_finite(bound) is not None for bound in value):
        return f"{value[0]} - {value[1]}"
    return read_text(value, at, most=100)


def _interval(text: str, score: float | None, at: str) -> Interval | None:
    """The bounds that a text names: `0.93 - 0.97`, `0.93–0.97`, `[0.93, 0.97]`, `(-0.5, 0.2)`."""
    if not text:
        return None
    found = _INTERVAL.fullmatch(text)
    if found is None:
        raise UserError("ci-invalid", f"{at} must name two bounds, such as 0.93 - 0.97.")
    low, high = (float(found[bound].replace("−", "-")) for bound in ("low", "high"))
    if not (math.isfinite(low) and math.isfinite(high)) or low > high:
        raise UserError("ci-invalid", f"{at} must name its lower bound first, and both must be finite.")
    if score is None or not low <= score <= high:
        shown = "there is none" if score is None else f"{score!r} is not between {low!r} and {high!r}"
        raise UserError("ci-invalid", f"{at} must lie around the score; {shown}.")
    return Interval(low, high)
