"""Results that come in the files of other tools, by the API: all of a file or nothing."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.server.scene import make_person

from podium.rules.errors import Conflict
from podium.server.accounts.people import person_of
from podium.server.accounts.services import create_api_token
from podium.server.modelboards.models import Badge, Dataset, Result
from podium.server.modelboards.services import imports

pytestmark = pytest.mark.django_db

HARNESS: dict[str, Any] = {
    "results": {
        "arc_easy": {"acc,none": 0.6, "acc_stderr,none": 0.01, "acc_norm,none": 0.5},
        "wikitext": {"word_perplexity,none": 12.5, "word_perplexity_stderr,none": "N/A"},
    },
    "versions": {"arc_easy": 1.0, "wikitext": 2.0},
    "higher_is_better": {"wikitext": {"word_perplexity": False}},
    "config": {"model_args": "pretrained=tiny/model"},
    "date": 1768964383.8,
}
LOG: dict[str, Any] = {
    "version": 2,
    "status": "success",
    "eval": {"task": "pubmedqa", "model": "openai/small", "created": "2025-07-03T16:44:30+02:00"},
    "results": {"scores": [{"name": "choice", "metrics": {"accuracy": {"value": 0.75}, "stderr": {"value": 0.02}}}]},
}


@pytest.fixture(autouse=True)
def no_counts() -> None:
    cache.clear()


def key_of(name: str) -> str:
    return create_api_token(person_of(make_person(name)), "import")


def send(content: object, key: str = "", name: str = "results.json", **fields: str) -> tuple[int, dict[str, Any]]:
    held = content if isinstance(content, bytes) else json.dumps(content).encode()
    body = {"file": SimpleUploadedFile(name, held), **fields}
    headers = {"X-API-Key": key} if key else {}
    answer: Any = Client(raise_request_exception=False).post("/api/leaderboard/import", body, headers=headers)
    return answer.status_code, answer.json()


def packed(**members: object) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".json", json.dumps(content))
    return file.getvalue()


def test_a_file_makes_its_datasets_and_says_what_it_did() -> None:
    status, told = send(HARNESS, key_of("olga"), task_type="line_qa")
    assert status == 200
    assert told["message"] == "Results: 2 added, 0 updated, 0 skipped."
    assert told["new_datasets"] == ["arc_easy", "wikitext"]
    assert [(each["place"], each["model"], each["score"], each["outcome"]) for each in told["results"]] == [
        ("results.arc_easy", "tiny/model", 0.6, "added"),
        ("results.wikitext", "tiny/model", 12.5, "added"),
    ]
    wikitext = Dataset.objects.get(name="wikitext")
    assert (wikitext.task_type, wikitext.metric, wikitext.lower_is_better) == ("line_qa", "word_perplexity", True)
    result = Result.objects.get(dataset__name="arc_easy")
    # 0.6 - 1.96 * 0.01 = 0.5804
    assert (result.ci_low, result.detailed_scores) == (pytest.approx(0.5804), {"acc_norm": 0.5})
    assert (result.badge, str(result.updated_on)) == (Badge.ORGANIZER, "2026-01-21")


def test_the_same_file_again_changes_nothing_and_says_why() -> None:
    key = key_of("olga")
    send(HARNESS, key, task_type="line_qa")
    versions = list(Dataset.objects.values_list("version", flat=True))
    _, told = send(HARNESS, key)
    assert told["message"] == "Results: 0 added, 0 updated, 2 skipped."
    assert {each["reason"] for each in told["results"]} == {"The same stands there already."}
    assert list(Dataset.objects.values_list("version", flat=True)) == versions
    changed = HARNESS | {"results": HARNESS["results"] | {"arc_easy": {"acc,none": 0.7}}}
    _, told = send(changed, key)
    assert [each["outcome"] for each in told["results"]] == ["updated", "skipped"]
    assert Result.objects.filter(dataset__name="arc_easy").count() == 2


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    _, told = send(HARNESS, key_of("olga"), task_type="line_qa", dry_run="1")
    assert told["message"] == "Nothing is changed yet. Results: 2 added, 0 updated, 0 skipped."
    assert not Dataset.objects.exists()


def test_a_new_dataset_needs_a_task_type_and_then_nothing_of_the_file_is_taken() -> None:
    key = key_of("olga")
    only = HARNESS | {"results": {"arc_easy": HARNESS["results"]["arc_easy"]}}
    send(only, key, task_type="line_qa")
    status, told = send(HARNESS | {"results": {"arc_easy": {"acc,none": 0.9}, "new": {"acc,none": 0.1}}}, key)
    assert (status, told["message"]) == (
        400,
        "There is no dataset new here yet. Name its task type, and it is made.",
    )
    assert Result.objects.get(superseded_at=None).score == 0.6
    status, told = send(HARNESS, key, task_type="chess")
    assert status == 400
    assert "chess" in told["message"]


def test_a_result_of_another_metric_or_direction_is_skipped_with_the_reason() -> None:
    key = key_of("olga")
    send(HARNESS, key, task_type="line_qa")
    other = HARNESS | {"results": {"arc_easy": {"acc_norm,none": 0.9, "acc,none": 0.8}}, "higher_is_better": {}}
    _, told = send(other, key)
    assert told["results"][0]["reason"] == "The dataset here ranks by acc, and this is acc_norm."
    _, told = send(other, key, metric="acc")
    assert told["results"][0]["outcome"] == "updated"
    _, told = send(other | {"higher_is_better": {"arc_easy": {"acc": False}}}, key, metric="acc")
    assert told["results"][0]["reason"] == "On the dataset here the highest score is the best."


def test_what_somebody_else_declared_keeps_the_whole_file_out() -> None:
    send(HARNESS, key_of("olga"), task_type="line_qa")
    changed = HARNESS | {"results": {"arc_easy": {"acc,none": 0.9}, "wikitext": {"word_perplexity,none": 1.0}}}
    status, told = send(changed, key_of("otto"))
    assert status == 403
    assert "Somebody else declared" in told["message"]
    # Under a name of its own the model is welcome.
    status, told = send(changed, key_of("mary"), model="Mine")
    assert (status, told["message"]) == (200, "Results: 2 added, 0 updated, 0 skipped.")


def test_a_packed_log_is_read_by_its_header_alone() -> None:
    content = packed(header=LOG, samples__1_epoch_1={"id": 1}, _journal__start={})
    status, told = send(content, key_of("olga"), "log.eval", task_type="document_qa", dataset="PubMedQA")
    assert (status, told["results"][0]["dataset"], told["results"][0]["score"]) == (200, "PubMedQA", 0.75)
    status, told = send(packed(_journal__start={}), key_of("otto"), "log.eval", task_type="document_qa")
    assert status == 400
    assert told["message"].startswith("log.eval is a zip without header.json")


@pytest.mark.parametrize("content", [b"PK\x03\x04 and nothing more", b"", b"\xff" * 100, b"{}", b"[1, 2]"])
def test_what_is_no_such_file_is_refused_in_the_envelope(content: bytes) -> None:
    status, told = send(content, key_of("olga"), "log.eval", task_type="document_qa")
    assert (status, told["status"]) == (400, "error")
    assert not Dataset.objects.exists()


def test_a_file_must_be_sent_and_by_somebody() -> None:
    assert send(HARNESS)[0] == 401
    answer: Any = Client().post("/api/leaderboard/import", {"task_type": "x"}, headers={"X-API-Key": key_of("olga")})
    assert answer.json() == {"status": "error", "message": "Missing required fields: file"}
    assert send(HARNESS, key_of("otto"), dry_run="perhaps")[1]["message"] == "dry_run must be 1 or 0."


def test_a_refusal_names_the_place_in_the_file() -> None:
    content = HARNESS | {"results": {"arc_easy": {"acc,none": "much"}}}
    _, told = send(content, key_of("olga"), task_type="line_qa")
    assert told["message"].startswith("results.arc_easy.acc,none must be a finite number, and is 'much'.")


def test_what_was_scored_here_is_not_declared_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def scored_here(*arguments: object) -> bool:
        raise Conflict("result-scored-here", "The result of tiny/model was scored here from its predictions.")

    key = key_of("olga")
    send(HARNESS, key, task_type="line_qa")
    monkeypatch.setattr(imports, "declare", scored_here)
    status, told = send(HARNESS, key)
    assert (status, {each["outcome"] for each in told["results"]}) == (200, {"skipped"})
    assert told["results"][0]["reason"] == "The result of tiny/model was scored here from its predictions."


def test_what_came_in_goes_out_in_the_formats_of_others() -> None:
    send(HARNESS, key_of("olga"), task_type="line_qa")
    client = Client()
    answer: Any = client.get("/public/export/leaderboard", {"format": "every_eval_ever", "dataset": "wikitext"})
    (record,) = answer.json()
    assert record["model_info"]["id"] == "tiny/model"
    assert record["evaluation_results"][0]["metric_config"]["lower_is_better"] is True
    status, told = send(answer.content, key_of("otto"), task_type="line_qa", dataset="wikitext, again")
    assert (status, told["results"][0]["score"]) == (200, 12.5)
    refused: Any = client.get("/public/export/leaderboard", {"format": "eval_results"})
    assert (refused.status_code, refused.json()["error"]) == (
        400,
        "A file of .eval_results is of one model. Name it as model.",
    )
    hub = client.get("/public/export/leaderboard", {"format": "eval_results", "model": "tiny/model"})
    assert hub["Content-Type"] == "application/yaml"
    assert b"3 results are left out" in hub.content
