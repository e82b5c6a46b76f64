"""Addresses as a table: for each the methods that it takes, the view, who is let in, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, resolve
from django.urls.exceptions import Resolver404
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.throttling import BaseThrottle

from podium.server.api.asking import signed_in
from podium.server.api.errors import wrong_method

Door = Callable[[HttpRequest], object]
View = Callable[..., HttpResponseBase]
unasked: Door | None = None


@dataclass(frozen=True)
class Route:
    """An address for some methods."""

    methods: str
    address: str
    view: View
    door: Door | None = signed_in
    throttle: BaseThrottle | None = None


def patterns(
    routes: Iterable[Route],
    explain: Callable[[NinjaAPI], None],
    refuse_method: Callable[[HttpRequest, str], HttpResponse] = wrong_method,
    *,
    name: str = "podium-api",
) -> list[URLPattern | URLResolver]:
    """What Django wants to know of a table. `explain` lets the API answer what its views raise; `refuse_method` is the
    answer to a method that an address does not take, and is given those that it does."""
    # No pages of documentation: they would bring scripts from elsewhere, which our policy for browsers forbids.
    api = NinjaAPI(title="Podium", auth=signed_in, docs_url=None, openapi_url=None, urls_namespace=name)
    explain(api)
    router = Router()
    for route in routes:
        more: dict[str, Any] = {} if route.throttle is None else {"throttle": route.throttle}
        methods = route.methods.split()
        also = ["HEAD"] if methods == ["GET"] else []
        router.add_api_operation(route.address, methods + also, route.view, auth=route.door, **more)
    api.add_router("", router)
    made, _, _ = api.urls
    # One pattern for each address: the library makes one for each method, all with the same view.
    kept = {str(each.pattern): each for each in made if isinstance(each, URLPattern) and each.name != "api-root"}
    for pattern in kept.values():
        pattern.callback = _explaining(pattern.callback, refuse_method)
    return list(kept.values())


def nowhere(refuse: Callable[[], HttpResponse]) -> View:
    """Answers addresses that lead nowhere by `refuse`, and those that lack their final slash as if they had it: a
    redirect would lose the body of a POST."""

    @csrf_exempt
    def unknown(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.endswith("/"):
            try:
                found = resolve(f"{request.path_info}/")
            except Resolver404:
                return refuse()
            if found.func is not unknown:
                response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
                return response
        return refuse()

    return unknown


def _explaining(view: View, refuse_method: Callable[[HttpRequest, str], HttpResponse]) -> View:
    """The same view, whose refusals of a method are explained like all others."""

    @wraps(view)
    def explaining(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        response = view(request, *args, **named)
        if response.status_code == 405 and isinstance(response, HttpResponse) and "Allow" in response.headers:
            return refuse_method(request, response.headers["Allow"])
        return response

    return explaining
