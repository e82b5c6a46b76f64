"""The task that a phase of CodaLab becomes."""

from __future__ import annotations

from podium.rules.bundle.codalab.families import Draft
from podium.rules.bundle.files import BundleFiles
from podium.rules.bundle.spec import TaskSpec


def read_task(index: int, draft: Draft, files: BundleFiles) -> TaskSpec:
    """The task of the phase, named after it."""
    section = draft.section
    ingestion = files.member(section, "ingestion_program")
    together = section.flag("ingestion_program_only_during_scoring")
    if section.flag("is_scoring_only") and ingestion is not None and not together:
        message = f'"{draft.label}" takes results only: its ingestion program does not run.'
        section.findings.note("ingestion-unused", message, section.mark("is_scoring_only"))
        ingestion = None
    scoring = files.member(section, "scoring_program")
    if section.node("scoring_program") is None:
        message = f'"{draft.label}" has no scoring program: its submissions get no scores.'
        hint = "Name the program in scoring_program."
        section.findings.note("scoring-program-missing", message, section.mark("scoring_program"), hint)
    return TaskSpec(
        index=index,
        name=f"{draft.label} Task",
        scoring_program=scoring,
        ingestion_program=ingestion,
        input_data=files.member(section, "input_data"),
        reference_data=files.member(section, "reference_data"),
        ingestion_only_during_scoring=together,
    )
