"""Numbers of a task type by language. `from ... import SLUG` gives the scorer of any task type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from podium.metrics.bases import Basis
from podium.metrics.kept import Kept
from podium.metrics.multilingual import MEAN, WORST
from podium.metrics.multilingual.bases import Language, LanguageMean, WorstLanguage
from podium.metrics.reading.items import Predictions, References
from podium.metrics.registry import task_type
from podium.metrics.scored import Confusion, Scorer, ScoreTable
from podium.metrics.task_type import TaskType
from podium.stats.arrays import Floats


@dataclass(frozen=True)
class _Scorer:
    inner: TaskType
    scorer: Scorer

    def keep(self, references: References, predictions: Predictions) -> Kept:
        return replace(self.scorer.keep(references, predictions), task_type=f"multilingual_{self.inner.slug}")

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        if kept.languages is None:  # the items of one language
            return self.scorer.bases(kept)
        parts = [kept.of_language(number) for number in range(len(kept.language_names))]
        by_language = [(self.scorer.bases(part), items, part.clusters) for part, items in parts]
        found: dict[str, Basis] = {}
        for metric in self.inner.metrics:
            if not all(metric.name in bases for bases, _, _ in by_language):
                continue
            languages = [Language(bases[metric.name], items, clusters) for bases, items, clusters in by_language]
            found[metric.name + MEAN] = LanguageMean(languages, kept.count)
            found[metric.name + WORST] = WorstLanguage(languages, kept.count, metric.direction == "asc")
        return found

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:
        return self.scorer.tables(kept)

    def confusion(self, kept: Kept) -> Confusion | None:
        return self.scorer.confusion(kept)

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return self.scorer.item_scores(kept)


def __getattr__(slug: str) -> Scorer:
    if slug.startswith("__"):
        raise AttributeError(slug)
    inner = task_type(slug)
    return _Scorer(inner, inner.load_scorer())
