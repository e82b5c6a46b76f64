"""What Podium knows under `podium`, level by level: the one table of extensions, as fragments of JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping

from podium.rules.board.aggregate import BOARD_PER_TASK_KEY, MULTI_TASK_KEY, MultiTaskRanking
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.expectations import SCORES_KEY, TOLERANCE_KEY
from podium.rules.bundle.leaderboards import MEAN_OF_RANKS, MEAN_RECIPROCAL_RANK, OWN_RULE
from podium.rules.bundle.limits import limits_schema
from podium.rules.bundle.phases import MIGRATED_KEY
from podium.rules.bundle.tasks import SCORE_FAILED_KEY, SHOW_REFERENCE_KEY
from podium.rules.limits import LIMITS_KEY
from podium.rules.phases import Migrated

_NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}

EXTENSIONS: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "the competition": {LIMITS_KEY: limits_schema()},
    "a phase": {
        LIMITS_KEY: limits_schema(),
        MIGRATED_KEY: {
            "description": "Which submissions of the phase before run again here.",
            "enum": [choice.value for choice in Migrated],
            "default": Migrated.ALL.value,
        },
    },
    "a task": {
        LIMITS_KEY: limits_schema(),
        SCORE_FAILED_KEY: {
            "description": "What a prediction step left is scored also where one of its programs failed.",
            "type": "boolean",
            "default": False,
        },
        SHOW_REFERENCE_KEY: {
            "description": "An ingestion program that runs beside scoring is given the reference data, and so is the "
            "participant's code that it runs.",
            "type": "boolean",
            "default": False,
        },
    },
    "a leaderboard": {
        OWN_RULE: {
            "description": "Organizers choose the one submission of each participant.",
            "enum": [SubmissionRule.BY_ORGANIZERS.value],
        },
        MEAN_OF_RANKS: {
            "description": "Keys of columns with `computation: avg` that are the mean of ranks.",
            "type": "array",
            "items": {"type": "string"},
        },
        MEAN_RECIPROCAL_RANK: {
            "description": "Keys of columns with `computation: avg` that are the mean of one divided by the ranks.",
            "type": "array",
            "items": {"type": "string"},
        },
        MULTI_TASK_KEY: {
            "description": "By what rows rank over several tasks: the mean of each column, the mean of its ranks, or "
            "the values of the first task.",
            "enum": [way.value for way in MultiTaskRanking],
            "default": MultiTaskRanking.MEAN.value,
        },
        BOARD_PER_TASK_KEY: {
            "description": "Each task has a tab of its own, which ranks by that task alone.",
            "type": "boolean",
            "default": False,
        },
    },
    "a solution": {
        SCORES_KEY: {
            "description": "What it must score, by the keys of columns, or by the index of a task and then by key.",
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"anyOf": [{"type": "number"}, _NUMBERS]},
        },
        TOLERANCE_KEY: {
            "description": "The largest difference from an expected score.",
            "type": "number",
            "minimum": 0,
        },
    },
}
"""By the name of the level in `podium.rules.bundle.keys`; levels without an entry have no extensions."""
