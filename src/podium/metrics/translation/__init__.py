"""Sentences in another language."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TASK_TYPE = TaskType(
    slug="translation",
    title="Translation",
    summary="Sentences in another language, beside one or several right translations.",
    unit="sentence",
    aliases=("machine_translation",),
    references=(
        ID,
        Field(
            "references",
            "texts",
            "The right translations.",
            aliases=("reference", "translation", "reference_translations", "target"),
        ),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(
        ID,
        Field("translation", "text", "The model's translation.", aliases=("prediction", "output", "hypothesis")),
    ),
    metrics=(
        Metric(
            "chrf",
            "chrF",
            "The F score of character n-grams up to 6, recall twice as heavy.",
            "corpus",
            high=100,
            unit="points",
        ),
        Metric(
            "bleu", "BLEU", "Precision of word n-grams up to 4, as sacreBLEU has it.", "corpus", high=100, unit="points"
        ),
    ),
    reader="podium.metrics.translation.reading:READER",
    scorer="podium.metrics.translation.scoring:SCORER",
    package="podium.metrics.translation",
    extra="translation",
)
