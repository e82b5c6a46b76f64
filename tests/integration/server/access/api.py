"""The access matrix of the API, for callers with a session; a token is worth as much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.integration.server.access.rows import (
    MEMBERS,
    SIGNED_IN,
    STAFF,
    Row,
    board_change_of_participant,
    board_preview_of,
    everybody,
    import_of_participant,
    log_of_rescore,
    only,
    open_rescore,
    publication_of,
    queue_of_participant,
    verification_of_submission,
)
from tests.integration.server.scene import Scene

from podium.server.competitions.models import Participant

_JSON = "application/json"
_OPEN = everybody()
_OWN = only(MEMBERS, others="hidden")
_STAFF = only(STAFF)
_QUEUE = only(("participant", "admin"), others="hidden")
_BY_SECRET = everybody("refused")


def _at(path: str) -> Callable[[Scene], str]:
    """An address whose {c}, {p} and {s} are the competition, its open phase and the participant's submission."""
    return lambda scene: "/" + path.format(c=scene.competition.pk, p=scene.phase.pk, s=scene.submissions[0].pk)


def _send(**fields: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: fields


def _participant(scene: Scene) -> str:
    return f"/api/participants/{Participant.objects.get(user=scene.people['participant']).pk}/"


def _own_data(scene: Scene) -> str:
    return f"/api/datasets/completed/{scene.submissions[0].data.key}/"


def _board(path: str = "") -> Callable[[Scene], str]:
    def address(scene: Scene) -> str:
        board, submission = scene.competition.leaderboards.get().pk, scene.submissions[0].pk
        return f"/api/v1/leaderboards/{board}/{path.format(s=submission)}"

    return address


def _score(scene: Scene) -> str:
    return f"/api/submission_scores/{scene.submissions[0].scores.filter(superseded_at=None).first().pk}/"


_ONE = "api/competitions/<int:pk>/"
_SUBMISSION = "api/submissions/<int:pk>/"

ROWS = [
    Row("api/api-token-auth/", "POST", _at("api/api-token-auth/"), _OPEN, _send(), _JSON),
    Row("api/my_profile/", "GET", _at("api/my_profile/"), only(SIGNED_IN)),
    Row("api/competitions/", "GET", _at("api/competitions/"), _OPEN),
    Row(_ONE, "GET", _at("api/competitions/{c}/"), _OPEN, hides=True),
    Row(_ONE, "DELETE", _at("api/competitions/{c}/"), only(("organizer", "admin")), hides=True),
    *(
        Row(_ONE, method, _at("api/competitions/{c}/"), _STAFF, _send(leaderboards=[{"title": ""}]), _JSON, hides=True)
        for method in ("PUT", "PATCH")
    ),
    Row(f"{_ONE}toggle_publish/", "POST", _at("api/competitions/{c}/toggle_publish/"), _STAFF, hides=True),
    Row(f"{_ONE}create_dump/", "POST", _at("api/competitions/{c}/create_dump/"), _STAFF, hides=True),
    Row(
        f"{_ONE}creation_status/",
        "GET",
        lambda scene: f"/api/competitions/{import_of_participant(scene)}/creation_status/",
        only(("participant",), others="hidden"),
    ),
    Row(f"{_ONE}get_files/", "GET", _at("api/competitions/{c}/get_files/"), only(MEMBERS), hides=True),
    *(
        Row(f"{_ONE}{rest}/", "GET", _at(f"api/competitions/{{c}}/{rest}/"), _STAFF, hides=True)
        for rest in ("results", "results.json", "results.csv", "results.zip")
    ),
    Row(f"{_ONE}get_csv/", "GET", _at("api/competitions/{c}/get_csv/"), only(STAFF, visitor="refused"), hides=True),
    Row(f"{_ONE}register/", "POST", _at("api/competitions/{c}/register/"), only(SIGNED_IN), hides=True),
    Row(
        "api/v1/competitions/<int:pk>/leaderboards/",
        "GET",
        _at("api/v1/competitions/{c}/leaderboards/"),
        _STAFF,
        hides=True,
    ),
    *(
        Row(
            f"api/v1/competitions/<int:pk>/leaderboards/{rest}/",
            "POST",
            _at(f"api/v1/competitions/{{c}}/leaderboards/{rest}/"),
            _STAFF,
            _send(edition="made up", leaderboards=[], proposal="made up"),
            _JSON,
            hides=True,
        )
        for rest in ("preview", "changes")
    ),
    Row("api/participants/", "GET", _at("api/participants/?competition={c}"), _STAFF, hides=True),
    Row("api/participants/<int:pk>/", "PATCH", _participant, _STAFF, _send(status="denied"), _JSON, hides=True),
    Row("api/datasets/", "GET", _at("api/datasets/"), only(SIGNED_IN)),
    Row("api/datasets/", "POST", _at("api/datasets/"), only(SIGNED_IN), _send(type="submission"), _JSON),
    Row("api/datasets/completed/<uuidstr:key>/", "PUT", _own_data, only(("participant",), others="hidden")),
    Row(
        "api/can_make_submission/<int:phase_id>/",
        "GET",
        _at("api/can_make_submission/{p}/"),
        only(SIGNED_IN),
        hides=True,
    ),
    Row("api/submissions/", "GET", _at("api/submissions/"), only(SIGNED_IN)),
    Row(
        "api/submissions/",
        "POST",
        _at("api/submissions/"),
        only(("participant",), others="hidden"),
        lambda scene: {"phase": scene.phase.pk, "data": str(scene.submissions[0].data.key)},
        _JSON,
        hides=True,
    ),
    Row(_SUBMISSION, "GET", _at("api/submissions/{s}/"), _OWN, hides=True),
    # It stands on the board, from which its owner has to take it first.
    Row(_SUBMISSION, "DELETE", _at("api/submissions/{s}/"), _OWN | {"participant": "refused"}, hides=True),
    Row(_SUBMISSION, "PATCH", _at("api/submissions/{s}/"), _BY_SECRET, _send(status="Finished"), _JSON),
    Row(_SUBMISSION, "PUT", _at("api/submissions/{s}/"), _BY_SECRET, _send(secret="0" * 32, status="Failed"), _JSON),
    Row(f"{_SUBMISSION}get_details/", "GET", _at("api/submissions/{s}/get_details/"), _OWN, hides=True),
    *(
        Row(
            f"{_SUBMISSION}submission_leaderboard_connection/",
            method,
            _at("api/submissions/{s}/submission_leaderboard_connection/"),
            _OWN,
            hides=True,
        )
        for method in ("POST", "DELETE")
    ),
    Row(
        f"{_SUBMISSION}cancel_submission/",
        "GET",
        _at("api/submissions/{s}/cancel_submission/"),
        only((), others="status 405"),
    ),
    Row(f"{_SUBMISSION}cancel_submission/", "POST", _at("api/submissions/{s}/cancel_submission/"), _OWN, hides=True),
    Row(
        f"{_SUBMISSION}toggle_public/",
        "GET",
        _at("api/submissions/{s}/toggle_public/"),
        only((), others="status 405"),
    ),
    # Only who sent it makes it public.
    Row(
        f"{_SUBMISSION}toggle_public/",
        "POST",
        _at("api/submissions/{s}/toggle_public/"),
        _OWN | dict.fromkeys(STAFF, "refused"),
        hides=True,
    ),
    Row(
        f"{_SUBMISSION}run_submission/",
        "POST",
        _at("api/submissions/{s}/run_submission/"),
        _OWN | {"participant": "refused"},
        hides=True,
    ),
    Row(
        "api/upload_submission_scores/<int:pk>/",
        "POST",
        _at("api/upload_submission_scores/{s}/"),
        _BY_SECRET,
        _send(secret="", scores={"accuracy": 1.0}),
        _JSON,
    ),
    Row("api/phases/<int:pk>/", "GET", _at("api/phases/{p}/"), _OPEN, hides=True),
    Row(
        f"{_SUBMISSION}re_run_submission/",
        "POST",
        _at("api/submissions/{s}/re_run_submission/"),
        _OWN | {"participant": "refused"},
        hides=True,
    ),
    # It stands on the board, from which its owner has to take it first; and nobody else is its owner.
    Row(
        f"{_SUBMISSION}soft_delete/",
        "DELETE",
        _at("api/submissions/{s}/soft_delete/"),
        everybody("hidden", visitor="sign in") | dict.fromkeys(MEMBERS, "refused"),
        hides=True,
    ),
    Row(
        "api/submissions/re_run_many_submissions/",
        "POST",
        _at("api/submissions/re_run_many_submissions/"),
        _OWN | {"participant": "refused"},
        lambda scene: [scene.submissions[0].pk],
        _JSON,
        hides=True,
    ),
    Row(
        "api/submissions/delete_many/",
        "DELETE",
        _at("api/submissions/delete_many/"),
        _OWN | {"participant": "refused"},
        lambda scene: [scene.submissions[0].pk],
        _JSON,
        hides=True,
    ),
    Row(
        "api/submissions/download_many/",
        "POST",
        _at("api/submissions/download_many/"),
        _OWN,
        lambda scene: {"pks": [scene.submissions[0].pk]},
        _JSON,
        hides=True,
    ),
    Row(
        "api/phases/<int:pk>/rerun_submissions/",
        "GET",
        _at("api/phases/{p}/rerun_submissions/"),
        only((), others="status 405"),
    ),
    Row("api/phases/<int:pk>/rerun_submissions/", "POST", _at("api/phases/{p}/rerun_submissions/"), _STAFF, hides=True),
    Row("api/phases/<int:pk>/manually_migrate/", "POST", _at("api/phases/{p}/manually_migrate/"), _STAFF, hides=True),
    Row("api/phases/<int:pk>/get_leaderboard/", "GET", _at("api/phases/{p}/get_leaderboard/"), _OPEN, hides=True),
    Row("api/queues/", "GET", _at("api/queues/"), only(SIGNED_IN)),
    Row("api/queues/", "POST", _at("api/queues/"), only(SIGNED_IN), _send(name=""), _JSON),
    Row("api/queues/<int:pk>/", "GET", queue_of_participant("api/queues"), _QUEUE),
    Row("api/queues/<int:pk>/", "PATCH", queue_of_participant("api/queues"), _QUEUE, _send(name="x"), _JSON),
    Row("api/queues/<int:pk>/", "PUT", queue_of_participant("api/queues"), _QUEUE, _send(name="x"), _JSON),
    Row("api/queues/<int:pk>/", "DELETE", queue_of_participant("api/queues"), _QUEUE),
    Row(
        "api/leaderboards/<int:pk>/",
        "GET",
        lambda scene: f"/api/leaderboards/{scene.competition.leaderboards.get().pk}/",
        _OPEN,
        hides=True,
    ),
    Row(
        "api/v1/competitions/<int:pk>/updates/",
        "POST",
        _at("api/v1/competitions/{c}/updates/"),
        _STAFF,
        lambda scene: {"file": SimpleUploadedFile("a.zip", b"no zip at all")},
        hides=True,
    ),
    Row(
        "api/v1/competitions/<int:pk>/updates/confirm/",
        "POST",
        _at("api/v1/competitions/{c}/updates/confirm/"),
        _STAFF,
        _send(proposal="made up", seen="nothing"),
        _JSON,
        hides=True,
    ),
    Row("api/submission_scores/", "GET", _at("api/submission_scores/"), only(SIGNED_IN)),
    Row("api/submission_scores/<int:pk>/", "GET", _score, _OWN, hides=True),
    Row(
        "api/submission_scores/",
        "POST",
        _at("api/submission_scores/"),
        _OWN | {"participant": "refused"},
        lambda scene: {"submission": scene.submissions[0].pk, "column_key": "f1", "score": 0.5},
        _JSON,
        hides=True,
    ),
    *(
        Row(
            "api/submission_scores/<int:pk>/",
            method,
            _score,
            _OWN | {"participant": "refused"},
            _send(score=0.25),
            _JSON,
            hides=True,
        )
        for method in ("PUT", "PATCH", "DELETE")
    ),
    Row(
        "api/v1/submissions/<int:pk>/provenance/",
        "GET",
        _at("api/v1/submissions/{s}/provenance/"),
        _OWN,
        hides=True,
    ),
    Row(
        "api/v1/submissions/<int:pk>/verifications/",
        "POST",
        _at("api/v1/submissions/{s}/verifications/"),
        _OWN | {"participant": "refused"},
        hides=True,
    ),
    Row(
        "api/v1/verifications/<int:pk>/",
        "GET",
        lambda scene: f"/api/v1/verifications/{verification_of_submission(scene)}/",
        _OWN | {"participant": "refused"},
        hides=True,
    ),
    Row("api/v1/leaderboards/<int:pk>/", "GET", _board(), _STAFF, hides=True),
    Row(
        "api/v1/leaderboards/<int:pk>/preview/",
        "POST",
        _board("preview/"),
        _STAFF,
        _send(edition="made up"),
        _JSON,
        hides=True,
    ),
    Row(
        "api/v1/leaderboards/<int:pk>/changes/",
        "POST",
        _board("changes/"),
        _STAFF,
        _send(proposal="made up"),
        _JSON,
        hides=True,
    ),
    Row(
        "api/v1/board-previews/<int:pk>/",
        "GET",
        lambda scene: f"/api/v1/board-previews/{board_preview_of(scene, 'organizer')}/",
        only(("organizer",), others="hidden"),
    ),
    Row(
        "api/v1/board-changes/<int:pk>/",
        "GET",
        lambda scene: f"/api/v1/board-changes/{board_change_of_participant(scene)}/",
        only(("participant",), others="hidden"),
    ),
    Row(
        "api/v1/leaderboards/<int:pk>/entries/<int:submission>/",
        "PUT",
        _board("entries/{s}/"),
        _STAFF,
        _send(mark="baseline"),
        _JSON,
        hides=True,
    ),
    Row("api/v1/leaderboards/<int:pk>/entries/<int:submission>/", "DELETE", _board("entries/{s}/"), _STAFF, hides=True),
    Row("api/v1/phases/<int:pk>/board/", "GET", _at("api/v1/phases/{p}/board/?at=x"), _OPEN, hides=True),
    Row("api/v1/phases/<int:pk>/certainty/", "GET", _at("api/v1/phases/{p}/certainty/"), _OPEN, hides=True),
    Row("api/v1/competitions/<int:pk>/rescores/", "GET", _at("api/v1/competitions/{c}/rescores/"), _STAFF, hides=True),
    Row(
        "api/v1/competitions/<int:pk>/rescores/",
        "POST",
        _at("api/v1/competitions/{c}/rescores/"),
        _STAFF,
        _send(reason="A wrong label.", sample=0),
        _JSON,
        hides=True,
    ),
    *(
        Row(
            f"api/v1/rescores/<int:pk>/{rest}",
            method,
            lambda scene, rest=rest: f"/api/v1/rescores/{open_rescore(scene)}/{rest}",
            _STAFF,
            hides=True,
        )
        for rest, method in (("", "GET"), ("apply/", "POST"), ("cancel/", "POST"))
    ),
    Row(
        "api/v1/rescores/<int:pk>/logs/<int:part>/<int:scoring>/<slug:kind>/", "GET", log_of_rescore, _STAFF, hides=True
    ),
    Row("api/v1/health/", "GET", _at("api/v1/health/"), _OPEN),
    Row("api/v1/workers/", "GET", _at("api/v1/workers/"), only(("admin",))),
    Row("^api/", "GET", _at("api/nothing/"), everybody("hidden")),
    Row("^api/", "POST", _at("api/nothing"), everybody("hidden")),
    Row(
        "datasets/download/<uuid:key>/",
        "GET",
        lambda scene: f"/datasets/download/{scene.kit.key}/",
        only(MEMBERS, others="hidden"),
        hides=True,
    ),
    Row(
        "api/v1/competitions/<int:pk>/publications/",
        "GET",
        _at("api/v1/competitions/{c}/publications/"),
        _STAFF,
        hides=True,
    ),
    Row(
        "api/v1/competitions/<int:pk>/publications/",
        "POST",
        _at("api/v1/competitions/{c}/publications/"),
        _STAFF,
        _send(phase=1, leaderboard=1, column="none", dataset="A dataset", task_type="line_qa"),
        _JSON,
        hides=True,
    ),
    Row(
        "api/v1/competitions/<int:pk>/publications/<int:publication>/",
        "DELETE",
        lambda scene: f"/api/v1/competitions/{scene.competition.pk}/publications/{publication_of(scene)}/",
        _STAFF,
        hides=True,
    ),
]
