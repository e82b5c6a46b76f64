"""Which of a task type's metrics somebody means."""

from __future__ import annotations

import re

from podium.metrics.task_type import Metric, TaskType

_PARTED = re.compile(r"[\s\-]+")
_ALSO_CALLED = {
    "acc": ("accuracy",),
    "em": ("exact_match",),
    "f1": ("f1", "entity_f1", "macro_f1"),
    "f1_score": ("f1", "entity_f1", "macro_f1"),
    "f1_macro": ("macro_f1",),
    "micro_f1": ("entity_f1", "accuracy"),
    "f1_weighted": ("weighted_f1",),
    "ndcg": ("ndcg_10",),
    "mrr": ("mrr_10",),
    "rouge": ("rouge_l",),
    "rougel": ("rouge_l",),
    "word_error_rate": ("wer",),
    "character_error_rate": ("cer",),
}


def metric_meant(task: TaskType, said: str) -> Metric:
    """The metric of this name or title, or one that is often called so; the first of the task type where nothing is
    said.

    Raises:
        UserError: there is none; those that exist are named.
    """
    if not said.strip():
        return task.primary
    word = _word(said)
    named = {each.name: each for each in task.metrics}
    for each in task.metrics:
        if word in {_word(each.name), _word(each.title)}:
            return each
    for name in _ALSO_CALLED.get(word, ()):
        # Of several languages, a metric is the mean over them.
        for known in (name, f"{name}_language_mean"):
            if known in named:
                return named[known]
    mean = f"{word}_language_mean"
    return named[mean] if mean in named else task.metric(said)


def _word(text: str) -> str:
    return _PARTED.sub("_", text.strip().lower())
