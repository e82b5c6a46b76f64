"""Entities as arrays, and how those of a model match the right ones.

Positions run on through all sentences, so that a span is two numbers and spans of one side never overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from podium.metrics.named_entity_recognition.entities import Span
from podium.metrics.named_entity_recognition.reading import INSIDE, STARTING
from podium.stats.arrays import Ints


@dataclass(frozen=True, slots=True)
class Spans:
    """Entities by start: from `start` to before `end`, of type number `kind`, in sentence number `sentence`."""

    start: Ints
    end: Ints
    kind: Ints
    sentence: Ints


@dataclass(frozen=True, slots=True)
class Matches:
    """Of each predicted entity: whether span and type are right, the span is, the span overlaps one that no other
    entity took (SemEval's partial), and an overlapping one has its type (SemEval's type).
    """

    strict: NDArray[np.bool_]
    exact: NDArray[np.bool_]
    partial: NDArray[np.bool_]
    typed: NDArray[np.bool_]


def spans_of_tags(rows: Sequence[Sequence[str]], types: Sequence[str]) -> Spans:
    """Entities by the rules of conlleval: an I after O, or after another type, starts one as a B does."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    kind, starting, inside, closing = _read(list(chain.from_iterable(rows)), types)
    fresh = np.ones(len(kind), dtype=bool)
    fresh[1:] = ~inside[:-1] | closing[:-1] | (kind[1:] != kind[:-1])
    offsets = np.cumsum(lengths) - lengths
    fresh[offsets[lengths > 0]] = True
    begins = inside & (starting | fresh)
    starts = np.flatnonzero(begins)
    borders = np.append(np.flatnonzero(begins | ~inside), len(kind))
    ends = borders[np.searchsorted(borders, starts, side="right")]
    sentence = np.repeat(np.arange(len(rows)), lengths)[starts]
    return Spans(starts, ends, kind[starts], sentence)


def spans_of_entities(rows: Sequence[Sequence[Span]], types: Sequence[str], offsets: Ints) -> Spans:
    """Entities that were written as spans; `offsets` is where each sentence begins."""
    place = {word: number for number, word in enumerate(types)}
    flat = np.array(
        [
            (start + offset, end + offset, place[label], number)
            for number, (row, offset) in enumerate(zip(rows, offsets.tolist(), strict=True))
            for start, end, label in row
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    return Spans(*(flat[:, column] for column in range(4)))


def match(gold: Spans, predicted: Spans) -> Matches:
    """Which predicted entities are right in which sense.

    For partial and type, overlapping entities are paired from left to right: each takes the first right one that is
    free, and for type the nearest of its own type before that.
    """
    count = len(predicted.start)
    partial, typed = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    if not count or not len(gold.start):
        return Matches(partial.copy(), partial.copy(), partial, typed)
    near = np.minimum(np.searchsorted(gold.start, predicted.start), len(gold.start) - 1)
    exact = (gold.start[near] == predicted.start) & (gold.end[near] == predicted.end)
    strict = exact & (gold.kind[near] == predicted.kind)
    typed |= strict
    first = np.searchsorted(gold.end, predicted.start, side="right")
    after = np.searchsorted(gold.start, predicted.end, side="left")
    taken: set[int] = set()
    taken_by_type: set[int] = set()
    for number in np.flatnonzero(~exact & (after > first)).tolist():
        reach = range(int(first[number]), int(after[number]))
        free = next((each for each in reach if each not in taken), None)
        if free is not None:
            partial[number] = True
            taken.add(free)
        typed[number] = _typed(gold, predicted, number, reach, taken_by_type)
    return Matches(strict, exact, partial, typed)


def _typed(gold: Spans, predicted: Spans, number: int, reach: range, taken: set[int]) -> bool:
    free = [each for each in reach if each not in taken]
    same = [each for each in free if gold.kind[each] == predicted.kind[number]]
    if same:
        start, end = predicted.start[number], predicted.end[number]
        taken.add(min(same, key=lambda each: int(abs(gold.start[each] - start) + abs(gold.end[each] - end))))
    elif free:
        taken.add(free[0])
    return bool(same)


def _read(
    tags: Sequence[str], types: Sequence[str]
) -> tuple[Ints, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each tag: its type, and whether it must start an entity, is in one, and ends one."""
    different = sorted(set(tags))
    code = {tag: number for number, tag in enumerate(different)}
    codes = np.fromiter(map(code.__getitem__, tags), dtype=np.int64, count=len(tags))
    place = {word: number for number, word in enumerate(types)}
    kind = np.array([-1 if tag == "O" else place[tag.partition("-")[2]] for tag in different], dtype=np.int64)
    starting = np.array([tag[0] in STARTING for tag in different], dtype=bool)
    inside = starting | np.array([tag[0] in INSIDE for tag in different], dtype=bool)
    closing = np.array([tag[0] in "ESLU" for tag in different], dtype=bool)
    return kind[codes], starting[codes], inside[codes], closing[codes]
