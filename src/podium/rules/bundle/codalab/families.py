"""Parallel phases of CodaLab 1.8: phases that a submission to their parent runs on, all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from podium.rules.bundle.section import Section


@dataclass(frozen=True)
class Draft:
    """One table of `phases` and what must be known of it to order the phases; `parent` is a phase number.

    `number` and `start` are None where they cannot be read, which the findings tell.
    """

    section: Section
    number: int | None
    label: str
    start: datetime | None
    parent: int | None
    is_parent: bool


@dataclass(frozen=True)
class Family:
    """A phase of the competition: `head` as such, or with the parallel phases that become its tasks."""

    head: Draft
    children: tuple[Draft, ...] = ()

    @property
    def members(self) -> tuple[Draft, ...]:
        """All tables that describe it, the head first."""
        return (self.head, *self.children)

    @property
    def tasks(self) -> tuple[Draft, ...]:
        """The tables that its tasks come from."""
        return self.children or (self.head,)


def group_phases(drafts: Sequence[Draft]) -> list[Family]:
    """The phases in their order, parallel ones with their parent."""
    by_number: dict[int, Draft] = {}
    for draft in drafts:
        if draft.number is not None:
            by_number.setdefault(draft.number, draft)
    children: dict[int, list[Draft]] = {}
    heads = []
    for draft in drafts:
        if draft.parent is not None and _has_parent(draft, by_number):
            children.setdefault(draft.parent, []).append(draft)
        else:
            heads.append(draft)
    families = []
    for draft in heads:
        is_first = draft.number is not None and by_number[draft.number] is draft
        own = tuple(children.get(draft.number, ())) if is_first and draft.number is not None else ()
        if draft.is_parent and not own:
            message = f'No phase names "{draft.label}" as its parent; it is a phase like others.'
            hint = f"Write parent_phasenumber: {draft.number} in those that belong to it."
            section = draft.section
            section.findings.note("parallel-childless", message, section.mark("is_parallel_parent"), hint)
        families.append(Family(draft, own))
    return families


def _has_parent(child: Draft, by_number: dict[int, Draft]) -> bool:
    """Whether the phase runs beside others under a parent, which a note then tells; an error where it cannot."""
    section = child.section
    mark = section.mark("parent_phasenumber")
    parent = by_number.get(child.parent or 0)
    if parent is None or parent is child:
        message = f"{section.named('parent_phasenumber')} is {child.parent}, but no other phase has that number."
        section.findings.error("parent-unknown", message, mark, "Write the phasenumber of the parent.")
        return False
    if parent.parent is not None:
        message = f'"{child.label}" has the parent "{parent.label}", which has a parent itself.'
        section.findings.error("parent-nested", message, mark, "Name the topmost one.")
        return False
    message = f'"{child.label}" becomes a task of "{parent.label}": a submission there runs on all its tasks.'
    section.findings.note("phase-becomes-task", message, mark, "Dates and limits are those of the parent.")
    return True
