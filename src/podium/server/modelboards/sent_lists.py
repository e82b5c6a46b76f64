"""Predictions that were sent as two lists of a JSON request, kept as a file, and told of as the lists they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from podium.rules.errors import Problem

RESULTS, IDS = "modelResults", "sentence_ids"
LISTS_FILE = f"{RESULTS}.jsonl"
"""What such a file is called."""
_ABOUT_IDS = frozenset({"id-missing", "duplicate-id", "unknown-id"})
_ON_LINE = re.compile(r"on line (\d+)\.")


def lines_of(field: str, ids: Sequence[Any], results: Sequence[Any]) -> bytes:
    """The file: line n holds the elements n - 1 of both lists, which are of one length; `field` is the task type's
    word for a result."""
    return b"\n".join(orjson.dumps({"id": name, field: each}) for name, each in zip(ids, results, strict=True))


def in_lists(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems of such a file with the places of the lists; first those of a single element."""
    return tuple(_in_lists(each) for each in sorted(problems, key=lambda problem: problem.line is None))


def _in_lists(problem: Problem) -> Problem:
    if problem.file != LISTS_FILE:
        return problem
    if problem.code == "column-missing":
        # A column is there as soon as one element is not null.
        name = IDS if problem.message.endswith(" id.") else RESULTS
        hint = f"Send one {'id' if name == IDS else 'result'} for each sentence."
        return replace(problem, message="All elements are null.", hint=hint, file=name, line=None)
    name = IDS if problem.code in _ABOUT_IDS or problem.code == "missing-prediction" else RESULTS
    place = name if problem.line is None else f"{name}[{problem.line - 1}]"
    hint = _ON_LINE.sub(lambda found: f"at {IDS}[{int(found[1]) - 1}].", problem.hint)
    return replace(problem, hint=hint, file=place, line=None)
