"""Results that come from the leaderboard of a competition, and follow it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from podium.rules.history import EventKind
from podium.rules.modelboards.declared import Declared
from podium.server import clock
from podium.server.history.services import ChainName, append, keep_text
from podium.server.modelboards.models import Badge, Dataset, Result
from podium.server.modelboards.services.results import next_revision, show_changes, tell_declared

_FROM = "publication"
_SUBMISSION = "submission"
_DELETED = "(deleted)"
_BADGES = (Badge.RERUN, Badge.ORGANIZER)


@dataclass(frozen=True)
class PublishedResult:
    """An entry of a leaderboard as a result. `by_hand`: an organizer wrote its score; no run on this site did."""

    declared: Declared
    submission: int
    by_hand: bool = False


Owners = Callable[[Collection[int]], Mapping[int, str]]
"""Whose these submissions are, by opaque id; those that are deleted are left out."""


def show_published(dataset_id: int, publication: int, wanted: Sequence[PublishedResult], owners: Owners) -> list[str]:
    """Let the results of a publication be these, in a transaction: what changed is a new revision, and what is no more
    is withdrawn. Returns the names that somebody else's results have on the dataset, which stay as they are."""
    dataset = Dataset.objects.select_for_update().get(pk=dataset_id)
    ours = {each.model: each for each in _published(publication).filter(dataset=dataset, superseded_at=None)}
    current = dataset.results.filter(superseded_at=None).values_list("model", flat=True)
    taken = set(current) - ours.keys()
    names = {each.declared.model for each in wanted}
    gone = [each for name, each in ours.items() if name not in names]
    new = [
        (each, result)
        for each in wanted
        if each.declared.model not in taken
        and not _same(ours.get(each.declared.model), result := _result(dataset, publication, each))
    ]
    whose = owners([each.extra[_SUBMISSION] for each in gone] + [each.submission for each, _ in new])
    _withdraw(dataset, gone, whose)
    for each, result in new:
        _show(dataset, result, ours.get(result.model), whose.get(each.submission, ""))
    if gone or new:
        show_changes(dataset)
    return sorted(taken & names)


def forget_published(submissions: Collection[int]) -> None:
    """Delete the results, with all their revisions, that name the owner of these submissions. Those that still stand on
    a leaderboard come back under the name that it has then."""
    Result.objects.filter(badge__in=_BADGES, **{f"extra__{_SUBMISSION}__in": list(submissions)}).delete()


def _published(publication: int) -> QuerySet[Result]:
    return Result.objects.filter(badge__in=_BADGES, predictions=None, **{f"extra__{_FROM}": publication})


def _result(dataset: Dataset, publication: int, wanted: PublishedResult) -> Result:
    declared = wanted.declared
    return Result(
        dataset=dataset,
        model=declared.model,
        score=declared.score,
        updated=declared.updated,
        updated_on=declared.updated_on,
        detailed_scores=dict(declared.detailed_scores),
        source=declared.source,
        extra={**declared.extra, _FROM: publication, _SUBMISSION: wanted.submission},
        badge=Badge.ORGANIZER if wanted.by_hand else Badge.RERUN,
    )


def _same(current: Result | None, result: Result) -> bool:
    return current is not None and _says(current) == _says(result)


def _says(result: Result) -> tuple[object, ...]:
    return result.score, result.updated, result.detailed_scores, result.source, result.extra, str(result.badge)


def _show(dataset: Dataset, result: Result, current: Result | None, owner: str) -> None:
    now = clock.now()
    if current is not None:
        Result.objects.filter(pk=current.pk).update(superseded_at=now)
    result.revision, result.created_at = next_revision(dataset, result.model), now
    result.save(force_insert=True)
    tell_declared(dataset, None, result, about=owner)


def _withdraw(dataset: Dataset, results: Collection[Result], whose: Mapping[int, str]) -> None:
    Result.objects.filter(pk__in=[each.pk for each in results]).update(superseded_at=clock.now())
    chain = ChainName.model_board(dataset.pk)
    for each in results:
        # Of a submission that is deleted nobody could find the name again to erase it.
        owner = whose.get(each.extra[_SUBMISSION])
        model = keep_text(chain, each.model, about=owner) if owner else keep_text(chain, _DELETED)
        payload = {"dataset": dataset.pk, "result": each.pk, "model": model, "revision": each.revision}
        append(chain, EventKind.RESULT_WITHDRAWN, actor=None, payload=payload)
