"""What the API answers with: JSON, links that work from where the request came, pages of long lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import FileResponse, HttpRequest, HttpResponse

from podium.rules.errors import NotFound
from podium.server.exports.boards.writing import WrittenFile
from podium.server.files.links import download_url
from podium.server.files.queries import StoredFile
from podium.server.leaderboards.queries import ReadyBoard

PRIVATE_JSON = {
    "Content-Type": "application/json",
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Cookie",
}


def answer(content: object, status: int = 200) -> HttpResponse:
    """An answer of JSON; moments are UTC and end in Z."""
    return HttpResponse(
        orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC),
        status=status,
        headers=PRIVATE_JSON,
    )


def file_answer(file: WrittenFile) -> FileResponse:
    """A file that was made for whoever asked, to keep."""
    response = FileResponse(file.content, as_attachment=True, filename=file.name, content_type=file.media_type)
    response.headers["Cache-Control"] = "private, no-store"
    if file.history:
        # For formats that have no room for it: how the chain of events ended when this was written.
        response.headers["Podium-History"] = file.history
    return response


def nothing(status: int = 204) -> HttpResponse:
    """An answer without a body."""
    return HttpResponse(status=status)


def ready(board: ReadyBoard) -> HttpResponse:
    """A board under its entity tag; 304 where the client has the same already."""
    headers = PRIVATE_JSON | {"ETag": board.etag}
    if board.content is None:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(board.content, headers=headers)


def link_to(request: HttpRequest, file: StoredFile | None) -> str | None:
    """A signed link to a file, absolute for whoever asks; None where there is none."""
    return None if file is None else request.build_absolute_uri(download_url(file.sha256, file.file_name))


def page_of(
    request: HttpRequest, rows: Sequence[Any], *, count: int, page: int, size: int, **more: object
) -> dict[str, Any]:
    """One page of a list in the shape of the contract, with the addresses of its neighbours."""
    return {
        "count": count,
        "next": _page_url(request, page + 1) if page * size < count else None,
        "previous": _page_url(request, page - 1) if page > 1 else None,
        **more,
        "results": rows,
    }


def offset_of(page: int, size: int, count: int) -> int:
    """Where a page begins.

    Raises:
        NotFound: there is no such page; the first one exists always.
    """
    offset = (page - 1) * size
    if page < 1 or (page > 1 and offset >= count):
        raise NotFound("no-such-page", "Invalid page.", "Begin with page 1.")
    return offset


def _page_url(request: HttpRequest, page: int) -> str:
    query = {**{name: values[-1] for name, values in request.GET.lists()}, "page": str(page)}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
