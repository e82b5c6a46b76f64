"""The answers to a competition's fact sheet, checked against its questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from podium.rules.bundle.spec import FactSheetQuestion
from podium.rules.errors import UserError

LONGEST_ANSWER = 2000
_CHECKBOX = {
    True: True,
    False: False,
    "true": True,
    "false": False,
    "True": True,
    "False": False,
    "on": True,
    "": False,
}

# What steers a terminal, and what turns the direction of the text beside it; the zero is refused by name.
_UNSEEN = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def check_answers(
    questions: Sequence[FactSheetQuestion], answers: Mapping[str, object] | None
) -> dict[str, str | bool]:
    """The answers by question key, in the order of the questions: text and choices as stripped text, boxes as bool.

    Whoever answers at all names every question, as the contract has it: one that need not be answered with an empty
    text or an empty box. No answers at all are empty answers. A box that is required must be ticked. Anything that is
    not a question is refused, so that a typing error does not get lost.

    Raises:
        UserError: `fact-sheet`: the message holds everything that is wrong, question by question.
    """
    given = answers or {}
    known = {question.key for question in questions}
    problems = [f"there is no question {str(key)[:80]!r}" for key in given if key not in known]
    checked: dict[str, str | bool] = {}
    for question in questions:
        answer, problem = _answer(question, given.get(question.key))
        if given and question.key not in given:
            problem = f"there is no answer to {question.key!r}; leave it empty by sending one that is"
        checked[question.key] = answer
        if problem:
            problems.append(f"{question.title}: {problem}")
    if problems:
        raise UserError(
            "fact-sheet",
            f"The answers to the fact sheet cannot be taken. {_sentence(problems)}",
            "Correct them and submit again.",
        )
    return checked


def _answer(question: FactSheetQuestion, given: object) -> tuple[str | bool, str]:
    if question.type == "checkbox":
        return _box(question, given)
    text = "" if given is None else given
    if not isinstance(text, str):
        return "", "the answer must be text"
    text = _UNSEEN.sub("", text).strip()
    if not text:
        return "", "an answer is required" if question.is_required else ""
    if question.type == "select" and text not in question.selection:
        return "", f"choose one of {', '.join(filter(None, question.selection))}"
    if len(text) > LONGEST_ANSWER:
        return "", f"at most {LONGEST_ANSWER} characters are possible, not {len(text)}"
    if "\x00" in text:
        return "", "the answer holds a character that is no text"
    return text, ""


def _box(question: FactSheetQuestion, given: object) -> tuple[bool, str]:
    value = False if given is None else given
    if not isinstance(value, (bool, str)) or value not in _CHECKBOX:
        return False, "the answer must be true or false"
    ticked = _CHECKBOX[value]
    return ticked, "this must be ticked" if question.is_required and not ticked else ""


def _sentence(problems: Sequence[str]) -> str:
    text = "; ".join(problems)
    return f"{text[:1].upper()}{text[1:]}."
