"""The fact sheet: questions that a participant answers with each submission."""

from __future__ import annotations

from collections import Counter
from typing import Literal, cast

from podium.rules.bundle.keys import FACT_SHEET_QUESTION
from podium.rules.bundle.nodes import Entry, Listing, Node, Scalar, Table, kind_in_words
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import FactSheetQuestion


def read_fact_sheet(competition: Section) -> tuple[FactSheetQuestion, ...]:
    """The questions in the order of the YAML."""
    node = competition.node("fact_sheet")
    if node is None or (isinstance(node, Scalar) and not node.text.strip()):
        return ()
    if not isinstance(node, Table):
        message = f'"fact_sheet" is {kind_in_words(node)} where a table of questions belongs.'
        competition.findings.error("not-a-table", message, node.mark, "Write each question under its key.")
        return ()
    questions = [_read_question(key, entry, competition) for key, entry in node.entries.items()]
    return tuple(question for question in questions if question is not None)


def _read_question(key: str, entry: Entry, competition: Section) -> FactSheetQuestion | None:
    findings = competition.findings
    path = f"fact_sheet.{key[:60]}"
    if not key or any(character.isspace() for character in key):
        message = f'The key "{key[:60]}" of the fact sheet is empty or has white space in it.'
        findings.error("fact-sheet-key", message, entry.key.mark, "Write it without, such as with underscores.")
    if not isinstance(entry.value, Table):
        message = f'"{path}" is {kind_in_words(entry.value)} where a table of keys belongs.'
        findings.error("not-a-table", message, entry.value.mark, "It needs: type, title.")
        return None
    section = Section(entry.value, FACT_SHEET_QUESTION, path, findings)
    own_key = section.text("key")
    if own_key and own_key != key:
        message = f'{section.named("key")} is "{own_key[:60]}", but the question stands under "{key[:60]}".'
        findings.error("fact-sheet-key", message, section.mark("key"), "Write the same key in both places.")
    answered_by = section.choice("type")
    question = FactSheetQuestion(
        key=key,
        title=section.text("title") or key,
        type=cast("Literal['checkbox', 'text', 'select']", answered_by or "text"),
        selection=_read_selection(section, answered_by),
        is_required=section.flag("is_required"),
        is_on_leaderboard=section.flag("is_on_leaderboard"),
    )
    section.note_unknown_keys()
    return question


def _read_selection(section: Section, answered_by: str | None) -> tuple[str, ...]:
    """The choices of a select. A checkbox may list true and false, which says nothing new; a text has none."""
    node = section.node("selection")
    choices = _choices(section, node)
    if answered_by == "select" and not choices:
        message = f"{section.named('selection')} is missing or empty, but the question is a select."
        section.findings.error("selection-empty", message, section.mark("selection"), "List the choices.")
    if answered_by == "text" and choices:
        message = f"{section.named('selection')} lists choices, but the question is a text."
        hint = 'Make it "type: select", or write "selection: []".'
        section.findings.error("selection-unused", message, section.mark("selection"), hint)
    if answered_by == "checkbox":
        if any(choice.lower() not in ("true", "false", "") for choice in choices):
            message = f"{section.named('selection')} lists choices, but the question is a checkbox."
            section.findings.error("selection-unused", message, section.mark("selection"), 'Make it "type: select".')
        return ()
    return choices


def _choices(section: Section, node: Node | None) -> tuple[str, ...]:
    if node is None or (isinstance(node, Scalar) and not node.text.strip()):
        return ()
    texts = [item.text for item in section.items("selection") if isinstance(item, Scalar)]
    if isinstance(node, Listing) and len(texts) != len(node.items):
        message = f"{section.named('selection')} has a choice that is not a single text."
        section.findings.error("wrong-type", message, node.mark)
    for text in (text for text, times in Counter(texts).items() if times > 1):
        message = f'{section.named("selection")} lists "{text[:60]}" twice.'
        section.findings.error("selection-repeated", message, section.mark("selection"), "Keep one of them.")
    return tuple(texts)
