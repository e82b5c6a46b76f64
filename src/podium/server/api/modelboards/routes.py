"""The addresses of model boards below /api/leaderboard and /public, and who is let in."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from podium.server.api.errors import explained, unknown_address
from podium.server.api.modelboards import comparing, imports, leaderboard, openapi, predictions, public, public_scoring
from podium.server.api.modelboards.asking import WriteThrottle, reader, signed_in_reader, writer
from podium.server.api.modelboards.envelopes import (
    explaining,
    in_envelope,
    leaderboard_error,
    public_error,
    refusing_methods,
)
from podium.server.api.table import Route, nowhere, patterns
from podium.server.api.v1.health import health

LEADERBOARD = (
    Route("POST", "/add_dataset/", leaderboard.dataset_added, writer, WriteThrottle()),
    Route("POST", "/add_model/", leaderboard.model_added, writer, WriteThrottle()),
    Route("POST", "/mark_baseline/", leaderboard.baseline_marked, writer, WriteThrottle()),
    Route("POST", "/import/", imports.imported, writer, WriteThrottle()),
    Route("POST", "/put_references/", predictions.references_put, writer, WriteThrottle()),
    Route("GET", "/references/{slug}/", predictions.references_told, signed_in_reader),
    Route("POST", "/submit_predictions/", predictions.predictions_sent, writer, WriteThrottle()),
    Route("GET", "/predictions/{uuid:key}/", predictions.predictions_told, reader),
    Route("POST", "/check_predictions/", predictions.predictions_checked, signed_in_reader, WriteThrottle()),
    Route("GET", "/checks/{int:number}/", predictions.check_told, signed_in_reader),
    Route("GET", "/template/", predictions.template, reader),
    Route("GET", "/compare/", comparing.compared, reader),
    Route("GET", "/list/", leaderboard.listed, reader),
)
PUBLIC = (
    Route("POST", "/add_dataset/", public_scoring.dataset_added, writer, WriteThrottle()),
    Route("POST", "/submit_model/", public_scoring.model_submitted, writer, WriteThrottle()),
    Route("GET", "/submitted_model/", public_scoring.submitted_model, reader),
    Route("GET", "/get_source_sentences/", public_scoring.source_sentences, reader),
    Route("GET", "/datasets/", public.datasets, reader),
    Route("GET", "/dataset_details/", public.dataset_details, reader),
    Route("GET", "/get_leaderboard/", public.leaderboard, reader),
    Route("GET", "/export/leaderboard/", public.exported, reader),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "api/leaderboard/",
        include(
            patterns(
                LEADERBOARD,
                explaining(leaderboard_error),
                refusing_methods(leaderboard_error),
                name="model-boards",
            )
        ),
    ),
    path(
        "public/",
        include(patterns(PUBLIC, explaining(public_error), refusing_methods(public_error), name="model-boards-public")),
    ),
    re_path(r"^api/leaderboard/", nowhere(lambda: in_envelope(explained(unknown_address()), leaderboard_error))),
    re_path(r"^public/", nowhere(lambda: in_envelope(explained(unknown_address()), public_error))),
    re_path(r"^health/?$", health),
    path("openapi.json", openapi.description),
]
