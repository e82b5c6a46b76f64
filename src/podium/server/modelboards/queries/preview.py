"""What a result would look like on a board, before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.modelboards.declared import Declared
from podium.rules.modelboards.standing import ranks, sort_key
from podium.server.modelboards.queries.boards import board_rows
from podium.server.modelboards.queries.datasets import DatasetRow

_AROUND = 2


@dataclass(frozen=True)
class PreviewRow:
    """A row as it would stand; `new` is the one that is not sent yet."""

    rank: int | None
    model: str
    score: float | None
    new: bool


@dataclass(frozen=True)
class Preview:
    """The rank that a result would get among so many that have one, and the rows around it; `replaces` says that the
    model has a result already, which would stay in the log."""

    rank: int | None
    ranked: int
    rows: tuple[PreviewRow, ...]
    replaces: bool


def preview_of(dataset: DatasetRow, declared: Declared) -> Preview:
    """Where a result would stand if it were sent now."""
    rows = board_rows([dataset])[dataset.id]
    there = [(row.model, row.score) for row in rows if row.model != declared.model]
    there.append((declared.model, declared.score))
    there.sort(key=lambda row: sort_key(row[1], lower_is_better=dataset.lower_is_better))
    ranked = [None if model in dataset.baselines else score for model, score in there]
    places = ranks(ranked, lower_is_better=dataset.lower_is_better)
    stands = [
        PreviewRow(rank, model, score, model == declared.model)
        for rank, (model, score) in zip(places, there, strict=True)
    ]
    at = next(place for place, row in enumerate(stands) if row.new)
    return Preview(
        rank=stands[at].rank,
        ranked=sum(row.rank is not None for row in stands),
        rows=tuple(stands[max(0, at - _AROUND) : at + _AROUND + 1]),
        replaces=len(there) == len(rows),
    )
