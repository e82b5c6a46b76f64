"""Marking models that others are only measured by: people, chance, and the like. A board shows them without a rank."""

from __future__ import annotations

from django.db import transaction

from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.rules.history import EventKind
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append, keep_text
from podium.server.modelboards.models import Baseline, Dataset
from podium.server.modelboards.refusals import dataset_not_found
from podium.server.modelboards.services.results import show_changes

MOST_BASELINES = 50


def mark_baseline(by: Person | None, dataset_name: str, model: str, baseline: str) -> None:
    """Say what a model is (a `Baseline`), so that the board of a dataset does not rank it, or with an empty text that
    it is one to rank. It holds for all results of the model, those to come as well.

    Raises:
        NotFound: there is no such dataset, or no result of the model on it.
        NotAllowed: the dataset is somebody else's.
        UserError: there is no such kind of baseline, or there are too many of them.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().filter(name=dataset_name).first()
        if dataset is None:
            raise dataset_not_found()
        _check(by, dataset, model, baseline)
        marked = {name: kind for name, kind in dataset.baselines.items() if name != model}
        if baseline:
            marked[model] = baseline
        if marked == dataset.baselines:
            return
        dataset.baselines = marked
        dataset.save(update_fields=["baselines"])
        chain = ChainName.model_board(dataset.pk)
        payload = {"dataset": dataset.pk, "model": keep_text(chain, model), "baseline": baseline}
        append(chain, EventKind.BASELINE_MARKED, actor=by, payload=payload)
        show_changes(dataset)


def _check(by: Person | None, dataset: Dataset, model: str, baseline: str) -> None:
    if by is None or not (by.is_admin or by.id == dataset.owner_id):
        raise NotAllowed("not-your-dataset", "The dataset belongs to somebody else.", "Ask its owner.")
    if baseline and baseline not in Baseline.values:
        known = ", ".join(Baseline.values)
        raise UserError("baseline-unknown", f"A baseline cannot be {baseline[:40]!r}.", f"It is one of {known}.")
    if baseline and len({*dataset.baselines, model}) > MOST_BASELINES:
        raise UserError(
            "baselines-too-many", f"A board has at most {MOST_BASELINES} baselines.", "Take the mark off another."
        )
    if not dataset.results.filter(model=model).exists():
        raise NotFound("model-not-found", "No model of this name has a result here.", "Look at the board.")
