"""Every address below /api/ but those of model boards, who is let in, and the address that redirects to files.

Nobody gets in who is not signed in, unless the table says `anybody` (visitors may ask; what they get is decided by the
services) or `unasked` (the request proves itself otherwise: by a password or a run's secret).
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from podium.server.api.asking import anybody
from podium.server.api.codabench import (
    accounts,
    boards,
    competition_editing,
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
from podium.server.api.errors import explain_errors, explained, unknown_address
from podium.server.api.table import Route, nowhere, patterns, unasked
from podium.server.api.v1 import boards as board_editing
from podium.server.api.v1 import certainty, health, past, provenance, publications, rescores, updates, workers

ROUTES = (
    Route("POST", "/api-token-auth/", accounts.token, unasked, accounts.PasswordThrottle()),
    Route("GET", "/my_profile/", accounts.my_profile),
    Route("GET", "/competitions/", competitions.listed, anybody),
    Route("GET", "/competitions/{int:pk}/", competitions.one, anybody),
    Route("PUT PATCH", "/competitions/{int:pk}/", competition_editing.changed),
    Route("DELETE", "/competitions/{int:pk}/", competitions.deleted),
    Route("POST", "/competitions/{int:pk}/toggle_publish/", competitions.toggle_publish),
    Route("POST", "/competitions/{int:pk}/create_dump/", dumps.created),
    Route("GET", "/competitions/{int:pk}/creation_status/", competitions.creation_status),
    Route("GET", "/competitions/{int:pk}/get_files/", files.offered),
    Route("GET", "/competitions/{int:pk}/get_csv/", boards.all_boards, anybody),
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
    Route("GET", "/submission_scores/", scores.listed),
    Route("POST", "/submission_scores/", scores.made),
    Route("GET", "/submission_scores/{int:pk}/", scores.one),
    Route("PUT PATCH", "/submission_scores/{int:pk}/", scores.changed),
    Route("DELETE", "/submission_scores/{int:pk}/", scores.removed),
    Route("GET", "/v1/competitions/{int:pk}/leaderboards/", board_editing.listed),
    Route("POST", "/v1/competitions/{int:pk}/leaderboards/preview/", board_editing.list_previewed),
    Route("POST", "/v1/competitions/{int:pk}/leaderboards/changes/", board_editing.list_applied),
    Route("GET", "/v1/submissions/{int:pk}/provenance/", provenance.provenance),
    Route("POST", "/v1/submissions/{int:pk}/verifications/", provenance.begun),
    Route("GET", "/v1/verifications/{int:pk}/", provenance.verification),
    Route("GET", "/v1/leaderboards/{int:pk}/", board_editing.opened),
    Route("POST", "/v1/leaderboards/{int:pk}/preview/", board_editing.previewed),
    Route("POST", "/v1/leaderboards/{int:pk}/changes/", board_editing.applied),
    Route("GET", "/v1/board-previews/{int:pk}/", board_editing.preview_stands),
    Route("GET", "/v1/board-changes/{int:pk}/", board_editing.change_status),
    Route("PUT", "/v1/leaderboards/{int:pk}/entries/{int:submission}/", board_editing.marked),
    Route("DELETE", "/v1/leaderboards/{int:pk}/entries/{int:submission}/", board_editing.unmarked),
    Route("GET", "/v1/health/", health.health, unasked),
    Route("POST", "/v1/competitions/{int:pk}/updates/", updates.proposed),
    Route("POST", "/v1/competitions/{int:pk}/updates/confirm/", updates.confirmed),
    Route("GET", "/v1/phases/{int:pk}/board/", past.board_then, anybody),
    Route("GET", "/v1/phases/{int:pk}/certainty/", certainty.of_board, anybody),
    Route("GET", "/v1/competitions/{int:pk}/publications/", publications.listed),
    Route("POST", "/v1/competitions/{int:pk}/publications/", publications.begun),
    Route("DELETE", "/v1/competitions/{int:pk}/publications/{int:publication}/", publications.ended),
    Route("GET", "/v1/competitions/{int:pk}/rescores/", rescores.listed),
    Route("POST", "/v1/competitions/{int:pk}/rescores/", rescores.started),
    Route("GET", "/v1/rescores/{int:pk}/", rescores.one),
    Route("GET", "/v1/rescores/{int:pk}/logs/{int:part}/{int:scoring}/{slug:kind}/", rescores.log),
    Route("POST", "/v1/rescores/{int:pk}/apply/", rescores.applied),
    Route("POST", "/v1/rescores/{int:pk}/cancel/", rescores.cancelled),
    Route("GET", "/v1/workers/", workers.workers),
)


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include(patterns(ROUTES, explain_errors))),
    re_path(r"^api/", nowhere(lambda: explained(unknown_address()))),
    path("datasets/download/<uuid:key>/", downloads.download, name="download_data_set"),
]
