"""Every address below /api/, who is let in, and the address that redirects to files.

Nobody gets in who is not signed in, unless the table says `anybody` (visitors may ask; what they get is decided by the
services) or `unasked` (the request proves itself otherwise: by a password or a run's secret).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path, resolve
from django.urls.exceptions import Resolver404
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.throttling import BaseThrottle

from podium.server.api.asking import anybody, signed_in
from podium.server.api.codabench import (
    accounts,
    boards,
    competitions,
    datasets,
    downloads,
    dumps,
    files,
    many_submissions,
    participants,
    phases,
    queues,
    reports,
    scores,
    submissions,
)
from podium.server.api.errors import explain_errors, explained, unknown_address, wrong_method
from podium.server.api.v1 import boards as board_editing
from podium.server.api.v1 import health, updates, workers

Door = Callable[[HttpRequest], object]
View = Callable[..., HttpResponseBase]
unasked: Door | None = None


@dataclass(frozen=True)
class Route:
    """An address below /api/ for some methods."""

    methods: str
    address: str
    view: View
    door: Door | None = signed_in
    throttle: BaseThrottle | None = None


ROUTES = (
    Route("POST", "/api-token-auth/", accounts.token, unasked, accounts.PasswordThrottle()),
    Route("GET", "/my_profile/", accounts.my_profile),
    Route("GET", "/competitions/", competitions.listed, anybody),
    Route("GET", "/competitions/{int:pk}/", competitions.one, anybody),
    Route("DELETE", "/competitions/{int:pk}/", competitions.deleted),
    Route("POST", "/competitions/{int:pk}/toggle_publish/", competitions.toggle_publish),
    Route("POST", "/competitions/{int:pk}/create_dump/", dumps.created),
    Route("GET", "/competitions/{int:pk}/creation_status/", competitions.creation_status),
    Route("GET", "/competitions/{int:pk}/get_files/", files.offered),
    Route("GET", "/competitions/{int:pk}/get_csv/", boards.all_boards),
    Route("GET", "/competitions/{int:pk}/results/", boards.as_json),
    Route("GET", "/competitions/{int:pk}/results.json/", boards.as_json),
    Route("GET", "/competitions/{int:pk}/results.csv/", boards.as_csv),
    Route("GET", "/competitions/{int:pk}/results.zip/", boards.as_zip),
    Route("POST", "/competitions/{int:pk}/register/", participants.register),
    Route("GET", "/participants/", participants.listed),
    Route("PATCH", "/participants/{int:pk}/", participants.decided),
    Route("GET", "/datasets/", datasets.listed),
    Route("POST", "/datasets/", datasets.announced),
    Route("PUT", "/datasets/completed/{uuid:key}/", datasets.completed),
    Route("GET", "/can_make_submission/{int:phase_id}/", submissions.can_make),
    Route("GET", "/submissions/", submissions.listed),
    Route("POST", "/submissions/", submissions.made),
    Route("GET", "/submissions/{int:pk}/", submissions.one),
    Route("DELETE", "/submissions/{int:pk}/", submissions.deleted),
    Route("PATCH PUT", "/submissions/{int:pk}/", reports.status, unasked),
    Route("GET", "/submissions/{int:pk}/get_details/", submissions.details),
    Route("POST DELETE", "/submissions/{int:pk}/submission_leaderboard_connection/", submissions.on_board),
    Route("GET POST", "/submissions/{int:pk}/cancel_submission/", submissions.cancelled),
    Route("DELETE", "/submissions/{int:pk}/soft_delete/", many_submissions.soft_deleted),
    Route("POST", "/submissions/{int:pk}/re_run_submission/", many_submissions.rerun_one),
    Route("POST", "/submissions/re_run_many_submissions/", many_submissions.rerun_chosen),
    Route("DELETE", "/submissions/delete_many/", many_submissions.deleted_chosen),
    Route("POST", "/submissions/download_many/", many_submissions.downloads),
    Route("GET POST", "/submissions/{int:pk}/toggle_public/", submissions.toggled_public),
    Route("POST", "/submissions/{int:pk}/run_submission/", submissions.started),
    Route("POST", "/upload_submission_scores/{int:pk}/", reports.scores, unasked),
    Route("GET", "/phases/{int:pk}/", phases.one, anybody),
    Route("POST", "/phases/{int:pk}/manually_migrate/", phases.migrated),
    Route("GET POST", "/phases/{int:pk}/rerun_submissions/", many_submissions.rerun_of_phase),
    Route("GET", "/phases/{int:pk}/get_leaderboard/", phases.leaderboard, anybody),
    Route("GET", "/queues/", queues.listed),
    Route("POST", "/queues/", queues.made),
    Route("GET", "/queues/{int:pk}/", queues.one),
    Route("PUT PATCH", "/queues/{int:pk}/", queues.changed),
    Route("DELETE", "/queues/{int:pk}/", queues.deleted),
    Route("GET", "/leaderboards/{int:pk}/", phases.one_leaderboard, anybody),
    Route("POST", "/submission_scores/", scores.made),
    Route("PUT PATCH", "/submission_scores/{int:pk}/", scores.changed),
    Route("DELETE", "/submission_scores/{int:pk}/", scores.removed),
    Route("GET", "/v1/leaderboards/{int:pk}/", board_editing.opened),
    Route("POST", "/v1/leaderboards/{int:pk}/preview/", board_editing.previewed),
    Route("POST", "/v1/leaderboards/{int:pk}/changes/", board_editing.applied),
    Route("GET", "/v1/board-changes/{int:pk}/", board_editing.change_status),
    Route("PUT", "/v1/leaderboards/{int:pk}/entries/{int:submission}/", board_editing.marked),
    Route("DELETE", "/v1/leaderboards/{int:pk}/entries/{int:submission}/", board_editing.unmarked),
    Route("GET", "/v1/health/", health.health, unasked),
    Route("POST", "/v1/competitions/{int:pk}/updates/", updates.proposed),
    Route("POST", "/v1/competitions/{int:pk}/updates/confirm/", updates.confirmed),
    Route("GET", "/v1/workers/", workers.workers),
)


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponseBase:
    """Answers addresses that lead nowhere, and those that lack their final slash as if they had it: a redirect would
    lose the body of a POST."""
    if not request.path_info.endswith("/"):
        try:
            found = resolve(f"{request.path_info}/")
        except Resolver404:
            return explained(unknown_address())
        if found.func is not unknown:
            response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
            return response
    return explained(unknown_address())


def _explaining(view: View) -> View:
    """The same view, whose refusals of a method are explained like all others."""

    @wraps(view)
    def explaining(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        response = view(request, *args, **named)
        if response.status_code == 405 and isinstance(response, HttpResponse) and "Allow" in response.headers:
            return wrong_method(request, response.headers["Allow"])
        return response

    return explaining


def _patterns() -> list[URLPattern | URLResolver]:
    # No pages of documentation: they would bring scripts from elsewhere, which our policy for browsers forbids.
    api = NinjaAPI(title="Podium", auth=signed_in, docs_url=None, openapi_url=None, urls_namespace="podium-api")
    explain_errors(api)
    router = Router()
    for route in ROUTES:
        more: dict[str, Any] = {} if route.throttle is None else {"throttle": route.throttle}
        methods = route.methods.split()
        also = ["HEAD"] if methods == ["GET"] else []
        router.add_api_operation(route.address, methods + also, route.view, auth=route.door, **more)
    api.add_router("", router)
    patterns, _, _ = api.urls
    # One pattern for each address: the library makes one for each method, all with the same view.
    kept = {str(each.pattern): each for each in patterns if isinstance(each, URLPattern) and each.name != "api-root"}
    for pattern in kept.values():
        pattern.callback = _explaining(pattern.callback)
    return list(kept.values())


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include(_patterns())),
    re_path(r"^api/", unknown),
    path("datasets/download/<uuid:key>/", downloads.download, name="download_data_set"),
]
