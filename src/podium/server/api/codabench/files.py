"""The files of a competition."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.rules.access import Action
from podium.server.api.answers import answer, link_to
from podium.server.api.asking import person_asking
from podium.server.api.codabench.numbers import Id
from podium.server.competitions.queries import OfferedFile, competition_detail, offered_files
from podium.server.exports.queries import dumps_of


def offered(request: HttpRequest, pk: Id) -> HttpResponse:
    """What whoever asks may download: the bundle and the files of phases and tasks."""
    person = person_asking(request)
    detail = competition_detail(person, pk)
    detail.standing.require(Action.SEE_FILES)
    bundle = detail.bundle
    dumps = dumps_of(person, pk) if detail.standing.may(Action.EXPORT_COMPETITION) else []
    body = {
        "bundle": None if bundle is None else {"name": bundle.name, "url": link_to(request, bundle.file)},
        "dumps": [{"name": dump.name, "url": link_to(request, dump.file)} for dump in dumps],
        "files": [_file(request, each) for each in offered_files(detail)],
    }
    return answer(body)


def _file(request: HttpRequest, offered: OfferedFile) -> dict[str, Any]:
    named = offered.named
    return {
        "key": named.key,
        "name": named.name,
        "file_name": named.file.file_name if named.file else None,
        "type": named.type,
        "phase": offered.phase.id,
        "task": offered.task.id if offered.task else None,
        "file_size": named.file.size_bytes if named.file else None,
        "url": request.build_absolute_uri(f"/datasets/download/{named.key}/"),
    }
