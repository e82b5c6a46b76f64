"""Names in sentences: what is one, from where to where, and of which type."""

from __future__ import annotations

from podium.metrics.task_type import CLUSTER, ID, LANGUAGE, Field, Metric, TaskType

TAGS = Field(
    "tags",
    "tags",
    "A tag per token, such as `B-PER I-PER O`: a list in JSON, text with spaces in CSV.",
    required=False,
    aliases=("ner_tags", "labels", "prediction"),
)
ENTITIES = Field(
    "entities",
    "spans",
    'Spans such as `{"start": 0, "end": 5, "label": "PER"}` with `end` after the last character, or `["Ann", "PER"]`.',
    required=False,
    aliases=("spans", "predicted_entities", "mentions", "answers", "answer"),
)

TASK_TYPE = TaskType(
    slug="named_entity_recognition",
    title="Named entity recognition",
    summary="Names in sentences: from where to where, and of which type.",
    unit="sentence",
    aliases=("ner",),
    references=(
        ID,
        TAGS,
        ENTITIES,
        Field("text", "text", "The sentence; spans must lie within it.", required=False, aliases=("sentence",)),
        CLUSTER,
        LANGUAGE,
    ),
    predictions=(ID, TAGS, ENTITIES),
    metrics=(
        Metric("entity_f1", "Entity F1", "Span and type right, by the rules of conlleval; over all entities.", "ratio"),
        Metric("precision", "Precision", "The share of predicted entities whose span and type are right.", "ratio"),
        Metric("recall", "Recall", "The share of entities found with span and type.", "ratio"),
        Metric("exact_f1", "Exact span F1", "The span is right, whatever the type (SemEval 2013, exact).", "ratio"),
        Metric("partial_f1", "Partial span F1", "The span is right, or counts half where it overlaps.", "ratio"),
        Metric("type_f1", "Type F1", "The type is right and the span overlaps (SemEval 2013, type).", "ratio"),
        Metric(
            "token_accuracy",
            "Token accuracy",
            "The share of tokens with the right tag; most tokens are no name.",
            "ratio",
        ),
    ),
    reader="podium.metrics.named_entity_recognition.reading:READER",
    scorer="podium.metrics.named_entity_recognition.scoring:SCORER",
    package="podium.metrics.named_entity_recognition",
)
