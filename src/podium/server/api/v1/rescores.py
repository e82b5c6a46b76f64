"""Rescores: scoring what was submitted once more, looking at what that would change, applying it or dropping it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from pydantic import Field

from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.api.errors import FieldErrors
from podium.server.files.services import store
from podium.server.rescores.queries import (
    RescoreDetail,
    RescoreLog,
    RescoreRow,
    ShownItem,
    log_of_rescore,
    rescore_detail,
    rescores_of,
)
from podium.server.rescores.services import RescoreWish, apply, cancel, start
from podium.server.rescores.services.starting import USUAL_SAMPLE

PAGE = 100
_LARGEST_PAGE = 10**6


class RescoreBody(Body):
    """What to score once more: everything where neither a phase nor submissions are named."""

    reason: str
    phase: Id | None = None
    submissions: list[Id] | None = Field(default=None, max_length=10_000)
    sample: int = Field(default=USUAL_SAMPLE, ge=0, le=10_000)


def listed(request: HttpRequest, pk: Id) -> HttpResponse:
    """The rescores of a competition, newest first."""
    return answer({"rescores": [_row(row) for row in rescores_of(person_asking(request), pk)]})


def started(request: HttpRequest, pk: Id) -> HttpResponse:
    """Start a rescore: 201, and where to ask how it stands."""
    wish = read(request, RescoreBody)
    chosen = None if wish.submissions is None else tuple(wish.submissions)
    made = start(person_asking(request), pk, RescoreWish(wish.reason, wish.phase, chosen, wish.sample))
    return answer({"id": made, "url": request.build_absolute_uri(f"/api/v1/rescores/{made}/")}, 201)


def one(request: HttpRequest, pk: Id) -> HttpResponse:
    """A rescore with a page of its submissions: what differs first."""
    page = _page(request)
    found = rescore_detail(person_asking(request), pk, limit=PAGE, offset=PAGE * (page - 1))
    return answer(_detail(found, page))


def applied(request: HttpRequest, pk: Id) -> HttpResponse:
    """Let the scores of a rescore count, all at one moment."""
    person = person_asking(request)
    apply(person, pk)
    return answer(_detail(rescore_detail(person, pk, limit=PAGE), 1))


def cancelled(request: HttpRequest, pk: Id) -> HttpResponse:
    """Drop a rescore."""
    person = person_asking(request)
    cancel(person, pk)
    return answer(_detail(rescore_detail(person, pk, limit=PAGE), 1))


def log(request: HttpRequest, pk: Id, part: Id, scoring: Id, kind: str) -> FileResponse:
    """What a program wrote in a rescore, as plain text."""
    file = log_of_rescore(person_asking(request), pk, part, scoring, kind)
    response = FileResponse(store().open(file.sha256), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="rescore-{pk}-{part}-{scoring}-{kind}.txt"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and 1 <= int(text) <= _LARGEST_PAGE):
        raise FieldErrors({"page": ["A page is a number from 1 on."]})
    return int(text)


def _row(row: RescoreRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "competition": row.competition_id,
        "phase": row.phase_id,
        "chosen": row.chosen,
        "state": row.state.value,
        "reason": row.reason,
        "by": row.by,
        "created_at": row.created_at,
        "decided_by": row.decided_by or None,
        "decided_at": row.decided_at,
        "submissions": row.submissions,
        "sampled": row.sampled,
    }


def _detail(found: RescoreDetail, page: int) -> dict[str, Any]:
    return {
        **_row(found.row),
        "counts": {state.value: count for state, count in found.counts.items()},
        "changed": found.changed,
        "moved": found.moved if found.is_open else None,
        "outdated": found.outdated,
        "scored_twice": {
            "sampled": found.twins.sampled,
            "compared": found.twins.compared,
            "differing": found.twins.differing,
        },
        "count": found.total,
        "page": page,
        "page_size": PAGE,
        "items": [_item(found, item) for item in found.items],
    }


def _item(found: RescoreDetail, item: ShownItem) -> dict[str, Any]:
    return {
        "submission": item.submission_id,
        "part": item.part_id,
        "phase": item.phase_id,
        "task": item.task_id,
        "owner": found.owners.get(item.owner_id, ""),
        "state": item.state.value,
        "reason": item.reason or None,
        "scored_twice": item.twice,
        "differs": item.differs,
        "edited": item.edited,
        "logs": [_log(found.row.id, log) for log in found.logs.get(item.part_id, ())],
        "scores": [
            {"column_key": score.column_key, "before": score.before, "after": score.after} for score in item.scores
        ],
        "ranks": [
            {"leaderboard": rank.leaderboard_id, "before": rank.before, "after": rank.after} for rank in item.ranks
        ],
    }


def _log(rescore_id: int, log: RescoreLog) -> dict[str, Any]:
    return {
        "scoring": log.scoring,
        "kind": log.kind,
        "size_bytes": log.file.size_bytes,
        "url": f"/api/v1/rescores/{rescore_id}/logs/{log.part_id}/{log.scoring}/{log.kind}/",
    }
