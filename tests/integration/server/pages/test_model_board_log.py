"""The log of a dataset tells everybody what happened, and nobody what is private."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from django.db import transaction
from django.test import Client
from tests.integration.server.scene import Scene

from podium.rules.history import EventKind
from podium.rules.modelboards.declared import read_declared
from podium.server.accounts.people import person_of
from podium.server.history.models import Event
from podium.server.history.services import ChainName, append, keep_text
from podium.server.modelboards.models import Dataset
from podium.server.modelboards.services import DatasetWishes, add_dataset, add_result

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def dataset(scene: Scene) -> Dataset:
    add_dataset(person_of(scene.people["organizer"]), DatasetWishes("Moods", "text_classification"))
    declare(scene, 0.5)
    declare(scene, 0.75, ci="0.7 - 0.8")
    add_result(None, "Moods", read_declared({"model": "<b>Bold</b>", "score": None}))
    return Dataset.objects.get(name="Moods")


def declare(scene: Scene, score: float, **more: object) -> None:
    add_result(
        person_of(scene.people["participant"]), "Moods", read_declared({"model": "Llama3", "score": score, **more})
    )


def get(path: str, status: int = 200) -> str:
    answer = Client().get(path)
    assert answer.status_code == status
    return answer.content.decode()


SENTENCES = [
    "Somebody without a key declared <b>Bold</b>: without a score.",
    "participant declared Llama3 again: 0.75 (0.7 to 0.8), revision 2.",
    "participant declared Llama3: 0.5.",
    "organizer added the dataset.",
]


def test_the_page_tells_what_happened_the_newest_first_and_how_the_chain_ends(dataset: Dataset) -> None:
    html = get("/leaderboard/moods/log/")
    assert [unescape(text) for text in re.findall(r'<td class="full">(.*?)</td>', html)] == SENTENCES
    assert "<b>Bold" not in html
    last = Event.objects.get(chain__kind="model-board", chain__subject=dataset.pk, seq=4)
    assert f"4:{last.hash}" in html


def test_programs_read_it_as_json(dataset: Dataset) -> None:
    said = Client().get("/leaderboard/moods/log.json").json()
    assert said["head"]["seq"] == 4
    assert [event["sentence"] for event in said["events"]] == SENTENCES
    assert said["events"][1] == said["events"][1] | {
        "seq": 3,
        "kind": "result-revised",
        "who": "participant",
        "model": "Llama3",
        "score": 0.75,
        "ci": [0.7, 0.8],
        "revision": 2,
    }
    assert said["events"][0]["hash"] == said["head"]["hash"]
    assert said["older"] is None


def test_readers_of_news_follow_it_as_a_feed(dataset: Dataset) -> None:
    feed = ET.fromstring(get("/leaderboard/moods/log.atom"))
    assert feed.findtext(f"{ATOM}title") == "Moods"
    assert [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")] == SENTENCES
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert ids[-1] == "http://testserver/leaderboard/moods/#event-1"


def test_what_was_sent_and_refused_and_hashes_of_private_files_stay_out(dataset: Dataset) -> None:
    chain = ChainName.model_board(dataset.pk)
    numbers = {"dataset": dataset.pk, "predictions": 1}
    secret = "ab" * 32
    with transaction.atomic():
        sent = numbers | {"model": keep_text(chain, "Secret model"), "sha256": secret}
        append(chain, EventKind.PREDICTIONS_SENT, actor=None, payload=sent)
        append(chain, EventKind.PREDICTIONS_REFUSED, actor=None, payload=numbers | {"problems": 3})
        accepted = {"dataset": dataset.pk, "references": 2, "sha256": secret, "items": 120}
        append(chain, EventKind.REFERENCES_ACCEPTED, actor=None, payload=accepted)
    for path in ("log/", "log.json", "log.atom"):
        said = get(f"/leaderboard/moods/{path}")
        assert "Secret model" not in said
        assert secret not in said
        assert "Predictions are scored against references 2 from here on, of 120 items." in said


def test_scores_that_were_computed_here_and_those_that_went_are_told(dataset: Dataset) -> None:
    chain = ChainName.model_board(dataset.pk)
    with transaction.atomic():
        model = keep_text(chain, "Llama3")
        common = {"dataset": dataset.pk, "result": 9, "model": model, "revision": 3}
        scored = {"predictions": 1, "references": 1, "metric": keep_text(chain, "accuracy"), "score": 0.8125}
        scored |= {"ci": [0.75, 0.875], "items": 160, "badge": "scored", "counts": True}
        append(chain, EventKind.RESULT_SCORED, actor=None, payload=common | scored)
        append(chain, EventKind.RESULT_WITHDRAWN, actor=None, payload=common)
    events = Client().get("/leaderboard/moods/log.json").json()["events"]
    assert [event["sentence"] for event in events[:2]] == [
        (
            "Revision 3 of Llama3 counts no more: its predictions do not fit the references of today, "
            "or it left the leaderboard that it came from."
        ),
        "Llama3 was scored here: 0.8125 (0.75 to 0.875), of 160 items, revision 3.",
    ]


def test_a_long_log_is_read_page_by_page(scene: Scene, dataset: Dataset) -> None:
    for number in range(60):
        declare(scene, number / 100)
    seen: list[int] = []
    address = "/leaderboard/moods/log.json"
    while address:
        said = Client().get(address).json()
        seen += [event["seq"] for event in said["events"]]
        address = said["older"]
    assert seen == list(range(64, 0, -1))
    assert 'href="?before=15"' in get("/leaderboard/moods/log/")
    for nonsense in ("x", "-1", "9" * 30, "²"):
        assert len(Client().get("/leaderboard/moods/log.json", {"before": nonsense}).json()["events"]) == 50


def test_there_is_no_log_of_nothing() -> None:
    get("/leaderboard/nothing/log/", 404)
