"""How a worker compares with the others, as the page of the workers shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import format_html

from podium.rules.provenance import Comparison, Making
from podium.server.pages import wording
from podium.server.pages.parts import Kind, Text
from podium.server.pages.provenance import ShownRecord, facts_of
from podium.server.submissions.queries.worker_checks import WorkerChecks


@dataclass(frozen=True)
class ShownCheck:
    """The last check of a worker: one word, when, and where it differs how, with how both scores were made."""

    state: str
    kind: Kind
    when: Text
    lines: tuple[str, ...]
    before: tuple[ShownRecord, ...] = ()
    now: tuple[ShownRecord, ...] = ()


def shown_check(checks: WorkerChecks) -> ShownCheck:
    """The check of a worker."""
    found = checks.last
    when: Text = "" if checks.begun_at is None else wording.ago(checks.begun_at)
    if found is None:
        return ShownCheck("Being checked", "busy", when, ())
    more: Text = format_html("{}; the next is under way", when) if checks.under_way else when
    if found.comparison is None or found.now is None:
        return ShownCheck("Could not be checked", "bad", more, (found.problem,))
    if found.comparison.agrees:
        return ShownCheck("Agrees", "good", more, ())
    lines = tuple(_lines(found.comparison))
    return ShownCheck("Differs", "bad", more, lines, _records(found.before), _records(found.now))


def _records(making: Making) -> tuple[ShownRecord, ...]:
    return tuple(ShownRecord(f"{step.step.capitalize()} step", facts_of(step)) for step in making.steps)


def _lines(found: Comparison) -> Iterator[str]:
    for score in found.scores:
        by = "" if score.by is None else f", {score.by:g} apart"
        yield f"{score.key} is {_number(score.now)} here and {_number(score.before)} in the submission{by}."
    for each in found.inputs:
        yield f"{each.what.capitalize()} of the {each.step} step: {_short(each.now)} here, {_short(each.before)} there."


def _number(value: float | None) -> str:
    return "missing" if value is None else repr(value)


def _short(text: str) -> str:
    return (text if len(text) <= _LONGEST else f"{text[:12]}…") or "none"


_LONGEST = 40
