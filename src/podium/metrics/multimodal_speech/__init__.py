"""What was said, written down."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TASK_TYPE = TaskType(
    slug="multimodal_speech",
    title="Speech recognition",
    summary="What was said, written down.",
    unit="utterance",
    aliases=("speech_recognition", "asr"),
    modality=("audio", "text"),
    references=(
        ID,
        Field("transcript", "texts", "What was said.", aliases=("text", "reference", "answer")),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(
        ID,
        Field("transcript", "text", "What the model heard; may be empty.", aliases=("prediction", "text", "output")),
    ),
    metrics=(
        Metric(
            "wer",
            "Word error rate",
            "Words put in, left out or changed, per word that was said.",
            "ratio",
            "asc",
            high=None,
        ),
        Metric("cer", "Character error rate", "The same of characters.", "ratio", "asc", high=None),
    ),
    reader="podium.metrics.multimodal_speech.reading:READER",
    scorer="podium.metrics.multimodal_speech.scoring:SCORER",
    package="podium.metrics.multimodal_speech",
)
