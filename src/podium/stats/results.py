"""What an interval, a comparison of two models and a place among many look like. No NumPy here: these are stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval at a confidence level, and how it came about: enough to make the very same again.

    `method` is `wilson`, `wilson-clustered`, `wilson-t`, `t`, `t-clustered`, `bca`, `delong`, `mover`,
    `bonferroni` or `declared`; `units` counts what was resampled or averaged (items, or clusters of items).
    """

    low: float
    high: float
    level: float
    method: str
    units: int
    resamples: int | None = None
    seed: int | None = None

    def clipped(self, low: float | None, high: float | None) -> Interval:
        """The same within the range of the metric."""
        return Interval(
            self.low if low is None else max(self.low, low),
            self.high if high is None else min(self.high, high),
            self.level,
            self.method,
            self.units,
            self.resamples,
            self.seed,
        )

    def as_json(self) -> dict[str, float | int | str | None]:
        """Plain values by name, as they are stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """First model minus second model, on one metric.

    `p_value` is two-sided. `method` is `t`, `t-clustered`, `mcnemar`, `paired-bootstrap`, `sign` or `unpaired`; the
    last alone does not know the items. `standard_error` is None where the method has none.
    """

    estimate: float
    low: float
    high: float
    level: float
    p_value: float
    method: str
    units: int
    standard_error: float | None = None
    resamples: int | None = None
    seed: int | None = None

    @property
    def distinguishable(self) -> bool:
        """Whether the test says at its level that the two differ."""
        return self.p_value < 1 - self.level

    def as_json(self) -> dict[str, float | int | str | None]:
        """Plain values by name, as they are stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of several models stands.

    `rank` is shared by equal scores (1, 2, 2, 4). `best` and `worst` bound the rank, for all models at once at the
    level of the spread; they and the two probabilities are None where nothing is known of the score's uncertainty.
    """

    rank: int | None
    best: int | None
    worst: int | None
    top_1: float | None
    top_3: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """The places of several models in the order given, and which of them cannot be told apart.

    `surely_better[i]` names the models that model i surely beats. `groups` are the longest runs of models, in order of
    score, of which no two are distinguishable; models without uncertainty are in none. `critical` is the bound on |t|
    that holds for all pairs at once.
    """

    places: tuple[Place, ...]
    surely_better: tuple[frozenset[int], ...]
    groups: tuple[tuple[int, ...], ...]
    level: float
    critical: float | None
    draws: int
    seed: int

    @property
    def tied_for_first(self) -> tuple[int, ...]:
        """The models whose best possible rank is 1."""
        return tuple(number for number, place in enumerate(self.places) if place.best == 1)
