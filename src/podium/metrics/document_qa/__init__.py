"""Questions on documents, answered in a few words or by a chatbot."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TASK_TYPE = TaskType(
    slug="document_qa",
    title="Document question answering",
    summary="Questions on documents; some may have no answer.",
    unit="question",
    aliases=("qa", "chatbot", "question_answering"),
    references=(
        ID,
        Field(
            "answers",
            "texts",
            "All right answers; none where the document has none.",
            required=True,
            aliases=("answer", "ground_truth", "references"),
        ),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(
        ID,
        Field(
            "answer",
            "text",
            "The model's answer; empty for none.",
            aliases=("prediction", "prediction_text", "output"),
        ),
    ),
    metrics=(
        Metric("f1", "Token F1", "Words in common with the nearest right answer, by SQuAD's rules.", "mean"),
        Metric(
            "exact_match", "Exact match", "The answer is a right one but for case, punctuation and articles.", "mean"
        ),
        Metric("has_answer_f1", "F1 where there is an answer", "Token F1 of questions that have an answer.", "mean"),
        Metric(
            "has_answer_exact_match",
            "Exact match where there is an answer",
            "Exact match of questions that have an answer.",
            "mean",
        ),
        Metric("no_answer_accuracy", "No-answer accuracy", "Unanswerable questions that were left unanswered.", "mean"),
        Metric("rouge_l", "ROUGE-L", "The longest common subsequence of words with the nearest right answer.", "mean"),
        Metric("anls", "ANLS", "Edit similarity with the nearest right answer; 0 below one half.", "mean"),
        Metric("answer_rate", "Answer rate", "The share of questions that got an answer, right or wrong.", "mean"),
    ),
    reader="podium.metrics.document_qa.reading:READER",
    scorer="podium.metrics.document_qa.scoring:SCORER",
    package="podium.metrics.document_qa",
)
