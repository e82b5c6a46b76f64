"""Competitions taken out as bundles, and the bundles that there are of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from podium.server.api.answers import answer, link_to
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id
from podium.server.exports.services import export_competition
from podium.server.files.queries import StoredFile


class DumpWish(Body):
    """How a competition is taken out."""

    keys_instead_of_files: bool = False


def created(request: HttpRequest, pk: Id) -> HttpResponse:
    """Make a bundle of a competition. It is complete when the answer comes, and the same if nothing has changed."""
    wish = read(request, DumpWish)
    made = export_competition(person_asking(request), pk, keys_instead_of_files=wish.keys_instead_of_files)
    body = {
        "status": "The bundle is complete.",
        "key": made.key,
        "name": made.name,
        "file_name": made.file_name,
        "sha256": made.sha256,
        "size": made.size_bytes,
        "url": link_to(request, StoredFile(made.sha256, made.size_bytes, made.file_name)),
    }
    return answer(body, 201)
