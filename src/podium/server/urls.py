"""Every address that Django answers."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.account.urls")),
    path("", include("podium.server.api.modelboards.routes")),
    path("", include("podium.server.api.routes")),
    path("", include("podium.server.pages.urls")),
]

handler400 = "podium.server.pages.errors.bad_request"
handler403 = "podium.server.pages.errors.not_allowed"
handler404 = "podium.server.pages.errors.not_found"
handler500 = "podium.server.pages.errors.server_error"
