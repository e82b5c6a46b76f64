"""Documents in order, for each query."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TASK_TYPE = TaskType(
    slug="retrieval",
    title="Retrieval",
    summary="For each query the documents that help, best first.",
    unit="query",
    aliases=("search", "information_retrieval"),
    references=(
        ID,
        Field(
            "relevant",
            "grades",
            'The documents that help: a list, or grades such as `{"d1": 2, "d7": 1}`; in CSV ids with spaces between.',
            aliases=("documents", "qrels", "answers"),
        ),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(
        ID,
        Field(
            "ranking",
            "ranking",
            'Documents, best first: a list, or scores such as `{"d1": 0.8}`; in CSV ids with spaces between.',
            aliases=("prediction", "documents", "results"),
        ),
    ),
    metrics=(
        Metric("ndcg_10", "nDCG@10", "Gains of the first ten, discounted by rank, over the best order's.", "mean"),
        Metric("mrr_10", "MRR@10", "One over the rank of the first helpful document; 0 beyond ten.", "mean"),
        Metric("recall_10", "Recall@10", "The share of helpful documents among the first ten.", "mean"),
        Metric("recall_100", "Recall@100", "The share of helpful documents among the first hundred.", "mean"),
        Metric("map", "MAP", "Precision at each helpful document, averaged over all there are.", "mean"),
    ),
    reader="podium.metrics.retrieval.reading:READER",
    scorer="podium.metrics.retrieval.scoring:SCORER",
    package="podium.metrics.retrieval",
)
