"""Whether the scoring programs look as if they write what the leaderboard shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from podium.rules.bundle.checks.places import Places
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.bundle.spelling import closest
from podium.rules.errors import Problem

_DIGITS = re.compile(r"\d+")
_QUOTED = re.compile(r"""["']([A-Za-z][\w .-]{0,60})["']""")
_SHORTEST_PIECE = 2
_MOST_WORDS = 500
# Bounds for bundles that were made to take long: real ones stay far below.
_MOST_PROGRAMS = 20
_MOST_KEYS = 100
_MOST_HINTS = 10


def check_score_keys(spec: CompetitionSpec, texts: Mapping[str, str], places: Places) -> Iterator[Problem]:
    """A note for each column that no computation fills and whose key a scoring program never mentions.

    `texts` has the whole text of those scoring programs that could be read, by path. Programs may make up a key from
    pieces, as in `f"set{n}_score"`: where the pieces between the digits are there, the key counts as mentioned.
    """
    columns = {column.key: column for board in spec.leaderboards for column in board.columns}
    keys = [key for key, column in columns.items() if column.computation is None][:_MOST_KEYS]
    hints_left = _MOST_HINTS
    for key in keys:
        for path, text in islice(texts.items(), _MOST_PROGRAMS):
            if _mentions(text, key):
                continue
            likely = closest(key, [word for word in _words(text) if word not in columns]) if hints_left else None
            hints_left = max(0, hints_left - 1)
            hint = f'Did you mean "{likely}"?' if likely else "Check that it writes a score of that name."
            message = f'The scoring program "{path}" never mentions "{key}", the key of a column.'
            yield places.problem("score-not-written", "note", message, at=places.text(key, "key"), hint=hint)


def _mentions(text: str, key: str) -> bool:
    if key in text:
        return True
    pieces = [piece for piece in _DIGITS.split(key) if piece]
    has_digits = bool(_DIGITS.search(key))
    return has_digits and bool(pieces) and all(len(p) >= _SHORTEST_PIECE and p in text for p in pieces)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_QUOTED.findall(text)))[:_MOST_WORDS]
