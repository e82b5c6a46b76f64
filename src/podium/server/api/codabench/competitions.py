"""Competitions: listed, shown, imported, published, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest, HttpResponse

from podium.server import clock
from podium.server.api.answers import answer, nothing
from podium.server.api.asking import person_asking, visitor_or_person
from podium.server.api.bodies import Body, check_storable, read
from podium.server.api.codabench.competition_objects import competition_json, listed_json
from podium.server.api.codabench.numbers import Id
from podium.server.api.errors import FieldErrors, problem_json
from podium.server.competitions.queries import Involvement, competition_detail, competitions_visible_to
from podium.server.competitions.services import delete, publish, unpublish
from podium.server.imports.services import import_bundle
from podium.server.leaderboards.queries import leaderboards_json
from podium.server.submissions.queries.quota import used_quotas

_TYPES = {"competition": "competition", "benchmark": "benchmark", "any": None}


class ImportOptions(Body):
    """What comes with a bundle."""

    publish: bool = False


class PublishWish(Body):
    """`published` of None turns it round."""

    published: bool | None = None


def listed(
    request: HttpRequest,
    type: str = "competition",  # noqa: A002 (the contract's name)
    search: str = "",
    mine: bool = False,
    participating_in: bool = False,
) -> HttpResponse:
    """The competitions that whoever asks sees, oldest first as the contract has it."""
    check_storable(search)
    if type not in _TYPES:
        raise FieldErrors({"type": [f"Use one of: {', '.join(_TYPES)}."]})
    involvement = Involvement.RUNS if mine else Involvement.TAKES_PART if participating_in else Involvement.ANY
    rows = competitions_visible_to(
        visitor_or_person(request), competition_type=_TYPES[type], search=search, involvement=involvement
    )
    return answer([listed_json(request, row) for row in reversed(rows)])


def one(request: HttpRequest, pk: Id, secret_key: UUID | None = None) -> HttpResponse:
    """A competition in full, as far as it is for whoever asks."""
    person = visitor_or_person(request)
    detail = competition_detail(person, pk, secret_key=secret_key)
    boards = leaderboards_json(person, pk, secret_key=secret_key)
    phases = [phase.id for phase in detail.phases]
    used = {} if person is None else used_quotas(person.id, phases, clock.now())
    return answer(competition_json(request, detail, boards, used))


def imported(request: HttpRequest) -> HttpResponse:
    """Make a competition of a bundle, all of it or nothing."""
    person = person_asking(request)
    wish = read(request, ImportOptions)
    sent = request.FILES.get("file") or request.FILES.get("bundle")
    if not isinstance(sent, UploadedFile):
        raise FieldErrors({"file": ["No file was submitted. Send the bundle as the field `file` of a form."]})
    with _on_disk(sent) as path:
        made = import_bundle(person, path, sent.name or "bundle.zip")
    published = wish.publish and publish(person, made.id)
    body = {
        "id": made.id,
        "title": made.title,
        "url": request.build_absolute_uri(f"/competitions/{made.id}/"),
        "published": published,
        "notes": [problem_json(note) for note in made.notes],
    }
    return answer(body, 201)


def toggle_publish(request: HttpRequest, pk: Id) -> HttpResponse:
    """Show a competition to everybody, or only to its staff."""
    person = person_asking(request)
    wish = read(request, PublishWish).published
    if wish is None:
        wish = publish(person, pk) or not unpublish(person, pk)
    elif wish:
        publish(person, pk)
    else:
        unpublish(person, pk)
    return answer({"published": wish})


def deleted(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a competition that nobody has submitted to."""
    delete(person_asking(request), pk)
    return nothing()


@contextmanager
def _on_disk(sent: UploadedFile[Any]) -> Iterator[Path]:
    """The upload as a file: where Django put it, or a copy of what it holds in memory."""
    if isinstance(sent, TemporaryUploadedFile):
        yield Path(sent.temporary_file_path())
        return
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".zip") as file:
        for chunk in sent.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)
