"""One label for each text."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TASK_TYPE = TaskType(
    slug="text_classification",
    title="Text classification",
    summary="One of a few labels for each text, such as a sentiment.",
    unit="item",
    aliases=("classification", "sentiment_analysis"),
    references=(
        ID,
        Field("label", "label", "The right label.", aliases=("labels", "gold", "answer", "ground_truth")),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(
        ID,
        Field("label", "label", "The model's label.", aliases=("prediction", "predicted", "answer", "output")),
        Field(
            "probabilities",
            "probabilities",
            "The probability of every label, which sum to 1: an object in JSON, columns `probability:LABEL` in CSV.",
            required=False,
            aliases=("probs",),
        ),
    ),
    metrics=(
        Metric("accuracy", "Accuracy", "The share of items whose label is right.", "mean"),
        Metric("macro_f1", "Macro F1", "The mean over labels of their F1; each label counts alike.", "corpus"),
        Metric("weighted_f1", "Weighted F1", "The mean F1 of labels, weighted by how often each is right.", "corpus"),
        Metric("balanced_accuracy", "Balanced accuracy", "The mean over labels of their recall.", "corpus"),
        Metric(
            "mcc", "Matthews correlation", "Correlation of right and predicted labels; 0 is chance.", "corpus", low=-1
        ),
        Metric("kappa", "Cohen's kappa", "Agreement beyond what chance would give.", "corpus", low=-1),
        Metric(
            "log_loss",
            "Log loss",
            "The mean of minus the natural logarithm of the right label's probability.",
            "mean",
            "asc",
            high=None,
            unit="nats",
        ),
        Metric(
            "brier",
            "Brier score",
            "Half the mean squared distance of probabilities from the right label.",
            "mean",
            "asc",
        ),
        Metric(
            "roc_auc",
            "ROC AUC",
            "The chance that an item of a label gets a higher probability of it than another item; mean over labels.",
            "ranking",
        ),
    ),
    reader="podium.metrics.text_classification.reading:READER",
    scorer="podium.metrics.text_classification.scoring:SCORER",
    package="podium.metrics.text_classification",
)
