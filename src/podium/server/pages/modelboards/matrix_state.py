"""Which matrix a reader wants to see, all of it in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import get_args

from django.http import QueryDict
from django.utils.http import urlencode

from podium.rules.modelboards.aggregates import Missing
from podium.server.modelboards.queries.matrix import MOST_DATASETS, MOST_MODELS, By, MatrixWish, Scaling

MOST_WEIGHT = 1000
_WEIGHT = "w-"
AGGREGATES: tuple[By, ...] = get_args(By)
SCALINGS: tuple[Scaling, ...] = get_args(Scaling)
_WORDS = 200


@dataclass(frozen=True)
class MatrixState:
    """What an address asks for. `sort` is empty for the order of ranks, `model`, or the address of the dataset whose
    scores order the rows; `unread` are the datasets whose weights could not be read."""

    path: str
    wish: MatrixWish = field(default_factory=MatrixWish)
    sort: str = ""
    unread: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: str, query: QueryDict) -> MatrixState:
        """The state that an address describes; what makes no sense is left out."""
        weights, unread = _weights(query)
        wish = MatrixWish(
            words=_text(query, "q"),
            task_type=_text(query, "task"),
            datasets=_names(query, "dataset", MOST_DATASETS),
            models=_names(query, "model", MOST_MODELS),
            model_words=_text(query, "find"),
            weights=weights,
            missing=next((each for each in Missing if each == query.get("missing")), Missing.LAST),
            scaling=_scaling(query.get("scale")),
            by=_by(query.get("by")),
        )
        return cls(path, wish, _text(query, "sort"), unread)

    @property
    def filtered(self) -> bool:
        """Whether the reader looks at some of it."""
        wish = self.wish
        return bool(wish.words or wish.task_type or wish.datasets or wish.models or wish.model_words)

    def fields(self, *left_out: str) -> list[tuple[str, str]]:
        """What stands in the address, except for these."""
        wish = self.wish
        told = [
            ("q", wish.words),
            ("task", wish.task_type),
            *(("dataset", slug) for slug in wish.datasets),
            *(("model", name) for name in wish.models),
            ("find", wish.model_words),
            *((f"{_WEIGHT}{slug}", f"{weight:g}") for slug, weight in wish.weights.items() if weight != 1),
            ("missing", "" if wish.missing is Missing.LAST else wish.missing.value),
            ("scale", "" if wish.scaling == "metric" else wish.scaling),
            ("by", "" if wish.by == "win_rate" else wish.by),
            ("sort", self.sort),
        ]
        return [(name, value) for name, value in told if value and name not in left_out]

    @property
    def query(self) -> str:
        """The query of the address, with nothing in it that goes without saying."""
        return urlencode(self.fields())

    def at(self, path: str) -> str:
        """The same of another address."""
        return f"{path}?{self.query}" if self.fields() else path

    def ranked_by(self, by: By) -> str:
        """The address of the same, ranked by this aggregate."""
        return replace(self, wish=replace(self.wish, by=by), sort="").at(self.path)

    def sorted_by(self, sort: str) -> str:
        """The address of the same in another order; the ranks stay."""
        return replace(self, sort=sort).at(self.path)


def weight_field(slug: str) -> str:
    """The name of the field with a dataset's weight."""
    return f"{_WEIGHT}{slug}"


def _weights(query: QueryDict) -> tuple[Mapping[str, float], tuple[str, ...]]:
    found: dict[str, float] = {}
    unread = []
    for name, text in query.items():
        slug = name.removeprefix(_WEIGHT)
        if slug == name or not isinstance(text, str) or not text.strip():
            continue
        weight = _number(text)
        if weight is None:
            unread.append(slug[:80])
        else:
            found[slug[:80]] = weight
    return found, tuple(unread)


def _number(text: str) -> float | None:
    try:
        weight = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return weight if isfinite(weight) and 0 <= weight <= MOST_WEIGHT else None


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\0", "").strip()[:_WORDS]


def _names(query: QueryDict, name: str, most: int) -> tuple[str, ...]:
    found = (each.replace("\0", "")[:_WORDS] for each in query.getlist(name))
    return tuple(dict.fromkeys(each for each in found if each))[:most]


def _scaling(said: str | None) -> Scaling:
    return next((each for each in SCALINGS if each == said), SCALINGS[0])


def _by(said: str | None) -> By:
    return next((each for each in AGGREGATES if each == said), AGGREGATES[0])
