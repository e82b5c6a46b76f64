"""The access matrix of model boards: everybody reads, whoever is signed in writes."""

from __future__ import annotations

from typing import Any

from tests.integration.server.access.rows import SIGNED_IN, Row, everybody, only
from tests.integration.server.scene import Scene

from podium.server import clock
from podium.server.accounts.people import person_of
from podium.server.files.models import Blob
from podium.server.jobs.internal.services import ask_for
from podium.server.modelboards.models import Dataset, Predictions, ReferenceSet
from podium.server.modelboards.queries.checks import CHECKING

_JSON = "application/json"


def _at(path: str) -> Any:
    return lambda scene: path


def _body(**fields: Any) -> Any:
    def body(scene: Scene) -> dict[str, Any]:
        return fields

    return body


def predictions_of_participant(scene: Scene) -> Predictions:
    """Predictions that the participant sent to a dataset of the organizer's."""
    owner, sender = scene.people["organizer"], scene.people["participant"]
    found = Predictions.objects.filter(submitter=sender).first()
    if found is not None:
        return found
    now = clock.now()
    dataset = Dataset.objects.create(
        name="Scored", slug="scored", task_type="line_qa", owner=owner, item_count=1, created_at=now, changed_at=now
    )
    blob = Blob.objects.create(sha256="a" * 64, size_bytes=1, touched_at=now)
    references = ReferenceSet.objects.create(
        dataset=dataset, number=1, state="accepted", blob=blob, name="gold.csv", created_at=now
    )
    return Predictions.objects.create(
        dataset=dataset,
        references=references,
        model="Tulu",
        blob=blob,
        name="answers.csv",
        digest=blob.sha256,
        submitter=sender,
        created_at=now,
    )


def check_of_participant(scene: Scene) -> int:
    """The number of a check that the participant asked for."""
    dataset = predictions_of_participant(scene).dataset
    person = person_of(scene.people["participant"])
    return ask_for(CHECKING, person, {"dataset": dataset.pk, "name": "answers.csv", "sha256": "a" * 64})


ROWS = [
    Row(
        "api/leaderboard/add_dataset/",
        "POST",
        _at("/api/leaderboard/add_dataset"),
        only(SIGNED_IN),
        _body(name="A dataset", task_type="text_classification"),
        _JSON,
    ),
    Row("api/leaderboard/add_model/", "POST", _at("/api/leaderboard/add_model"), only(SIGNED_IN), _body(), _JSON),
    Row(
        "api/leaderboard/mark_baseline/", "POST", _at("/api/leaderboard/mark_baseline"), only(SIGNED_IN), _body(), _JSON
    ),
    Row("api/leaderboard/import/", "POST", _at("/api/leaderboard/import"), only(SIGNED_IN), _body(), _JSON),
    Row(
        "api/leaderboard/put_references/",
        "POST",
        _at("/api/leaderboard/put_references"),
        only(SIGNED_IN),
        _body(),
        _JSON,
    ),
    Row(
        "api/leaderboard/references/<slug>/",
        "GET",
        lambda scene: f"/api/leaderboard/references/{predictions_of_participant(scene).dataset.slug}/",
        only(("organizer", "admin")),
    ),
    Row(
        "api/leaderboard/submit_predictions/",
        "POST",
        _at("/api/leaderboard/submit_predictions"),
        only(SIGNED_IN),
        _body(),
        _JSON,
    ),
    Row(
        "api/leaderboard/predictions/<uuidstr:key>/",
        "GET",
        lambda scene: f"/api/leaderboard/predictions/{predictions_of_participant(scene).key}/",
        only(("participant", "organizer", "admin"), others="hidden", visitor="hidden"),
    ),
    Row(
        "api/leaderboard/checks/<int:number>/",
        "GET",
        lambda scene: f"/api/leaderboard/checks/{check_of_participant(scene)}/",
        only(("participant",), others="hidden"),
    ),
    Row(
        "api/leaderboard/check_predictions/",
        "POST",
        _at("/api/leaderboard/check_predictions"),
        only(SIGNED_IN),
        _body(),
        _JSON,
    ),
    Row("api/leaderboard/template/", "GET", _at("/api/leaderboard/template"), everybody()),
    Row("public/add_dataset/", "POST", _at("/public/add_dataset"), only(SIGNED_IN), _body(), _JSON),
    Row("public/submit_model/", "POST", _at("/public/submit_model"), only(SIGNED_IN), _body(), _JSON),
    Row("public/submitted_model/", "GET", _at("/public/submitted_model"), everybody("hidden")),
    Row("public/get_source_sentences/", "GET", _at("/public/get_source_sentences"), everybody()),
    Row("api/leaderboard/compare/", "GET", _at("/api/leaderboard/compare"), everybody()),
    Row("api/leaderboard/list/", "GET", _at("/api/leaderboard/list"), everybody()),
    Row("public/datasets/", "GET", _at("/public/datasets"), everybody()),
    Row("public/dataset_details/", "GET", _at("/public/dataset_details"), everybody()),
    Row("public/get_leaderboard/", "GET", _at("/public/get_leaderboard"), everybody()),
    Row("public/export/leaderboard/", "GET", _at("/public/export/leaderboard"), everybody()),
    Row("^public/", "GET", _at("/public/nothing"), everybody("hidden")),
    Row("^api/leaderboard/", "GET", _at("/api/leaderboard/nothing"), everybody("hidden")),
    Row("leaderboard/", "GET", _at("/leaderboard/"), everybody()),
    Row("leaderboard/matrix/", "GET", _at("/leaderboard/matrix/"), everybody()),
    Row("leaderboard/matrix/table/<slug:ending>/", "GET", _at("/leaderboard/matrix/table/csv/"), everybody()),
    Row("leaderboard/<slug:slug>/", "GET", _at("/leaderboard/nothing/"), everybody("hidden")),
    Row(
        "leaderboard/<slug:slug>/table/<slug:ending>/",
        "GET",
        _at("/leaderboard/nothing/table/csv/"),
        everybody("hidden"),
    ),
    Row(
        "leaderboard/<slug:slug>/baselines/",
        "POST",
        lambda scene: f"/leaderboard/{predictions_of_participant(scene).dataset.slug}/baselines/",
        only(("organizer", "admin")),
        _body(model="Tulu", baseline="unheard of"),
    ),
    Row("leaderboard/<slug:slug>/log/", "GET", _at("/leaderboard/nothing/log/"), everybody("hidden")),
    Row("leaderboard/<slug:slug>/log.json", "GET", _at("/leaderboard/nothing/log.json"), everybody("hidden")),
    Row("leaderboard/<slug:slug>/log.atom", "GET", _at("/leaderboard/nothing/log.atom"), everybody("hidden")),
    Row("compare/", "GET", _at("/compare/"), everybody()),
    Row("compare/table/<slug:ending>/", "GET", _at("/compare/table/csv/?model=a&model=b"), everybody()),
    Row("model/", "GET", _at("/model/"), everybody()),
    Row(r"^model/(?P<name>.+?)/?$", "GET", _at("/model/nothing"), everybody("hidden")),
    Row("^health/?$", "GET", _at("/health"), everybody()),
    Row("openapi.json", "GET", _at("/openapi.json"), everybody()),
]
