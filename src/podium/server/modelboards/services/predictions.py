"""Sending predictions, to be scored by a job, and having them scored again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from podium.rules.errors import Conflict, NotAllowed, NotFound
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.files.services import keep_blob
from podium.server.history.services import ChainName, append, keep_text
from podium.server.jobs.internal.services import ask_for
from podium.server.modelboards.models import Dataset, Predictions, PredictionsState, ReferenceSet, ReferencesState
from podium.server.modelboards.queries.checks import CHECKING
from podium.server.modelboards.refusals import dataset_not_found
from podium.server.modelboards.services.results import check_submitter
from podium.server.modelboards.services.scoring import ask_for_scoring
from podium.server.modelboards.services.sent_files import KeptFile, SentFile, check_space, keep_sent

MOST_WAITING = 100
"""Predictions of one person that wait to be scored at a time, so that those of others have their turn."""


@dataclass(frozen=True)
class PredictionsWishes:
    """What is sent along with the predictions of a model. Names are cleaned already. `open_labels`: labels that the
    references do not know are wrong answers, and no mistake in the file."""

    model: str
    submitted_by: str = ""
    source: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    open_labels: bool = False


@dataclass(frozen=True)
class SentPredictions:
    """The key of predictions, and the number of the job that scores them; None where they are scored already."""

    key: UUID
    job: int | None


def submit_predictions(
    by: Person | None, dataset_name: str, sent: SentFile, wishes: PredictionsWishes
) -> SentPredictions:
    """Send what a model answered to all items of a dataset, to be scored. The same file for the same model again gives
    what it gave before, and changes nothing.

    Raises:
        NotFound: there is no such dataset.
        Conflict: it has no references, or too many predictions of this person wait.
        NotAllowed: the model's result is somebody else's.
        UserError: the file is empty.
        TooLarge, OutOfSpace: it does not fit.
    """
    dataset = Dataset.objects.filter(name=dataset_name).first()
    if dataset is None:
        raise dataset_not_found()
    _current_references(dataset)
    _check_model(by, dataset, wishes.model)
    kept = keep_sent(by, sent)
    with transaction.atomic():
        if by is not None:
            check_space(hold_account(by.id), kept.stored.size_bytes)
        keep_blob(kept.stored)
        dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
        _check_model(by, dataset, wishes.model)
        return _same_again(dataset, wishes, kept) or _added(by, dataset, kept, wishes)


def score_again(by: Person, key: UUID) -> int:
    """Have predictions scored once more, which shows that the outcome is the same. Returns the number of the job.

    Raises:
        NotFound: there are no such predictions that the person may see.
        Conflict: they wait to be scored already, or were never scored.
    """
    with transaction.atomic():
        found = Predictions.objects.filter(key=key).first()
        dataset = None if found is None else Dataset.objects.select_for_update().get(pk=found.dataset_id)
        if found is None or dataset is None or not (by.is_admin or by.id in {found.submitter_id, dataset.owner_id}):
            raise NotFound("predictions-not-found", "There are no such predictions that you may see.")
        found.refresh_from_db()
        if found.state != PredictionsState.SCORED:
            raise Conflict("predictions-not-scored", "These predictions have no score.", "Send them anew.")
        found.references = _current_references(dataset)
        return ask_for_scoring(found)


def ask_check(by: Person, dataset_name: str, sent: SentFile) -> int:
    """Have predictions read without scoring them: whether they would do, and what is wrong with them. Nothing of them
    is kept for longer than a day. Returns the number of the job.

    Raises:
        NotFound: there is no such dataset.
        Conflict: it has no references.
        UserError: the file is empty.
        TooLarge, OutOfSpace: it does not fit.
    """
    dataset = Dataset.objects.filter(name=dataset_name).first()
    if dataset is None:
        raise dataset_not_found()
    references = _current_references(dataset)
    kept = keep_sent(by, sent)
    with transaction.atomic():
        # Without a row that names it, the blob is swept a day later.
        keep_blob(kept.stored)
        payload = {"dataset": dataset.pk, "references": references.pk, "sha256": kept.stored.sha256, "name": kept.name}
        return ask_for(CHECKING, by, payload, subject=f"check {references.pk}")


def _current_references(dataset: Dataset) -> ReferenceSet:
    found = dataset.reference_sets.filter(state=ReferencesState.ACCEPTED, superseded_at=None).first()
    if found is None:
        waits = dataset.reference_sets.filter(state=ReferencesState.WAITING).exists()
        raise Conflict(
            "no-references",
            "The references of this dataset are still being checked."
            if waits
            else "This dataset has no references, so that nothing can be scored on it.",
            "Try again in a moment." if waits else "Declare the score instead, or ask the owner for references.",
        )
    return found


def _check_model(by: Person | None, dataset: Dataset, model: str) -> None:
    """Nobody takes another's place on the board, nor in the line to it."""
    check_submitter(by, dataset, model)
    others = dataset.predictions.filter(model=model, state=PredictionsState.WAITING)
    others = others.exclude(submitter_id=by.id) if by else others.exclude(submitter=None)
    may = by is not None and (by.is_admin or by.id == dataset.owner_id)
    if others.exists() and not may:
        raise NotAllowed(
            "not-your-result",
            "Somebody else sent predictions of this model, which are being scored.",
            "Send yours under another name of the model.",
        )


def _same_again(dataset: Dataset, wishes: PredictionsWishes, kept: KeptFile) -> SentPredictions | None:
    """The newest predictions of the model, where they are the same and not known to be wrong."""
    newest = dataset.predictions.filter(model=wishes.model).order_by("-pk").first()
    if newest is None or (newest.digest, newest.open_labels) != (kept.stored.sha256, wishes.open_labels):
        return None
    if newest.state == PredictionsState.WAITING:
        return SentPredictions(newest.key, newest.job_id)
    counts = dataset.results.filter(predictions=newest, superseded_at=None).exists()
    return SentPredictions(newest.key, None) if newest.state == PredictionsState.SCORED and counts else None


def _added(by: Person | None, dataset: Dataset, kept: KeptFile, wishes: PredictionsWishes) -> SentPredictions:
    waiting = Predictions.objects.filter(submitter_id=by.id if by else None, state=PredictionsState.WAITING)
    if waiting.count() >= MOST_WAITING:
        raise Conflict(
            "predictions-wait",
            f"{MOST_WAITING} predictions of yours wait to be scored.",
            "Send more once some of them are done.",
        )
    made = Predictions.objects.create(
        dataset=dataset,
        references=_current_references(dataset),
        model=wishes.model,
        blob_id=kept.stored.sha256,
        name=kept.name,
        digest=kept.stored.sha256,
        open_labels=wishes.open_labels,
        submitter_id=by.id if by else None,
        submitted_by=wishes.submitted_by,
        source=wishes.source,
        extra=dict(wishes.extra),
        created_at=clock.now(),
    )
    job = ask_for_scoring(made)
    chain = ChainName.model_board(dataset.pk)
    payload = {
        "dataset": dataset.pk,
        "predictions": made.pk,
        "model": keep_text(chain, made.model),
        "sha256": made.digest,
    }
    append(chain, EventKind.PREDICTIONS_SENT, actor=by, payload=payload)
    return SentPredictions(made.key, job)
