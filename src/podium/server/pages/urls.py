"""The addresses of the pages. Those of competitions and accounts are the ones that users of Codabench know."""

from __future__ import annotations

from django.urls import path, re_path

from podium.server.pages.views import (
    account,
    board_editing,
    board_list,
    competitions,
    corrections,
    files,
    history,
    home,
    imports,
    outputs,
    participation,
    publications,
    queues,
    rescores,
    results,
    runs,
    space,
    submissions,
    submitting,
    tables,
    updates,
    work,
    workers,
)
from podium.server.pages.views.modelboards import baselines as model_baselines
from podium.server.pages.views.modelboards import board as model_board
from podium.server.pages.views.modelboards import checks as predictions_checks
from podium.server.pages.views.modelboards import compare as compare_page
from podium.server.pages.views.modelboards import index as model_boards
from podium.server.pages.views.modelboards import log as model_board_log
from podium.server.pages.views.modelboards import matrix as model_matrix
from podium.server.pages.views.modelboards import models as models_page
from podium.server.pages.views.modelboards import predictions as predictions_page
from podium.server.pages.views.modelboards import submit as model_submit

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
    path(f"{_ONE}history/", history.audit, name="history"),
    path(f"{_ONE}history/export/", history.export, name="history_export"),
    path(f"{_ONE}timeline/", history.timeline, name="timeline"),
    path(f"{_ONE}changes.atom", history.feed, name="changes_feed"),
    path(f"{_ONE}join/", participation.join, name="join_competition"),
    path(f"{_ONE}participants/", participation.people, name="participants"),
    path(f"{_ONE}participants/<int:participant>/", participation.decide, name="decide_participant"),
    path(f"{_ONE}submit/", submitting.submit, name="submit"),
    path(f"{_ONE}submissions/", submissions.mine, name="my_submissions"),
    path(f"{_ONE}submissions/all/", submissions.everybodys, name="all_submissions"),
    path(f"{_ONE}submissions/rerun/", runs.rerun, name="rerun_submissions"),
    path(f"{_ONE}rescores/", rescores.rescores, name="rescores"),
    path(f"{_ONE}rescores/<int:rescore>/", rescores.rescore, name="rescore"),
    path(f"{_ONE}results/", results.results, name="results"),
    path(f"{_ONE}results/<int:phase>/", results.results, name="phase_results"),
    path(f"{_ONE}results/<int:phase>/<int:leaderboard>/", results.results, name="board_results"),
    path(f"{_ONE}results/<int:phase>/<int:leaderboard>/table/<slug:ending>/", tables.table, name="board_table"),
    path(f"{_ONE}results/<int:phase>/<int:leaderboard>/charts/<slug:kind>/", tables.chart, name="board_chart"),
    path(f"{_ONE}results/<int:phase>/<int:leaderboard>/ranks.csv", tables.ranks, name="board_ranks"),
    path(f"{_ONE}publications/", publications.publications, name="publications"),
    path(f"{_ONE}leaderboards/edit/", board_list.edit_list, name="edit_boards"),
    path(f"{_ONE}leaderboards/<int:leaderboard>/edit/", board_editing.edit, name="edit_board"),
    path(f"{_ONE}leaderboards/previews/<int:job>/", board_editing.previewed, name="board_preview"),
    path(f"{_ONE}leaderboards/changes/<int:job>/", board_editing.change, name="board_change"),
    path("submissions/<int:pk>/", submissions.submission, name="submission"),
    path("submissions/<int:pk>/correct/", corrections.corrections, name="correct_submission"),
    path("submissions/<int:pk>/files/<int:part>/<slug:kind>/", submissions.file, name="submission_file"),
    path("workers/", workers.workers, name="workers"),
    path("submit/", model_submit.submit, name="submit_result"),
    path("submit/checks/<int:pk>/", predictions_checks.check, name="predictions_check"),
    path("predictions/<uuid:key>/", predictions_page.predictions, name="predictions_page"),
    path("my-work/model-boards/", predictions_page.mine, name="my_model_boards"),
    path("leaderboard/", model_boards.index, name="model_boards"),
    path("leaderboard/matrix/", model_matrix.matrix, name="model_matrix"),
    path("leaderboard/matrix/table/<slug:ending>/", model_matrix.matrix_table, name="model_matrix_table"),
    path("leaderboard/<slug:slug>/", model_board.board, name="model_board"),
    path("leaderboard/<slug:slug>/baselines/", model_baselines.mark, name="mark_baseline"),
    path("leaderboard/<slug:slug>/log/", model_board_log.log, name="model_board_log"),
    path("leaderboard/<slug:slug>/log.json", model_board_log.log_json, name="model_board_log_json"),
    path("leaderboard/<slug:slug>/log.atom", model_board_log.log_feed, name="model_board_log_feed"),
    path("leaderboard/<slug:slug>/table/<slug:ending>/", model_matrix.board_table, name="model_board_export"),
    path("compare/", compare_page.compare, name="compare_models"),
    path("compare/table/<slug:ending>/", compare_page.compare_table, name="compare_models_table"),
    path("model/", models_page.search, name="model_search"),
    re_path(r"^model/(?P<name>.+?)/?$", models_page.model, name="model_page"),
    path("submissions/<int:pk>/logs/<int:part>/<slug:kind>/", outputs.log, name="submission_log"),
    path("submissions/<int:pk>/detailed-results/", outputs.detailed, name="detailed_results"),
    path("submissions/<int:pk>/detailed-results/document/", outputs.document, name="detailed_results_document"),
    path("my-work/runs/", runs.runs, name="runs"),
    path("my-work/runs/failures/", runs.failures, name="internal_failures"),
    path("my-work/", work.overview, name="my_work"),
    path("my-work/running/", work.running, name="competitions_i_run"),
    path("my-work/queues/", queues.queues, name="queues"),
    path("my-work/queues/<int:pk>/", queues.queue, name="queue"),
    path("my-work/account/", account.account, name="account"),
    path("my-work/space/", space.space, name="space"),
    path("my-work/tokens/", account.tokens, name="tokens"),
    path("my-work/tokens/<int:pk>/revoke/", account.revoke, name="revoke_token"),
]
