"""Questions about pictures, judged by several people's answers."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TASK_TYPE = TaskType(
    slug="multimodal_vqa",
    title="Visual question answering",
    summary="Questions about pictures or scanned pages, judged by several people's answers.",
    unit="question",
    aliases=("vqa", "visual_qa"),
    modality=("image", "text"),
    references=(
        ID,
        Field(
            "answers", "texts", "The answers of several people, repeated as given.", aliases=("answer", "ground_truth")
        ),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(ID, Field("answer", "text", "The model's answer.", aliases=("prediction", "output"))),
    metrics=(
        Metric("vqa_accuracy", "Soft accuracy", "A third for each person with this answer, at most 1.", "mean"),
        Metric("anls", "ANLS", "Edit similarity with the nearest answer; 0 below one half.", "mean"),
    ),
    reader="podium.metrics.multimodal_vqa.reading:READER",
    scorer="podium.metrics.multimodal_vqa.scoring:SCORER",
    package="podium.metrics.multimodal_vqa",
)
