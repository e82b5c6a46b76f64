"""References and predictions by the API: as older clients send them, and as files; and what stays private."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver
from tests.integration.server.modelboards.scored_material import patched_process
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.scene import make_person

from podium.metrics.registry import task_type
from podium.server.accounts.people import person_of
from podium.server.accounts.services import create_api_token
from podium.server.api.modelboards import asking
from podium.server.configuration import configuration
from podium.server.modelboards.models import Dataset, Predictions, Result

pytestmark = pytest.mark.django_db

NAME = "Moods"
SECRET = "zanzibar"
"""A right answer that nothing but the references knows."""


class Asker:
    """A client with a key, or without one, of a site whose jobs are done between a request and its answer."""

    def __init__(self, name: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if name:
            person = person_of(make_person(name))
            assert person is not None
            self.headers = {"X-API-Key": create_api_token(person, "models")}

    def post(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        return self.answered(self.client.post(path, body, content_type="application/json", headers=self.headers))

    def send(self, path: str, **fields: object) -> tuple[int, dict[str, Any]]:
        files = {
            name: SimpleUploadedFile(f"{name}.csv", value) if isinstance(value, bytes) else value
            for name, value in fields.items()
        }
        return self.answered(self.client.post(path, files, headers=self.headers))

    def get(self, path: str, **query: object) -> tuple[int, dict[str, Any]]:
        return self.answered(self.client.get(path, query, headers=self.headers))

    def answered(self, response: Any) -> tuple[int, dict[str, Any]]:
        """What the front sends: for a later answer, that of its address once the job has ended."""
        later: str = response.headers.get("Podium-Later", "")
        if later:
            do_jobs()
            _, _, *address = later.split(" ", 2)
            if address:
                response = self.client.get(address[0], headers=self.headers)
        return response.status_code, json.loads(response.content)


@pytest.fixture(autouse=True)
def scored_here(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(*patched_process())


@pytest.fixture
def owner() -> Asker:
    return Asker("owner")


@pytest.fixture
def other() -> Asker:
    return Asker("other")


def add(asker: Asker, **fields: Any) -> tuple[int, dict[str, Any]]:
    told = {
        "name": NAME,
        "task_type": "text_classification",
        "reference_data": {"labels": ["up", "down", "up", SECRET]},
    }
    return asker.post("/public/add_dataset", told | fields)


def submit(asker: Asker, results: object, ids: object = (0, 1, 2, 3), **fields: Any) -> tuple[int, dict[str, Any]]:
    told = {"benchmarkDatasetName": NAME, "modelName": "Tulu", "modelResults": results, "sentence_ids": ids}
    return asker.post("/public/submit_model", told | fields)


# As older clients do it


@pytest.mark.parametrize(
    ("task_type", "fields", "results", "metric", "score"),
    [
        ("text_classification", {"labels": ["a", "b", "a", "a"]}, ["a", "b", "b", "a"], "accuracy", 0.75),
        # One of two entities is found: precision 1, recall 1/2.
        (
            "ner",
            {"entities": [[["Ann", "PER"]], [["Rome", "LOC"]]]},
            [[["Ann", "PER"]], []],
            "entity_f1",
            2 / 3,
        ),
        (
            "named_entity_recognition",
            {"labels": [["B-PER", "O"], ["B-LOC"]]},
            [["B-PER", "O"], ["O"]],
            "entity_f1",
            2 / 3,
        ),
        # SQuAD's F1 of "the cat sat" against "cat sat down" is 0.8.
        ("document_qa", {"answers": ["cat sat down", ["Rome", "Roma"]]}, ["the cat sat", "Roma"], "f1", 0.9),
        (
            "chatbot",
            {"ground_truth": [{"id": "q1", "question": "Which town?", "context": "Rome.", "answer": "Rome"}]},
            ["in Rome"],
            "f1",
            2 / 3,
        ),
        (
            "line_qa",
            {"ground_truth": [{"id": 7, "question": "Which?", "options": ["A", "B"], "answer": "B"}]},
            ["B"],
            "exact_match",
            1.0,
        ),
    ],
)
def test_references_of_every_form_score_results(
    owner: Asker, task_type: str, fields: dict[str, Any], results: list[Any], metric: str, score: float
) -> None:
    status, said = add(owner, task_type=task_type, reference_data=fields)
    assert (status, said["success"], said["dataset_id"]) == (200, True, str(Dataset.objects.get().key))
    ids = owner.get("/public/get_source_sentences", dataset_name=NAME)[1]["sentence_ids"]
    status, said = submit(owner, results, ids)
    assert (status, said["success"], said["evaluation_metric"]) == (200, True, metric)
    assert said["score"] == pytest.approx(score)
    assert said["rank"] == 1


def test_references_beside_the_other_fields_do_as_well(owner: Asker) -> None:
    told = {"name": NAME, "task_type": "text_classification", "labels": ["a", "b"], "source_texts": ["x", "y"]}
    assert owner.post("/public/add_dataset", told)[0] == 200
    status, said = owner.get("/public/get_source_sentences", dataset_name=NAME, count=1)
    assert (status, said) == (200, {"success": True, "sentence_ids": [0], "source_sentences": ["x"], "total": 2})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"labels": []}, "labels must be a list that is not empty."),
        ({"labels": "a"}, "labels must be a list"),
        ({"labels": ["a", None]}, "The label is"),
        ({"labels": ["a", "b"], "source_texts": ["x"]}, "source_texts has 1 elements, the references have 2."),
        ({"labels": ["a", "b"], "sentence_ids": [1, 1]}, "The item '1' stands here again"),
        ({"ground_truth": [{"id": 1, "question": "x"}]}, "ground_truth[0].answer is missing."),
        ({"ground_truth": ["x"]}, "ground_truth[0] must be an object"),
        ({"colours": ["a"]}, "reference_data has no references."),
        ("labels", "reference_data must be an object or a list."),
    ],
)
def test_references_that_do_not_do_add_nothing(owner: Asker, data: object, said: str) -> None:
    status, answer = add(owner, reference_data=data)
    assert (status, answer["success"]) == (400, False)
    assert said in answer["error"]
    assert not Dataset.objects.exists()


def test_the_direction_of_a_metric_is_what_the_sender_says(owner: Asker) -> None:
    fields = {"reference_data": None, "evaluation_metric": "surprise", "metric_direction": "asc"}
    assert add(owner, **fields)[0] == 200
    for model, score in (("Worse", 0.9), ("Better", 0.1)):
        owner.post("/api/leaderboard/add_model", {"dataset_name": NAME, "model": model, "score": score})
    _, said = owner.get("/public/get_leaderboard", dataset=NAME)
    assert [row["model_name"] for row in said["entries"]] == ["Better", "Worse"]
    assert add(owner, **fields | {"metric_direction": "sideways"})[0] == 400


def test_an_unknown_metric_is_refused_with_the_known_ones(owner: Asker) -> None:
    status, answer = add(owner, evaluation_metric="beauty")
    assert status == 400
    assert "It has accuracy, macro_f1" in answer["error"]
    assert not Dataset.objects.exists()


@pytest.mark.parametrize("said", ["Accuracy", "acc", "F1", "macro-f1", ""])
def test_metrics_are_known_by_their_usual_names(owner: Asker, said: str) -> None:
    assert add(owner, evaluation_metric=said)[0] == 200
    assert Dataset.objects.get().metric in {"accuracy", "macro_f1"}


@pytest.mark.parametrize(
    ("results", "ids", "said"),
    [
        (["up"], [0, 1], "modelResults has 1 elements and sentence_ids 2."),
        (["up", "up", "up"], [0, 1, 2], "sentence_ids: The item '3' has no prediction."),
        (["up", "up", "up", "up"], [0, 1, 2, 9], "sentence_ids[3]: There is no item '9'."),
        (
            ["up", "up", "up", "up"],
            [0, 1, 2, 2],
            "sentence_ids[3]: The item '2' stands here again. It was at sentence_ids[2].",
        ),
        (["up", "up", "up", {"a": 1}], [0, 1, 2, 3], "modelResults[3]: The label is"),
        ("up", [0], "modelResults must be a list."),
        ([], [], "Missing required fields: modelResults, sentence_ids"),
        (["up", "up", "up", None], [0, 1, 2, 3], "modelResults[3]: The label is"),
        ([None] * 4, [0, 1, 2, 3], "modelResults: All elements are null."),
        (["up"] * 4, [None] * 4, "sentence_ids: All elements are null."),
    ],
)
def test_results_that_do_not_fit_are_refused(owner: Asker, results: object, ids: object, said: str) -> None:
    add(owner)
    status, answer = submit(owner, results, ids)
    assert (status, answer["success"]) == (400, False)
    assert said in answer["error"]
    assert not Result.objects.exists()


def test_of_several_problems_one_with_an_element_is_told_first(owner: Asker) -> None:
    add(owner)
    # Items 2 and 3 have no prediction, and 7 and 8 are none: four problems.
    _, answer = submit(owner, ["up"] * 4, [0, 1, 7, 8])
    assert answer["error"] == "sentence_ids[2]: There is no item '7'. Leave it out. (And 3 more.)"
    told = owner.get(f"/api/leaderboard/predictions/{Predictions.objects.get().key}")[1]["problems"]
    assert [(each["file"], each["line"]) for each in told] == [
        ("sentence_ids[2]", None),
        ("sentence_ids[3]", None),
        ("sentence_ids", None),
        ("sentence_ids", None),
    ]


def test_labels_that_are_none_are_wrong_answers(owner: Asker) -> None:
    add(owner)
    assert submit(owner, ["up", "down", "up", "I would say it goes up."])[1]["score"] == 0.75


def test_the_same_results_again_are_the_same(owner: Asker) -> None:
    add(owner)
    first = submit(owner, ["up", "down", "up", "up"], metadata={"params": 7}, submittedBy="A lab")
    assert submit(owner, ["up", "down", "up", "up"], metadata={"params": 7}, submittedBy="A lab") == first
    assert Result.objects.count() == Predictions.objects.count() == 1
    (row,) = owner.get("/public/get_leaderboard", dataset=NAME)[1]["leaderboard"]
    assert (row["submitted_by"], row["metadata"], row["badge"]) == ("A lab", {"params": 7}, "scored")
    assert row["detailed_scores"]["accuracy"] == 0.75


def test_an_answer_before_the_outcome_says_that_it_waits(owner: Asker) -> None:
    add(owner)
    told = {"benchmarkDatasetName": NAME, "modelName": "Tulu", "modelResults": ["up"] * 4, "sentence_ids": [0, 1, 2, 3]}
    response = owner.client.post("/public/submit_model", told, content_type="application/json", headers=owner.headers)
    said = json.loads(response.content)
    assert (said["success"], said["state"], said["score"]) == (True, "waiting", None)


def test_who_may_not_hears_it(owner: Asker, other: Asker) -> None:
    add(owner)
    nobody = Asker()
    assert submit(nobody, ["up"] * 4)[0] == 401
    assert add(nobody, name="Another")[0] == 401
    wrong = Asker()
    wrong.headers = {"X-API-Key": "0" * 40}
    assert submit(wrong, ["up"] * 4)[0] == 401
    assert add(other) == (
        403,
        {
            "success": False,
            "error": "The dataset of this name belongs to somebody else. "
            "Choose another name, or add results of single models to it.",
        },
    )
    assert submit(other, ["up"] * 4)[0] == 200
    assert submit(owner, ["down"] * 4, modelName="Tulu")[0] == 200, "the owner of the dataset may"
    assert submit(other, ["up"] * 4, benchmarkDatasetName="Nothing")[0] == 404
    status, said = other.send("/api/leaderboard/put_references", dataset_name=NAME, references=b"id,label\n0,up")
    assert (status, said["status"]) == (403, "error")


def test_on_open_boards_nobody_in_particular_may(owner: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = configuration().model_copy(update={"open_modelboards": True})
    monkeypatch.setattr(asking, "configuration", lambda: opened)
    nobody = Asker()
    assert add(nobody)[0] == 200
    assert submit(nobody, ["up"] * 4)[1]["score"] == 0.5
    # Whoever comes later takes nobody's place.
    assert add(nobody, reference_data={"labels": ["down"] * 4})[0] == 403


# As files

GOLD = f"id,label\n0,up\n1,down\n2,up\n3,{SECRET}".encode()
GOOD = b"id,label\n3,up\n1,down\n2,up\n0,up\n"


def with_files(owner: Asker) -> None:
    owner.post("/api/leaderboard/add_dataset", {"name": NAME, "task_type": "text_classification"})
    inputs = b"id,text\n0,It rose\n1,It fell\n2,It grew\n3,Spice"
    status, said = owner.send(
        "/api/leaderboard/put_references", dataset_name=NAME, references=GOLD, inputs=inputs, wait=1
    )
    assert (status, said["state"], said["count"]) == (200, "accepted", 4)


def test_on_open_boards_nobody_in_particular_sends_files(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = configuration().model_copy(update={"open_modelboards": True})
    monkeypatch.setattr(asking, "configuration", lambda: opened)
    nobody = Asker()
    assert nobody.post("/api/leaderboard/add_dataset", {"name": NAME, "task_type": "text_classification"})[0] == 200
    assert nobody.send("/api/leaderboard/put_references", dataset_name=NAME, references=GOLD)[0] == 200
    do_jobs()
    path = "/api/leaderboard/submit_predictions"
    status, said = nobody.send(path, dataset_name=NAME, model="Tulu", file=GOOD, wait="1")
    # Three of the four are right.
    assert (status, said["state"], said["score"]) == (200, "scored", 0.75)


def test_files_are_scored(owner: Asker, other: Asker) -> None:
    with_files(owner)
    status, said = other.send(
        "/api/leaderboard/submit_predictions", dataset_name=NAME, model="Tulu", file=GOOD, wait="1", submitted_by="Lab"
    )
    assert (status, said["status"], said["state"], said["score"], said["rank"], said["count"]) == (
        200,
        "success",
        "scored",
        0.75,
        1,
        4,
    )
    key = said["predictions_id"]
    assert owner.get(f"/api/leaderboard/predictions/{key}")[1]["score"] == 0.75
    assert Asker("third").get(f"/api/leaderboard/predictions/{key}")[0] == 404


def test_the_owner_lets_everybody_browse_items(owner: Asker, other: Asker) -> None:
    with_files(owner)
    path = "/api/leaderboard/put_references"
    assert other.send(path, dataset_name=NAME, references=GOLD, items_public="1")[0] == 403
    assert not Dataset.objects.get().items_public
    assert owner.send(path, dataset_name=NAME, references=GOLD, items_public="perhaps")[0] == 400
    assert owner.send(path, dataset_name=NAME, references=GOLD, items_public="1")[0] == 200
    told = owner.get("/public/dataset_details", name=NAME)[1]["dataset"]
    assert (told["items_public"], told["item_count"]) == (True, 4)


def test_languages_are_kept(owner: Asker) -> None:
    told = {"name": NAME, "task_type": "translation", "languages": ["de", "en"]}
    assert owner.post("/api/leaderboard/add_dataset", told)[0] == 200
    assert owner.get("/public/dataset_details", name=NAME)[1]["dataset"]["languages"] == ["de", "en"]
    assert owner.post("/api/leaderboard/add_dataset", told | {"languages": 7})[0] == 400


def test_a_bad_file_is_told_line_by_line(owner: Asker, other: Asker) -> None:
    with_files(owner)
    bad = b"id,label\n0,up\n1,sideways\n2,up\n2,up\n"
    for path, more in (("submit_predictions", {"model": "Tulu", "wait": 1}), ("check_predictions", {})):
        status, said = other.send(f"/api/leaderboard/{path}", dataset_name=NAME, file=bad, **more)
        assert said["state"] == "refused"
        assert [(each["line"], each["code"]) for each in said["problems"] if each["line"]] == [
            (3, "wrong-label"),
            (5, "duplicate-id"),
        ]
        assert status == (400 if more else 200)
    assert Predictions.objects.count() == 1


def test_a_check_stores_nothing(owner: Asker, other: Asker) -> None:
    with_files(owner)
    status, said = other.send("/api/leaderboard/check_predictions", dataset_name=NAME, file=GOOD)
    assert (status, said["state"], said["count"], said["problem_count"]) == (200, "valid", 4, 0)
    assert not Predictions.objects.exists()
    assert owner.get(f"/api/leaderboard/checks/{said['check_id']}")[0] == 404


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("csv", b"id,label\r\n0,\r\n1,\r\n2,\r\n3,\r\n"),
        ("jsonl", b'{"id":"0","label":""}\n{"id":"1","label":""}\n{"id":"2","label":""}\n{"id":"3","label":""}\n'),
    ],
)
def test_a_template_has_all_ids_and_no_answers(owner: Asker, form: str, content: bytes) -> None:
    with_files(owner)
    response: HttpResponse = Client().get("/api/leaderboard/template", {"dataset": NAME, "format": form})  # type: ignore[assignment]
    assert response.content == content


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({}, 400, "Missing required fields: dataset_name"),
        ({"dataset_name": NAME}, 400, "Missing required fields: model"),
        ({"dataset_name": NAME, "model": "Tulu"}, 400, "Missing required fields: file"),
        ({"dataset_name": "Nothing", "model": "Tulu", "file": GOOD}, 404, "Dataset not found."),
        ({"dataset_name": NAME, "model": "Tulu", "file": GOOD, "wait": "soon"}, 400, "wait must be"),
        ({"dataset_name": NAME, "model": "x" * 201, "file": GOOD}, 400, "model"),
        ({"dataset_name": NAME, "model": "Tulu", "file": GOOD, "source": "javascript:alert(1)"}, 400, "source"),
    ],
)
def test_what_is_missing_or_wrong_is_named(owner: Asker, fields: dict[str, object], status: int, said: str) -> None:
    with_files(owner)
    answered, told = owner.send("/api/leaderboard/submit_predictions", **fields)
    assert (answered, told["status"]) == (status, "error")
    assert said in told["message"]


def test_a_file_that_is_too_large_says_how_large_it_may_be(owner: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    with_files(owner)
    monkeypatch.setattr(configuration(), "modelboard_file_bytes", 10)
    status, told = owner.send("/api/leaderboard/submit_predictions", dataset_name=NAME, model="Tulu", file=GOOD)
    assert status == 413
    assert "PODIUM_MODELBOARD_FILE_BYTES" in told["message"]


def test_one_bad_line_of_very_many_is_named() -> None:
    # The reading alone: what comes before and after is the same for four lines.
    draw = random.Random(7)
    bad = draw.randrange(200_000)
    lines = [f"{number},up" for number in range(200_000)]
    task = task_type("text_classification")
    gold = task.read_references(("id,label\n" + "\n".join(lines)).encode(), "gold.csv").value
    assert gold is not None
    lines[bad] = f"{bad},sideways"
    found = task.read_predictions(("id,label\n" + "\n".join(lines)).encode(), "answers.csv", gold)
    assert [(problem.line, problem.code) for problem in found.problems] == [(bad + 2, "wrong-label")]


# What is private


def addresses() -> list[str]:
    """Every address of the site that needs nothing but a dataset, a model or a result to be named."""

    def below(resolver: URLResolver, before: str = "") -> list[str]:
        found: list[str] = []
        for each in resolver.url_patterns:
            route = before + str(each.pattern)
            found += below(each, route) if isinstance(each, URLResolver) else [route]
        return found

    boards = ("leaderboard", "public/", "api/leaderboard", "compare", "model/", "submit", "openapi")
    return [route for route in below(get_resolver()) if route.startswith(boards)]


def test_no_address_shows_what_is_right_to_a_stranger(owner: Asker, other: Asker) -> None:
    with_files(owner)
    _, said = other.send("/api/leaderboard/submit_predictions", dataset_name=NAME, model="Tulu", file=GOOD, wait="1")
    result = Result.objects.get()
    # That there is such a label is in the tables by class, which belong to the result; which item it is of is not.
    other.send("/api/leaderboard/check_predictions", dataset_name=NAME, file=b"id,label\n3,sideways")
    asked = 0
    query = {
        "dataset": NAME,
        "name": NAME,
        "dataset_name": NAME,
        "model": "Tulu",
        "models": "Tulu",
        "result": result.pk,
    }
    for route in addresses():
        path = "/" + route.replace("<slug:slug>", "moods").replace("<str:name>", "Tulu").replace("<path:name>", "Tulu")
        path = path.replace("<uuidstr:key>", said["predictions_id"]).replace("<uuid:key>", said["predictions_id"])
        path = path.replace("<slug>", "moods").replace("<int:number>", "1").replace("<int:pk>", str(result.pk))
        if "<" in path or "^" in path:
            continue
        for asker in (Client(raise_request_exception=False), other.client):
            answer: Any = asker.get(path, query)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert b"3,zanzibar" not in content
            assert b'"gold"' not in content
            assert b'"id": "3", "label": "zanzibar"' not in content
            asked += 1
    assert asked >= 20
