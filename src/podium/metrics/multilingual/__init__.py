"""Any task type in several languages: each language counts alike, and the worst is shown."""

from __future__ import annotations

from dataclasses import replace

from podium.metrics.document_qa import TASK_TYPE as _DOCUMENT_QA
from podium.metrics.line_qa import TASK_TYPE as _LINE_QA
from podium.metrics.named_entity_recognition import TASK_TYPE as _NAMED_ENTITY_RECOGNITION
from podium.metrics.retrieval import TASK_TYPE as _RETRIEVAL
from podium.metrics.task_type import Metric, TaskType
from podium.metrics.text_classification import TASK_TYPE as _TEXT_CLASSIFICATION
from podium.metrics.translation import TASK_TYPE as _TRANSLATION

MEAN, WORST = "_language_mean", "_worst_language"


def multilingual(inner: TaskType) -> TaskType:
    """The same task in several languages; references must name the language of each item.

    Each metric becomes two: its mean over languages, and its value in the language where it is worst. A package that
    registers a task type has this one as well, as `multilingual_` and the slug; to list it among the known, it
    registers what this function gives.
    """
    language = replace(next(field for field in inner.references if field.name == "language"), required=True)
    return replace(
        inner,
        slug=f"multilingual_{inner.slug}",
        title=f"{inner.title} in several languages",
        summary=f"{inner.summary} Each language counts alike.",
        aliases=(),
        references=tuple(language if field.name == "language" else field for field in inner.references),
        metrics=tuple(each for metric in inner.metrics for each in (_over_languages(metric), _where_worst(metric))),
        scorer=f"podium.metrics.multilingual.scoring:{inner.slug}",
        prefaces=("podium.metrics.multilingual", *inner.prefaces),
    )


def _over_languages(metric: Metric) -> Metric:
    return replace(
        metric,
        name=metric.name + MEAN,
        title=f"{metric.title}, mean of languages",
        summary=f"{metric.summary} In each language; then the mean of languages.",
        aggregation="corpus",
    )


def _where_worst(metric: Metric) -> Metric:
    return replace(
        metric,
        name=metric.name + WORST,
        title=f"{metric.title}, worst language",
        summary=f"{metric.summary} In the language where that is worst.",
        aggregation="corpus",
    )


TEXT_CLASSIFICATION = multilingual(_TEXT_CLASSIFICATION)
NAMED_ENTITY_RECOGNITION = multilingual(_NAMED_ENTITY_RECOGNITION)
DOCUMENT_QA = multilingual(_DOCUMENT_QA)
LINE_QA = multilingual(_LINE_QA)
TRANSLATION = multilingual(_TRANSLATION)
RETRIEVAL = multilingual(_RETRIEVAL)
