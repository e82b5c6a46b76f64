"""The API of model boards as the contract has it: envelopes and messages to the letter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from tests.integration.server.scene import make_person

from podium.server.accounts.people import person_of
from podium.server.accounts.services import create_api_token
from podium.server.api.modelboards import asking
from podium.server.api.modelboards.routes import LEADERBOARD, PUBLIC
from podium.server.configuration import configuration
from podium.server.modelboards.models import Dataset, Result

pytestmark = pytest.mark.django_db

PHRASEBANK = "Financial Phrasebank - Classification Accuracy"
ADD_DATASET: dict[str, Any] = {
    "name": PHRASEBANK,
    "url": "https://data.example.org/financial_phrasebank",
    "task_type": "text_classification",
    "description": "Sentences of financial news with their sentiment.",
    "models": [{"rank": 1, "model": "Gemini", "score": 0.95, "ci": "0.93 - 0.97", "updated": "Sep 2024"}],
}
ADD_MODEL: dict[str, Any] = {
    "dataset_name": PHRASEBANK,
    "model": "Llama3",
    "rank": 2,
    "score": 0.92,
    "ci": "0.90 - 0.94",
    "updated": "Sep 2024",
}


class Asker:
    """A client with a key, or without one."""

    def __init__(self, key: str = "", header: str = "X-API-Key", scheme: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {header: f"{scheme} {key}".strip()} if key else {}

    def post(self, path: str, body: object) -> HttpResponse:
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        answer: Any = self.client.post(path, content, content_type="application/json", headers=self.headers)
        return answer

    def add_dataset(self, **changes: Any) -> HttpResponse:
        return self.post("/api/leaderboard/add_dataset", ADD_DATASET | changes)

    def add_model(self, **changes: Any) -> HttpResponse:
        return self.post("/api/leaderboard/add_model", ADD_MODEL | changes)

    def get(self, path: str, **query: object) -> Any:
        return self.client.get(path, query, headers=self.headers).json()

    def models(self, name: str = PHRASEBANK) -> list[dict[str, Any]]:
        listed = self.get("/api/leaderboard/list")
        assert listed["status"] == "success"
        (found,) = [each["models"] for each in listed["datasets"] if each["name"] == name]
        rows: list[dict[str, Any]] = found
        return rows


def key_of(name: str) -> str:
    person = person_of(make_person(name))
    assert person is not None
    return create_api_token(person, "models")


@pytest.fixture(autouse=True)
def uncounted() -> Iterator[None]:
    """What was counted against the rate limit in one test says nothing in the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def owner() -> Asker:
    return Asker(key_of("owner"))


@pytest.fixture
def other() -> Asker:
    return Asker(key_of("other"))


@pytest.fixture
def open_boards(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = configuration().model_copy(update={"open_modelboards": True})
    monkeypatch.setattr(asking, "configuration", lambda: opened)


def refused(answer: HttpResponse, status: int, message: str) -> None:
    assert (answer.status_code, json.loads(answer.content)) == (status, {"status": "error", "message": message})


# The two requests of the contract


def test_a_dataset_is_added_with_the_answer_of_the_contract(owner: Asker) -> None:
    answer = owner.add_dataset()
    said = json.loads(answer.content)
    assert answer.status_code == 200
    assert UUID(said.pop("dataset_id")) == Dataset.objects.get().key
    assert said == {"status": "success", "message": "Dataset added to leaderboard."}


def test_a_model_is_added_with_the_answer_of_the_contract(owner: Asker) -> None:
    owner.add_dataset()
    answer = owner.add_model()
    assert answer.status_code == 200
    assert json.loads(answer.content) == {"status": "success", "message": "Model added to dataset on leaderboard."}
    assert "X-Podium-Warning" not in answer.headers


def test_the_list_has_them_in_order_of_rank(owner: Asker) -> None:
    owner.add_dataset()
    owner.add_model()
    (dataset,) = owner.get("/api/leaderboard/list")["datasets"]
    assert UUID(dataset.pop("id"))
    assert dataset == {
        **{key: ADD_DATASET[key] for key in ("name", "url", "task_type", "description")},
        "models": [
            {"rank": 1, "model": "Gemini", "score": 0.95, "ci": "0.93 - 0.97", "updated": "Sep 2024"},
            {"rank": 2, "model": "Llama3", "score": 0.92, "ci": "0.90 - 0.94", "updated": "Sep 2024"},
        ],
    }


def test_a_dataset_that_is_not_there(owner: Asker) -> None:
    refused(owner.add_model(), 404, "Dataset not found.")


@pytest.mark.parametrize(
    ("path", "body", "missing"),
    [
        ("add_dataset", {}, "name, task_type"),
        ("add_dataset", {"name": "a"}, "task_type"),
        ("add_dataset", {"name": "", "task_type": None}, "name, task_type"),
        ("add_model", {}, "dataset_name, model, score"),
        ("add_model", {"dataset_name": "a", "model": "b"}, "score"),
        ("add_model", {"dataset_name": "a", "score": 0}, "model"),
    ],
)
def test_missing_fields_are_named(owner: Asker, path: str, body: dict[str, Any], missing: str) -> None:
    refused(owner.post(f"/api/leaderboard/{path}", body), 400, f"Missing required fields: {missing}")


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_final_slash_makes_no_difference(owner: Asker, slash: str) -> None:
    assert owner.post(f"/api/leaderboard/add_dataset{slash}", ADD_DATASET).status_code == 200
    assert owner.get(f"/public/datasets{slash}")["success"] is True


# Who may


@pytest.mark.parametrize(
    ("header", "scheme"), [("X-API-Key", ""), ("Authorization", "Bearer"), ("Authorization", "Token")]
)
def test_a_key_is_taken_where_clients_put_it(header: str, scheme: str) -> None:
    assert Asker(key_of("anyone"), header, scheme).add_dataset().status_code == 200
    assert Dataset.objects.get().owner is not None


def test_without_a_key_nothing_is_written() -> None:
    refused(
        Asker().add_dataset(),
        401,
        "An API key is required. Send the header X-API-Key with a token of yours, from the page My work.",
    )
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(("header", "scheme"), [("X-API-Key", ""), ("Authorization", "Bearer")])
def test_a_wrong_key_is_refused_even_where_none_is_needed(open_boards: None, header: str, scheme: str) -> None:
    answer = Asker("0" * 40, header, scheme).add_dataset()
    assert (answer.status_code, json.loads(answer.content)["status"]) == (401, "error")


def test_open_boards_take_results_of_nobody_and_say_so(open_boards: None) -> None:
    assert Asker().add_dataset().status_code == 200
    assert Asker().add_model().status_code == 200
    assert {row["badge"] for row in Asker().get("/public/get_leaderboard")["entries"]} == {"unverified"}


def test_nobody_changes_what_somebody_declared(open_boards: None, owner: Asker) -> None:
    owner.add_dataset()
    assert Asker().add_dataset(description="mine").status_code == 403
    assert Asker().add_model(model="Gemini", score=0.1, ci=None).status_code == 403
    assert [row["score"] for row in owner.models()] == [0.95]


def test_somebody_elses_dataset_takes_results_but_no_changes(owner: Asker, other: Asker) -> None:
    owner.add_dataset()
    answer = other.add_dataset(description="Better words.")
    refused(
        answer,
        403,
        "The dataset of this name belongs to somebody else. Choose another name, or add results of single models to "
        "it.",
    )
    assert other.add_model().status_code == 200
    badges = {row["model_name"]: row["badge"] for row in owner.get("/public/get_leaderboard")["entries"]}
    assert badges == {"Gemini": "organizer", "Llama3": "declared"}


def test_a_result_is_changed_by_its_sender_and_the_owner_of_the_dataset_only(owner: Asker, other: Asker) -> None:
    owner.add_dataset()
    other.add_model()
    third = Asker(key_of("third"))
    assert third.add_model(score=0.93).status_code == 403
    assert other.add_model(score=0.93).status_code == 200
    assert owner.add_model(score=0.91).status_code == 200


# Again


def test_the_same_dataset_again_keeps_its_id_and_its_rows(owner: Asker) -> None:
    first = json.loads(owner.add_dataset().content)
    owner.add_model()
    again = owner.add_dataset(description="Better words.", models=[{"model": "GPT-4", "score": 0.9}])
    assert json.loads(again.content) == first
    assert [row["model"] for row in owner.models()] == ["Gemini", "Llama3", "GPT-4"]
    assert Dataset.objects.get().description == "Better words."


def test_the_same_model_again_is_no_second_row(owner: Asker) -> None:
    owner.add_dataset()
    for _ in range(3):
        assert owner.add_model().status_code == 200
    assert Result.objects.count() == 2


def test_a_different_result_is_a_revision_and_the_old_one_stays(owner: Asker) -> None:
    owner.add_dataset()
    owner.add_model()
    owner.add_model(score=0.96, ci="0.94 - 0.98", rank=1)
    assert [(row["rank"], row["model"], row["score"]) for row in owner.models()] == [
        (1, "Llama3", 0.96),
        (2, "Gemini", 0.95),
    ]
    revisions = Result.objects.filter(model="Llama3").order_by("revision")
    assert [(each.score, each.superseded_at is None) for each in revisions] == [(0.92, False), (0.96, True)]


def test_one_bad_model_and_nothing_is_added(owner: Asker) -> None:
    good = [{"model": f"m{number}", "score": 0.5} for number in range(3)]
    refused(
        owner.add_dataset(models=[*good, {"model": "bad", "score": "high"}]),
        400,
        "models[3].score must be a finite number, or null for a model without a score.",
    )
    assert not Dataset.objects.exists()
    owner.add_dataset()
    assert owner.add_dataset(description="new", models=[{"model": "a", "score": 1}, {"model": "b"}]).status_code == 400
    assert (Dataset.objects.get().description, Result.objects.count()) == (ADD_DATASET["description"], 1)


# Ranks and directions


def test_a_claimed_rank_is_kept_and_ours_is_shown(owner: Asker) -> None:
    owner.add_dataset()
    answer = owner.add_model(rank=1)
    assert json.loads(answer.content) == {"status": "success", "message": "Model added to dataset on leaderboard."}
    assert answer.headers["X-Podium-Warning"] == "Llama3: rank 1 was declared, the scores give 2."
    assert [(row["rank"], row.get("declared_rank")) for row in owner.models()] == [(1, None), (2, 1)]


def test_equal_scores_share_a_rank_and_who_has_none_comes_last(owner: Asker) -> None:
    scores = {"a": 0.8, "b": None, "c": 0.9, "d": 0.8, "e": 0.7}
    owner.add_dataset(models=[{"model": model, "score": score} for model, score in scores.items()])
    assert [(row["rank"], row["model"]) for row in owner.models()] == [
        (1, "c"),
        (2, "a"),
        (2, "d"),
        (4, "e"),
        (None, "b"),
    ]


@pytest.mark.parametrize(
    "said",
    [{"metric_direction": "asc"}, {"evaluation_metric": "word_error_rate"}, {"name": "LibriSpeech - WER"}],
    ids=str,
)
def test_where_the_lowest_is_the_best_the_worst_is_last(owner: Asker, said: dict[str, Any]) -> None:
    name = said.get("name", PHRASEBANK)
    owner.add_dataset(**said, models=[{"model": "bad", "score": 0.9}, {"model": "good", "score": 0.1}])
    assert [row["model"] for row in owner.models(name)] == ["good", "bad"]
    page = owner.get("/public/get_leaderboard", dataset=name)["leaderboard"]
    assert [row["model_name"] for row in page] == ["good", "bad"]


def test_a_result_tells_the_metric_of_a_dataset_that_has_none(owner: Asker) -> None:
    owner.add_dataset(models=[{"model": "bad", "score": 0.9}])
    owner.add_model(model="good", score=0.1, ci=None, evaluation_metric="wer", metric_direction="asc", rank=None)
    assert [row["model"] for row in owner.models()] == ["good", "bad"]
    answer = owner.add_model(model="third", score=0.5, ci=None, metric_direction="desc", rank=None)
    assert answer.headers["X-Podium-Warning"] == "On this dataset the lowest score is the best."


def test_lists_know_the_first_models_of_a_dataset(owner: Asker) -> None:
    owner.add_dataset(
        models=[{"model": name, "score": score} for name, score in zip("abcd", (1, 3, 3, 2), strict=True)]
    )
    dataset = Dataset.objects.get()
    assert (dataset.top, dataset.model_count) == ([[1, "b", 3.0], [1, "c", 3.0], [3, "d", 2.0]], 4)
    owner.add_dataset(models=[], metric_direction="asc")
    again = Dataset.objects.get()
    assert again.top == [[1, "a", 1.0], [2, "d", 2.0], [3, "b", 3.0]]
    assert again.version > dataset.version
    owner.add_dataset(models=[], metric_direction="asc")
    assert Dataset.objects.get().version == again.version


def test_a_day_that_has_not_come_is_kept_and_told(owner: Asker) -> None:
    owner.add_dataset()
    assert owner.add_model(updated="Jan 2999").headers["X-Podium-Warning"] == "Llama3: Jan 2999 has not come yet."
    assert owner.models()[1]["updated"] == "Jan 2999"


def test_what_a_header_cannot_hold_is_spelt_out(owner: Asker) -> None:
    owner.add_dataset()
    warning = owner.add_model(model="模型", rank=9).headers["X-Podium-Warning"]
    assert warning == "\\u6a21\\u578b: rank 9 was declared, the scores give 2."


# What does not do


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (
            "{",
            400,
            "The request is not valid JSON: expecting property name enclosed in double quotes at line 1, column 2",
        ),
        (b'{"name": "\xff"}', 400, "The request is not valid JSON: byte 11 is not UTF-8. Send a JSON object."),
        ('{"score": ' + "9" * 5000 + "}", 400, "The request is not valid JSON: a whole number has too many digits."),
        ("[" * 100_000, 400, "The request is not valid JSON: its lists or objects are too deep inside each other."),
        ('{"x": ' + "[" * 500 + "]" * 500 + "}", 400, "Lists or objects are inside each other more than 100 deep."),
        ("[]", 400, "The request is not a JSON object"),
        (
            json.dumps(ADD_DATASET | {"task_type": "dancing"}),
            400,
            "The task type 'dancing' is not known here. Known are",
        ),
        (json.dumps(ADD_DATASET | {"models": {}}), 400, "models must be a list"),
        (json.dumps(ADD_DATASET | {"models": ["Gemini"]}), 400, "models[0] must be an object"),
        (json.dumps(ADD_DATASET | {"url": "javascript:x"}), 400, "url must be an http or https address"),
        (json.dumps(ADD_DATASET | {"name": "a\u0000b"}), 400, "A text has a NUL"),
        (json.dumps(ADD_DATASET | {"name": "x" * 1000}), 400, "name must be a text of 1 to 200"),
        (json.dumps(ADD_DATASET | {"metric_direction": "up"}), 400, "metric_direction must be asc or desc."),
        ("x" * (9 << 20), 413, "The request's body is too large."),
    ],
)
def test_a_bad_request_is_explained_in_the_envelope(owner: Asker, body: str | bytes, status: int, message: str) -> None:
    answer = owner.post("/api/leaderboard/add_dataset", body)
    said = json.loads(answer.content)
    assert (answer.status_code, said["status"], set(said)) == (status, "error", {"status", "message"})
    assert said["message"].startswith(message)


def test_a_wrong_method_is_explained_in_the_envelope(owner: Asker) -> None:
    assert owner.get("/api/leaderboard/add_model")["status"] == "error"
    answer = owner.post("/public/datasets", {})
    assert (answer.status_code, json.loads(answer.content)["success"]) == (405, False)


@pytest.mark.parametrize("path", ["nothing", "nothing/", "", "add_model/1"])
def test_an_address_that_leads_nowhere_is_explained_in_the_envelope(owner: Asker, path: str) -> None:
    refused(
        owner.post(f"/api/leaderboard/{path}", {}),
        404,
        "There is nothing at this address of the API. Check it for a mistake.",
    )


def test_names_that_are_formulas_or_html_are_kept_and_neutralised_in_csv(owner: Asker) -> None:
    owner.add_dataset(models=[{"model": "=1+1", "score": 1}, {"model": "<script>", "score": 0.5}])
    assert [row["model"] for row in owner.models()] == ["=1+1", "<script>"]
    written = owner.client.get("/public/export/leaderboard?format=csv").content.decode()
    assert ",'=1+1," in written


def test_unknown_keys_are_kept(owner: Asker) -> None:
    owner.add_dataset(colour="blue")
    owner.add_model(temperature=0.1, detailed_scores={"f1": 0.9}, submitted_by="Ada")
    details = owner.get("/public/dataset_details", name=PHRASEBANK)["dataset"]
    assert details["extra"] == {"colour": "blue"}
    row = owner.get("/public/get_leaderboard", dataset=PHRASEBANK)["entries"][1]
    assert (row["metadata"], row["detailed_scores"], row["submitted_by"]) == ({"temperature": 0.1}, {"f1": 0.9}, "Ada")


def test_addresses_are_unique_and_none_is_that_of_a_page(owner: Asker) -> None:
    for name in ("Matrix", "matrix!", "MATRIX"):
        owner.add_dataset(name=name)
    assert list(Dataset.objects.order_by("pk").values_list("slug", flat=True)) == ["matrix-2", "matrix-3", "matrix-4"]


def test_too_many_requests_are_told_when_to_come_back(owner: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    for route in LEADERBOARD:
        if route.throttle is not None:
            monkeypatch.setattr(route.throttle, "num_requests", 2)
    assert [owner.add_dataset().status_code for _ in range(2)] == [200, 200]
    answer = owner.add_dataset()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    refused(answer, 429, "Too many attempts. Wait a minute, then try again.")
    assert Asker(key_of("somebody")).add_model().status_code == 200


# Below /public


def test_a_page_of_a_board_has_the_keys_of_the_contract(owner: Asker) -> None:
    owner.add_dataset(models=[{"model": f"m{number}", "score": number / 10} for number in range(5)])
    page = owner.get("/public/get_leaderboard", dataset=PHRASEBANK, page=2, page_size=2)
    rows = page.pop("leaderboard")
    assert page.pop("entries") == rows
    assert page == {"success": True, "page": 2, "page_size": 2, "total": 5, "next_cursor": 3}
    assert [(row["rank"], row["model_name"]) for row in rows] == [(3, "m2"), (4, "m1")]
    assert set(rows[0]) >= {
        *("rank", "submission_id", "model_name", "dataset_name", "url", "submission_count", "task_type", "score"),
        *("evaluation_metric", "ci_low", "ci_high", "submitted_by", "metadata", "detailed_scores", "primary_metric"),
        "submitted_at",
    }
    assert owner.get("/public/get_leaderboard", dataset=PHRASEBANK, page=3, page_size=2)["next_cursor"] is None


def test_a_page_holds_a_hundred_results_at_most_and_says_so(owner: Asker) -> None:
    owner.add_dataset(models=[{"model": f"m{number}", "score": number / 1000} for number in range(101)])
    page = owner.get("/public/get_leaderboard", dataset=PHRASEBANK, page_size=1000)
    assert (page["page_size"], len(page["entries"]), page["next_cursor"]) == (100, 100, 2)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/public/dataset_details?name=nothing", 404),
        ("/public/dataset_details", 400),
        ("/public/get_leaderboard?dataset=nothing", 404),
        ("/public/get_leaderboard?page_size=0", 400),
        ("/public/get_leaderboard?page=0", 400),
        ("/public/get_leaderboard?page=x", 400),
        ("/public/export/leaderboard?format=xml", 400),
        ("/public/nothing", 404),
    ],
)
def test_what_public_routes_cannot_do_is_told_in_their_envelope(path: str, status: int) -> None:
    answer = Client().get(path)
    said = answer.json()
    assert (answer.status_code, said["success"], set(said)) == (status, False, {"success", "error"})


def test_no_dataset_is_said_in_the_words_of_the_contract() -> None:
    assert Client().get("/public/dataset_details?name=x").json() == {"success": False, "error": "Dataset not found."}


def test_the_site_is_well_and_describes_itself() -> None:
    assert [Client().get(path).status_code for path in ("/health", "/health/")] == [200, 200]
    told = Client().get("/openapi.json").json()
    assert told["openapi"].startswith("3.")
    assert {"/api/leaderboard/add_dataset", "/api/leaderboard/add_model", "/public/get_leaderboard"} <= set(
        told["paths"]
    )


# From pages of other sites


def asked_from(origin: str, path: str, *, preflight: bool = False) -> HttpResponse:
    headers = {"Origin": origin}
    if preflight:
        wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key, content-type"}
        answer: Any = Client().options(path, headers=headers | wanted)
    else:
        answer = Client().get(path, headers=headers)
    return answer


def test_pages_of_other_sites_may_ask_where_the_site_says_so(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://lab.example"]
    allowed = asked_from("https://lab.example", "/api/leaderboard/list")
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://lab.example"
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    before = asked_from("https://lab.example", "/api/leaderboard/add_model", preflight=True)
    assert before.status_code == 200
    assert "x-api-key" in before.headers["Access-Control-Allow-Headers"]
    assert "POST" in before.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("path", ["/api/leaderboard/list", "/public/datasets"])
def test_no_other_origin_may_ask(settings: Any, path: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://lab.example"]
    assert "Access-Control-Allow-Origin" not in asked_from("https://evil.example", path).headers


@pytest.mark.parametrize("path", ["/", "/api/competitions/", "/api/my_profile/"])
def test_nothing_else_is_open_to_other_sites(settings: Any, path: str) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = True
    assert "Access-Control-Allow-Origin" not in asked_from("https://lab.example", path).headers


def test_every_address_is_in_the_reference_and_in_the_description() -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "model-boards-api.md").read_text(encoding="utf-8")
    written = set(re.findall(r"`(?:GET|POST) (/[^ `?]*)", page))
    there = {f"/api/leaderboard{route.address.rstrip('/')}" for route in LEADERBOARD}
    there |= {f"/public{route.address.rstrip('/')}" for route in PUBLIC}
    there = {re.sub(r"\{\w+:", "{", address) for address in there}
    assert written == there | {"/health", "/openapi.json"}
    assert set(Client().get("/openapi.json").json()["paths"]) == there | {"/health"}


def test_an_owner_marks_a_baseline_by_the_api(owner: Asker, other: Asker) -> None:
    owner.add_dataset()
    owner.add_model(model="People", score=0.99, ci=None)
    mark = {"dataset_name": PHRASEBANK, "model": "People", "baseline": "human"}
    refused(
        other.post("/api/leaderboard/mark_baseline", mark), 403, "The dataset belongs to somebody else. Ask its owner."
    )
    assert owner.models()[0]["model"] == "People"
    answer = owner.post("/api/leaderboard/mark_baseline", mark)
    assert json.loads(answer.content) == {"status": "success", "message": "Model marked as a baseline."}
    # What is not ranked comes last.
    assert [owner.models()[place]["rank"] for place in (0, -1)] == [1, None]
    assert owner.models()[-1]["model"] == "People"
    unknown = owner.post("/api/leaderboard/mark_baseline", mark | {"baseline": "alien"})
    refused(unknown, 400, "A baseline cannot be 'alien'. It is one of human, random, other.")
    answer = owner.post("/api/leaderboard/mark_baseline", mark | {"baseline": None})
    assert json.loads(answer.content)["message"] == "Model is ranked."
    assert [owner.models()[0][name] for name in ("rank", "model", "score")] == [1, "People", 0.99]
