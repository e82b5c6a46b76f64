"""Where Codabench treats a key of `competition.yaml` in another way, by level and key: for the reference page."""

from __future__ import annotations

from collections.abc import Mapping

_NOT_READ = "Not read."
_NEEDED = "Required."

DIFFERENCES: Mapping[str, Mapping[str, str]] = {
    "the competition": {
        "version": "2.0 is refused.",
        "pages": "Required, but may be empty.",
        "docker_image": "`codalab/codalab-legacy:py37` where missing.",
        "collaborators": _NOT_READ,
        "whitelist_emails": _NOT_READ,
        "allow_robot_submissions": _NOT_READ,
        "leaderboards": "All are stored, only the first is ever shown.",
        "leaderboard": "Not read; one page of its documentation writes it.",
    },
    "a task": {
        "key": "Whose task it is, is not checked.",
        "scoring_program": "Whose data set a UUID names is not checked, here and in the next three.",
    },
    "a phase": {
        "start": "An unquoted date loses its time of day, and every zone is taken for UTC.",
        "end": "As `start`; it must not equal the next start, and may lie before its own.",
    },
    "a leaderboard": {
        "title": "At most 64 characters.",
        "key": "At most 36 characters.",
        "primary_index": "Works, but is not documented.",
    },
    "a column": {
        "title": "At most 36 characters.",
        "key": "At most 36 characters.",
        "computation": "Even when empty it needs `computation_indexes` beside it.",
    },
    "a question of the fact sheet": {
        "key": _NEEDED,
        "title": _NEEDED,
        "selection": _NEEDED,
        "is_required": 'Required, and must be the text "true" or "false".',
        "is_on_leaderboard": 'Required, and must be the text "true" or "false".',
    },
}
"""A key that is not here means the same there. `podium` is not read there at any level."""
