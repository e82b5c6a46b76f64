"""The address under which data sets are fetched by their key: a redirect to a signed link."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from podium.rules.errors import UserError
from podium.server.api.asking import anybody
from podium.server.api.errors import explained
from podium.server.files.links import download_url
from podium.server.submissions.queries.files import fetchable_data_set


@require_safe
def download(request: HttpRequest, key: UUID) -> HttpResponse:
    """Redirect to the file. Programs, which send a token, read an error as JSON; people get it as a page."""
    try:
        file = fetchable_data_set(anybody(request).person, key)
    except UserError as error:
        if "Authorization" in request.headers:
            return explained(error)
        raise
    response = HttpResponseRedirect(download_url(file.sha256, file.file_name))
    response.headers["Cache-Control"] = "private, no-store"
    return response
