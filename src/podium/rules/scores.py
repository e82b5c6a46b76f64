"""What a scoring program wrote, `scores.json` or `scores.txt`, as numbers by key or as a clear problem.

Whatever a program writes may be hostile: sizes, counts and depths are limited, and nothing is evaluated.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping

from podium.rules.errors import ProgramError

LARGEST_BYTES = 1 << 20
"""Of either file; whoever reads one needs no more than one byte beyond it."""
MOST_SCORES = 1000
LONGEST_KEY = 128

_EXAMPLE = 'Write scores.json into the output folder as one object, such as {"accuracy": 0.93}.'
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_scores(json_bytes: bytes | None, txt_bytes: bytes | None) -> dict[str, float]:
    """The scores by key in the order written, from the content of `scores.json`, else of `scores.txt` (None: no file).

    `scores.json` is an object of keys and numbers; `scores.txt` has a line `key: value` or `key:value` for each score.

    Raises:
        ProgramError: `scores-missing` where there is neither file, else `scores-invalid`.
    """
    if json_bytes is not None:
        return _check(_json_pairs(_text(json_bytes, "scores.json")), "scores.json")
    if txt_bytes is not None:
        return _check(_txt_pairs(_text(txt_bytes, "scores.txt")), "scores.txt")
    raise ProgramError("scores-missing", "The scoring program wrote no scores.json and no scores.txt.", _EXAMPLE)


def check_scores(scores: Mapping[str, object]) -> dict[str, float]:
    """Scores that came as a mapping already, such as by HTTP: all finite numbers, within the limits of the files.

    Raises:
        ProgramError: `scores-invalid`.
    """
    return _check(scores.items(), "The scores")


def scores_txt(scores: Mapping[str, float]) -> str:
    """The text of a `scores.txt`: a line `key:value` for each score in order, floats written so that they read back."""
    return "".join(f"{key}:{float(value)!r}\n" for key, value in scores.items())


class _Object(list[tuple[str, object]]):
    """A JSON object with its keys in order, repeated ones included."""


def _text(content: bytes, file: str) -> str:
    if len(content) > LARGEST_BYTES:
        raise _invalid(
            f"{file} has more than {LARGEST_BYTES} bytes.",
            "It holds one number for each column of the leaderboard; write anything else to other files.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _invalid(f"{file} is not UTF-8: byte {error.start + 1} does not fit.", "Write it as UTF-8.") from error


def _json_pairs(text: str) -> _Object:
    try:
        # Integers of any length become floats at once: Python refuses to make ints of very long ones.
        content = json.loads(text, object_pairs_hook=_Object, parse_int=float)
    except json.JSONDecodeError as error:
        raise _invalid(
            f"scores.json:{error.lineno}:{error.colno}: this is not JSON: {error.msg.lower()}.", _EXAMPLE
        ) from error
    except RecursionError as error:
        raise _invalid("scores.json is nested too deeply.", _EXAMPLE) from error
    if not isinstance(content, _Object):
        raise _invalid(f"scores.json holds {_kind(content)} instead of an object of keys and numbers.", _EXAMPLE)
    return content


def _txt_pairs(text: str) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].strip()
        if not line or line in {"---", "..."}:
            continue
        key, colon, value = line.rpartition(":")
        if not colon:
            raise _invalid(
                f"scores.txt:{number}: the line {_quoted(line)} has no colon.",
                "Write one score a line, such as `accuracy: 0.93`.",
            )
        pairs.append((key.strip(), _number_or_text(value.strip())))
        if len(pairs) > MOST_SCORES:
            break
    return pairs


def _number_or_text(text: str) -> object:
    if _NUMBER.fullmatch(text):
        return float(text)
    if text.lower().lstrip("+-.") in {"nan", "inf", "infinity"}:
        return math.nan
    return text


def _check(pairs: Iterable[tuple[str, object]], file: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    for key, value in pairs:
        _check_key(key, scores, file)
        scores[key] = _finite(key, value, file)
    if not scores:
        raise _invalid(f"{file} holds no scores.", _EXAMPLE)
    return scores


def _check_key(key: object, before: Mapping[str, float], file: str) -> None:
    if not isinstance(key, str) or not key or key != key.strip() or not key.isprintable():
        raise _invalid(f"{file}: the key {_quoted(key)} cannot be one.", "Use the key of a column of the leaderboard.")
    if len(key) > LONGEST_KEY:
        raise _invalid(
            f"{file}: the key {_quoted(key)} has {len(key)} characters; at most {LONGEST_KEY} are possible.",
            "Use the key of a column of the leaderboard.",
        )
    if key in before:
        raise _invalid(f"{file}: the key {_quoted(key)} occurs twice.", "Write each score once.")
    if len(before) >= MOST_SCORES:
        raise _invalid(
            f"{file} holds more than {MOST_SCORES} scores.",
            "Write one for each column of the leaderboard and anything else to other files.",
        )


def _finite(key: str, value: object, file: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        hint = "Write it as a number, without quotation marks." if isinstance(value, str) else "Write one number."
        raise _invalid(f"{file}: the score {_quoted(key)} is {_kind(value)} instead of a number.", hint)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _invalid(
            f"{file}: the score {_quoted(key)} is not a finite number.",
            "Leave the score out where it cannot be computed, or write the number that it shall count as.",
        )
    return number


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f"the text {_quoted(value)}" if value else "empty"
        case _Object() | Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case int() | float():
            return "a number"
        case _:
            return f"a {type(value).__name__}"


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return ascii(text if len(text) <= 60 else f"{text[:57]}...")


def _invalid(message: str, hint: str) -> ProgramError:
    return ProgramError("scores-invalid", message, hint)
