"""Names of task types, as people write them."""

from __future__ import annotations

import re
from collections.abc import Collection

from podium.rules.errors import UserError

ALIASES = {
    "ner": "named_entity_recognition",
    "qa": "document_qa",
    "chatbot": "document_qa",
    "prompting": "line_qa",
    "classification": "text_classification",
}
_PARTED = re.compile(r"[\s\-]+")


def task_type_of(text: object, known: Collection[str]) -> str:
    """The name of the task type that somebody means; `known` are the names of those that the site has.

    >>> task_type_of("Text Classification", ["text_classification"])
    'text_classification'

    Raises:
        UserError: there is none of that name; those that are known are named.
    """
    word = _PARTED.sub("_", text.strip().lower()) if isinstance(text, str) else ""
    name = ALIASES.get(word, word)
    if name in known:
        return name
    raise UserError(
        "task-type-unknown",
        f"The task type {str(text)[:60]!r} is not known here.",
        f"Known are {', '.join(sorted(known))}.",
    )
