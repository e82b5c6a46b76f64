"""Short questions with short answers, as in prompting."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TASK_TYPE = TaskType(
    slug="line_qa",
    title="Line question answering",
    summary="Short questions with short answers, as in prompting.",
    unit="question",
    aliases=("prompting",),
    references=(
        ID,
        Field("answers", "texts", "All right answers.", aliases=("answer", "ground_truth", "label")),
        Field(
            "tolerance",
            "number",
            "How far a number may be off and still be right; 0 if left out.",
            required=False,
        ),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(ID, Field("answer", "text", "The model's answer.", aliases=("prediction", "output"))),
    metrics=(
        Metric(
            "exact_match", "Exact match", "The answer is a right one but for case, punctuation and articles.", "mean"
        ),
        Metric("f1", "Token F1", "Words in common with the nearest right answer.", "mean"),
        Metric("numeric_accuracy", "Numeric accuracy", "Numbers that are right within the tolerance.", "mean"),
        Metric(
            "edit_similarity", "Edit similarity", "One minus the edits per character, to the nearest answer.", "mean"
        ),
    ),
    reader="podium.metrics.line_qa.reading:READER",
    scorer="podium.metrics.line_qa.scoring:SCORER",
    package="podium.metrics.line_qa",
)
