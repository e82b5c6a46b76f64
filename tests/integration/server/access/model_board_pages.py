"""The access matrix of the pages on which something is sent to model boards."""

from __future__ import annotations

from tests.integration.server.access.model_boards import check_of_participant, predictions_of_participant
from tests.integration.server.access.rows import SIGNED_IN, Row, everybody, only

_SENT = only(("participant", "organizer", "admin"), others="hidden")

ROWS = [
    Row("submit/", "GET", lambda scene: "/submit/", everybody()),
    Row("submit/", "POST", lambda scene: "/submit/", only(SIGNED_IN)),
    Row(
        "submit/checks/<int:pk>/",
        "GET",
        lambda scene: f"/submit/checks/{check_of_participant(scene)}/",
        only(("participant",), others="hidden"),
    ),
    Row(
        "submit/checks/<int:pk>/",
        "POST",
        lambda scene: f"/submit/checks/{check_of_participant(scene)}/",
        only(("participant",), others="hidden"),
        lambda scene: {"model": "Tulu"},
    ),
    Row(
        "predictions/<uuid:key>/",
        "GET",
        lambda scene: f"/predictions/{predictions_of_participant(scene).key}/",
        _SENT,
    ),
    Row("my-work/model-boards/", "GET", lambda scene: "/my-work/model-boards/", only(SIGNED_IN)),
]
