"""How a score was made, as the page of its submission shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from podium.rules.limits import TIME, in_words
from podium.rules.provenance import StepRecord
from podium.server.pages import wording
from podium.server.pages.parts import Fact
from podium.server.submissions.queries.provenance import PartProvenance


@dataclass(frozen=True)
class ShownRecord:
    """One step: what it read and wrote, where it was done."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class ShownMaking:
    """How the scores on one task were made; `task` is empty where there is only one. `key` tells it apart on the
    page."""

    key: str
    task: str
    note: str
    records: tuple[ShownRecord, ...]


def shown_makings(parts: Sequence[PartProvenance]) -> list[ShownMaking]:
    """How the scores of a submission were made."""
    return [
        ShownMaking(
            key=f"made-{part.part_id}",
            task=part.task if len(parts) > 1 else "",
            note=_note(part.corrections),
            records=tuple(ShownRecord(f"{step.step.capitalize()} step", facts_of(step)) for step in part.making.steps),
        )
        for part in parts
    ]


def facts_of(step: StepRecord) -> tuple[Fact, ...]:
    """All that is written down of a step."""
    facts = [Fact(_named(name), shortened(sha256)) for name, sha256 in step.read.items()]
    facts += [Fact(f"Left: {name}", shortened(sha256)) for name, sha256 in step.wrote.items()]
    facts.append(Fact("Ran in", _runtime(step)))
    facts.append(Fact("Sandbox", step.sandbox or "its worker did not say"))
    facts.append(Fact("Worker", ", ".join(word for word in (step.worker, step.host, step.worker_version) if word)))
    if step.limits:
        seconds = f"{step.limits[TIME.name]:g} s, " if TIME.name in step.limits else ""
        amounts = in_words(step.limits)
        facts.append(Fact("Might use", f"{seconds}{amounts}, {'the network' if step.network else 'no network'}"))
    facts += [Fact(name, wording.at(at)) for name, at in _moments(step)]
    if step.exit_code is not None:
        facts.append(Fact("Exit code", str(step.exit_code)))
    return tuple(facts)


def shortened(sha256: str) -> SafeString:
    """A hash, short to look at and whole to copy."""
    return format_html('<code title="{}">{}…</code>', sha256, sha256[:12])


def _named(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _runtime(step: StepRecord) -> SafeString | str:
    if not step.runtime_digest:
        return step.runtime or "its worker did not say"
    return format_html('<span title="{}">{}</span>', step.runtime_digest, step.runtime or step.runtime_digest[:19])


def _moments(step: StepRecord) -> list[tuple[str, datetime]]:
    return [(name, at) for name, at in (("Began", step.started_at), ("Ended", step.ended_at)) if at is not None]


def _note(corrections: int) -> str:
    if not corrections:
        return ""
    times = "once" if corrections == 1 else f"{corrections} times"
    return f"An organizer corrected these scores by hand {times} since. Below is how the program's own came to be."
