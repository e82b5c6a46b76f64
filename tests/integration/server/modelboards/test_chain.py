"""The history of a dataset: every kind of event is appended, says what its schema and the reference say, and is proved
in the database and as an export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.integration.server.flow import assert_all_chains_fit
from tests.integration.server.modelboards.scored_material import (
    SENTIMENT,
    answers,
    gold,
    labels,
    send,
    sentiment,
)
from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.unguarded import unguarded
from typer.testing import CliRunner

from podium.cli.main import app
from podium.rules.event_payloads import PAYLOADS, check_payload
from podium.rules.history import EventKind
from podium.rules.modelboards.declared import read_declared
from podium.server.accounts.people import Person
from podium.server.history.models import Event
from podium.server.history.proving import chain_names, prove_chain
from podium.server.modelboards.models import Dataset
from podium.server.modelboards.services import SentFile, add_result, mark_baseline, put_references, show_items

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_here")]

KINDS = [
    kind for kind in EventKind if kind.startswith(("dataset-", "result-", "references-", "predictions-", "baseline-"))
]
REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "events.md"


@pytest.fixture
def chain(owner: Person, sender: Person, data_folder: Path) -> str:
    """The name of the chain of a dataset to which everything has happened."""
    sentiment(owner)
    dataset = Dataset.objects.get(name=SENTIMENT)
    show_items(owner, dataset.key, public=True)
    for score in (0.25, 0.5):
        add_result(sender, SENTIMENT, read_declared({"model": "Declared", "score": score}))
    mark_baseline(owner, SENTIMENT, "Declared", "random")
    send(sender, "Tulu", answers(81))
    do_jobs()
    put_references(owner, SENTIMENT, SentFile("gold2.csv", labels([*gold(), ("one more", "yes")])))
    do_jobs()
    (data_folder / "podium.sqlite3").touch()
    return f"model-board:{dataset.pk}"


def events(chain: str) -> list[tuple[str, dict[str, Any]]]:
    rows = Event.objects.filter(chain__kind="model-board", chain__subject=int(chain.split(":")[1])).order_by("seq")
    return [(kind, json.loads(payload)) for kind, payload in rows.values_list("kind", "payload")]


def test_each_kind_is_appended_as_its_schema_says_and_documented(chain: str) -> None:
    found = events(chain)
    assert {kind for kind, _ in found} == set(KINDS)
    assert [kind for kind, _ in found if kind.startswith("result-")] == [
        "result-declared",
        "result-revised",
        "result-scored",
        "result-withdrawn",
    ]
    documented = REFERENCE.read_text(encoding="utf-8")
    for kind, payload in found:
        check_payload(EventKind(kind), payload)
        assert set(PAYLOADS[EventKind(kind)].model_fields) >= set(payload)
        assert f"| `{kind}` |" in documented
    # Nobody is named: neither the models nor the dataset, and no file.
    said = json.dumps([payload for _, payload in found])
    assert not any(name in said for name in (SENTIMENT, "Tulu", "Declared", "gold2.csv", "answers.csv"))


def test_the_chain_is_proved_and_exported_by_command(chain: str, data_folder: Path, tmp_path: Path) -> None:
    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["history", *words])

    here = ("--data", str(data_folder))
    assert_all_chains_fit()
    proved = run("verify", chain, *here)
    count = len(events(chain))
    assert (proved.exit_code, f"{chain}: all fits, {count} events." in proved.stdout) == (0, True)
    assert chain in run("verify", *here).stdout
    file = tmp_path / "board.jsonl"
    assert run("export", chain, "--output", str(file), *here).exit_code == 0
    assert f"{chain}: all fits, {count} events." in run("verify", "--export", str(file)).stdout
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([*lines[:4], *lines[5:]]), encoding="utf-8")
    dropped = run("verify", "--export", str(file))
    assert (dropped.exit_code, f"{chain}: event 4 does not fit" in dropped.stdout) == (1, True)
    edited = Event.objects.get(chain__kind="model-board", kind="result-declared")
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE history_event SET payload = %s WHERE id = %s", [edited.payload.replace("0.25", "0.95"), edited.pk]
        )
    changed = run("verify", chain, *here)
    assert (changed.exit_code, f"{chain}: event {edited.seq} does not fit" in changed.stdout) == (1, True)


def test_files_of_the_board_say_how_its_history_ended(chain: str) -> None:
    dataset = Dataset.objects.get(name=SENTIMENT)
    (proved,) = (each for each in map(prove_chain, chain_names()) if each.chain == chain)
    assert proved.head.seq == len(events(chain))
    client = Client()
    for address in (
        f"/leaderboard/{dataset.slug}/table/csv/",
        *(f"/public/export/leaderboard?dataset={SENTIMENT}&format={each}" for each in ("csv", "json")),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.headers.get("Podium-History")) == (200, str(proved.head)), address
        b"".join(answer)
