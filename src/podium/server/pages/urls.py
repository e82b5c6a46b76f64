"""The addresses of the pages. Those of competitions and accounts are the ones that users of Codabench know."""

from __future__ import annotations

from django.urls import path

from podium.server.pages.views import (
    account,
    competitions,
    files,
    home,
    imports,
    outputs,
    participation,
    queues,
    results,
    runs,
    submissions,
    submitting,
    tables,
    updates,
    work,
    workers,
)

_ONE = "competitions/<int:pk>/"

urlpatterns = [
    path("", home.home, name="home"),
    path("competitions/", home.competitions, name="competitions"),
    path("competitions/import/", imports.import_competition, name="import_competition"),
    path("competitions/import/<int:pk>/", imports.progress, name="import_progress"),
    path("competitions/import/<int:pk>/cancel/", imports.cancel, name="cancel_import"),
    path(_ONE, competitions.overview, name="competition"),
    path(f"{_ONE}pages/<int:index>/", competitions.overview, name="competition_page"),
    path(f"{_ONE}phases/", competitions.phases, name="competition_phases"),
    path(f"{_ONE}phases/<int:phase>/migrate/", competitions.migrate, name="migrate_phase"),
    path(f"{_ONE}logo/", competitions.logo, name="competition_logo"),
    path(f"{_ONE}files/", files.files, name="competition_files"),
    path(f"{_ONE}files/<uuid:key>/", competitions.file, name="competition_file"),
    path(f"{_ONE}publish/", competitions.publish, name="publish_competition"),
    path(f"{_ONE}export/", competitions.export, name="export_competition"),
    path(f"{_ONE}update/", updates.update, name="update_competition"),
    path(f"{_ONE}join/", participation.join, name="join_competition"),
    path(f"{_ONE}participants/", participation.people, name="participants"),
    path(f"{_ONE}participants/<int:participant>/", participation.decide, name="decide_participant"),
    path(f"{_ONE}submit/", submitting.submit, name="submit"),
    path(f"{_ONE}submissions/", submissions.mine, name="my_submissions"),
    path(f"{_ONE}submissions/all/", submissions.everybodys, name="all_submissions"),
    path(f"{_ONE}submissions/rerun/", runs.rerun, name="rerun_submissions"),
    path(f"{_ONE}results/", results.results, name="results"),
    path(f"{_ONE}results/<int:phase>/", results.results, name="phase_results"),
    path(f"{_ONE}results/<int:phase>/<int:leaderboard>/", results.results, name="board_results"),
    path(f"{_ONE}results/<int:phase>/<int:leaderboard>/table/<slug:ending>/", tables.table, name="board_table"),
    path("submissions/<int:pk>/", submissions.submission, name="submission"),
    path("submissions/<int:pk>/files/<int:part>/<slug:kind>/", submissions.file, name="submission_file"),
    path("workers/", workers.workers, name="workers"),
    path("submissions/<int:pk>/logs/<int:part>/<slug:kind>/", outputs.log, name="submission_log"),
    path("submissions/<int:pk>/detailed-results/", outputs.detailed, name="detailed_results"),
    path("submissions/<int:pk>/detailed-results/document/", outputs.document, name="detailed_results_document"),
    path("my-work/runs/", runs.runs, name="runs"),
    path("my-work/runs/failures/", runs.failures, name="internal_failures"),
    path("my-work/", work.overview, name="my_work"),
    path("my-work/queues/", queues.queues, name="queues"),
    path("my-work/queues/<int:pk>/", queues.queue, name="queue"),
    path("my-work/tokens/", account.tokens, name="tokens"),
    path("my-work/tokens/<int:pk>/revoke/", account.revoke, name="revoke_token"),
]
