"""Updating a competition from a new version of its bundle: what would change, then the change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse

from podium.rules.bundle.changes import Change
from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.api.errors import FieldErrors, problem_json
from podium.server.updates.services import confirm, propose


class Confirmation(Body):
    """What confirms an update: both as the answer that proposed it has them."""

    proposal: str
    seen: str


def proposed(request: HttpRequest, pk: Id) -> HttpResponse:
    """What the bundle in `file` would change. Nothing is changed yet."""
    person = person_asking(request)
    sent = request.FILES.get("file")
    if not isinstance(sent, TemporaryUploadedFile):
        raise FieldErrors({"file": ["No file was submitted. Send the bundle as the field `file` of a form."]})
    found = propose(person, pk, Path(sent.temporary_file_path()), sent.name or "bundle.zip")
    body = {
        "id": pk,
        "title": found.title,
        "changes": _changes(found.changes),
        "notes": [problem_json(note) for note in found.notes],
        "proposal": found.proposal,
        "seen": found.seen,
    }
    return answer(body)


def confirmed(request: HttpRequest, pk: Id) -> HttpResponse:
    """Make the changes that were proposed, all of them or none."""
    wish = read(request, Confirmation)
    done = confirm(person_asking(request), pk, wish.proposal, wish.seen)
    body = {
        "id": done.id,
        "title": done.title,
        "url": request.build_absolute_uri(f"/competitions/{done.id}/"),
        "changes": _changes(done.changes),
        "notes": [problem_json(note) for note in done.notes],
    }
    return answer(body)


def _changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            "part": change.part,
            "name": change.name,
            "key": change.key,
            "kind": change.kind,
            "old": change.old,
            "new": change.new,
            "text": change.text,
        }
        for change in changes
    ]
