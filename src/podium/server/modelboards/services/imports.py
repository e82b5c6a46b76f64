"""Bringing results from the files of other tools: all of a file, or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.db import transaction

from podium.blobs.archives import ArchiveLimits, ZipSource
from podium.metrics.registry import task_type
from podium.rules.errors import Conflict, NotFound, TooLarge, UserError
from podium.rules.modelboards.imports import (
    MOST_BYTES,
    ImportedDataset,
    ImportedResult,
    ImportWishes,
    LeftOut,
    read_results,
)
from podium.server.accounts.people import Person
from podium.server.modelboards.models import Dataset
from podium.server.modelboards.services.datasets import DatasetWishes, add_dataset
from podium.server.modelboards.services.results import declare, show_changes

Outcome = Literal["added", "updated", "skipped"]

_ZIP = b"PK"
_HEADER = "header.json"
_MOST_ZIP_BYTES = 64 << 20
_ZIP_LIMITS = ArchiveLimits(entries=200_000)


@dataclass(frozen=True)
class ImportOutcome:
    """What became of one result of the file; `reason` says why it was skipped, `place` where it stands in the file."""

    place: str
    dataset: str
    model: str
    score: float | None
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What became of a file: the tool that wrote it, which datasets were made, and each result."""

    tool: str
    new_datasets: tuple[str, ...]
    results: tuple[ImportOutcome, ...]
    left_out: tuple[LeftOut, ...]

    def counted(self, outcome: Outcome) -> int:
        """How many results had this outcome."""
        return sum(each.outcome == outcome for each in self.results)


def import_results(
    by: Person | None,
    path: Path,
    name: str,
    wishes: ImportWishes,
    *,
    task_type_name: str = "",
    dry_run: bool = False,
) -> ImportReport:
    """Declare every result of a file; datasets that are not there are made, of the task type that is named.

    A dry run says what would become of the file, and changes nothing.

    Raises:
        UserError: the file cannot be read, or it needs a task type that is not named.
        NotAllowed: somebody else declared a result that the file would change.
    """
    found = read_results(_content(path, name), name, wishes)
    kind = task_type(task_type_name).slug if task_type_name else ""
    with transaction.atomic():
        there = _locked([each.name for each in found.datasets])
        results: list[ImportOutcome] = []
        for each in found.datasets:
            results += _declared(by, there[each.name], each) if each.name in there else _made(by, each, kind)
        if dry_run:
            transaction.set_rollback(True)
    new = tuple(each.name for each in found.datasets if each.name not in there)
    return ImportReport(found.tool, new, tuple(results), found.left_out)


def _content(path: Path, name: str) -> bytes:
    """The file, or the header of the log that it packs."""
    size = path.stat().st_size
    with path.open("rb") as file:
        packed = file.read(len(_ZIP)) == _ZIP
    most = _MOST_ZIP_BYTES if packed else MOST_BYTES
    if size > most:
        raise TooLarge("import-large", f"{name} has more than {most >> 20} MiB.", "Send it without its samples.")
    if not packed:
        return path.read_bytes()
    with ZipSource(path, _ZIP_LIMITS) as source:
        try:
            return source.read(_HEADER, limit_bytes=MOST_BYTES)
        except NotFound:
            raise UserError(
                "import-unfinished",
                f"{name} is a zip without {_HEADER}: no log of Inspect, or one of an evaluation that has not ended.",
                "Send the log of one that has.",
            ) from None


def _locked(names: list[str]) -> Mapping[str, Dataset]:
    found = Dataset.objects.select_for_update().filter(name__in=names).order_by("pk")
    return {dataset.name: dataset for dataset in found}


def _made(by: Person | None, dataset: ImportedDataset, kind: str) -> list[ImportOutcome]:
    if not kind:
        raise UserError(
            "import-task-type", f"There is no dataset {dataset.name} here yet.", "Name its task type, and it is made."
        )
    results = [each.declared for each in dataset.results]
    add_dataset(
        by,
        DatasetWishes(
            name=dataset.name,
            task_type=kind,
            url=dataset.url,
            metric=dataset.metric[:100],
            lower_is_better=dataset.lower_is_better,
            extra=dataset.extra,
            results=results,
        ),
    )
    return [_outcome(dataset, each, "added") for each in dataset.results]


def _declared(by: Person | None, there: Dataset, dataset: ImportedDataset) -> list[ImportOutcome]:
    models = [each.declared.model for each in dataset.results]
    known = set(there.results.filter(superseded_at=None, model__in=models).values_list("model", flat=True))
    outcomes = [_declared_one(by, there, dataset, each, known) for each in dataset.results]
    if any(each.outcome != "skipped" for each in outcomes):
        show_changes(there)
    return outcomes


def _declared_one(
    by: Person | None, there: Dataset, dataset: ImportedDataset, result: ImportedResult, known: set[str]
) -> ImportOutcome:
    if result.metric and there.metric and result.metric != there.metric:
        reason = f"The dataset here ranks by {there.metric}, and this is {result.metric}."
        return _outcome(dataset, result, "skipped", reason)
    if dataset.lower_is_better not in (None, there.lower_is_better):
        best = "lowest" if there.lower_is_better else "highest"
        return _outcome(dataset, result, "skipped", f"On the dataset here the {best} score is the best.")
    try:
        declared = declare(there, by, result.declared)
    except Conflict as conflict:
        return _outcome(dataset, result, "skipped", conflict.message)
    if not declared:
        return _outcome(dataset, result, "skipped", "The same stands there already.")
    return _outcome(dataset, result, "updated" if result.declared.model in known else "added")


def _outcome(dataset: ImportedDataset, result: ImportedResult, outcome: Outcome, reason: str = "") -> ImportOutcome:
    declared = result.declared
    return ImportOutcome(result.place, dataset.name, declared.model, declared.score, outcome, reason)
