"""The JSON Schema of competition.yaml: what fits it, what does not, and whether all keys are in it."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.shared_material import shared_bundle
from tests.unit.rules.bundle.bundles import SMALL, changed, errors_of
from tests.unit.rules.bundle.json_schema import faults

from podium.blobs.archives import open_source
from podium.rules.bundle.keys import COMPETITION, LEVELS
from podium.rules.bundle.schema import competition_schema

REPOSITORY = Path(__file__).parents[4]
SHIPPED = REPOSITORY / "docs" / "reference" / "competition.schema.json"
SCHEMA = competition_schema()
WORKING = sorted(
    [*REPOSITORY.glob("examples/*/competition.yaml"), *REPOSITORY.glob("src/podium/cli/templates/*/*.yaml")]
)


def as_json(text: str) -> Any:
    """The YAML as an editor sees it: dates are texts there."""

    def plain(value: object) -> str:
        assert isinstance(value, (date, datetime))
        return value.isoformat()

    return json.loads(json.dumps(yaml.safe_load(text), default=plain))


def faults_of(text: str) -> list[str]:
    return faults(as_json(text), SCHEMA, SCHEMA)


@pytest.mark.parametrize("path", WORKING, ids=lambda path: path.parent.name)
def test_shipped_bundles_fit(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("{{title}}", "A title").replace("{{start}}", "2026-01-01")
    assert faults_of(text) == []


@pytest.mark.parametrize("name", ["competition.zip", "competition_v2_multi_task.zip"])
def test_bundles_of_others_fit(name: str) -> None:
    with open_source(shared_bundle(name)) as source:
        text = source.read("competition.yaml", limit_bytes=10**6).decode()
    assert faults_of(text) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("title: Small\n", "", "$.title required"),
        ("title: Small\n", "title: Small\ntitel: x\n", "$.titel additionalProperties"),
        ("title: Small\n", f"title: {'x' * 257}\n", "$.title maxLength"),
        ("version: 2\n", "version: 3\n", "$.version enum"),
        ("title: Small\n", "title: Small\nforum_enabled: maybe\n", "$.forum_enabled anyOf"),
        ("title: Small\n", "title: Small\ncompetition_type: contest\n", "$.competition_type anyOf"),
        ("    tasks: [0]\n", "    tasks: []\n", "$.phases[0].tasks minItems"),
        ("    tasks: [0]\n", "    tasks: [-1]\n", "$.phases[0].tasks[0] minimum"),
        ("        index: 0\n", "        index: one\n", "$.leaderboards[0].columns[0].index type"),
        ("    name: The task\n", "", "$.tasks[0] anyOf"),
        ("leaderboards:", "boards:", "$ anyOf"),
        ("    tasks: [0]\n", "    tasks: [0]\n    podium: {migrate: some}\n", "$.phases[0].podium.migrate enum"),
    ],
)
def test_a_mistake_is_marked_at_its_place(old: str, new: str, fault: str) -> None:
    assert faults_of(SMALL) == []
    assert fault in faults_of(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 2\n", 'version: "2"\n'),
        ("title: Small\n", "title: 2026\n"),
        ("title: Small\n", "title: Small\nforum_enabled: 'true'\n"),
        ("title: Small\n", "title: Small\nreward: null\nqueue:\n"),
        ("    tasks: [0]\n", "    tasks: [0]\n    max_submissions: null\n    podium: {migrate: board}\n"),
        ("leaderboards:", "leaderboard:"),
        (
            "title: Small\n",
            "title: Small\nfact_sheet: {how: {type: select, title: How, selection: ['', a], is_required: 'false'}}\n",
        ),
    ],
)
def test_what_the_schema_allows_the_reader_takes(old: str, new: str) -> None:
    text = changed(old, new)
    assert faults_of(text) == []
    assert errors_of(text) == []


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_every_key_is_there_with_its_meaning_and_its_default(level: Any) -> None:
    tables = [SCHEMA] if level is COMPETITION else list(SCHEMA["$defs"].values())
    (table,) = [table for table in tables if tuple(table["properties"]) == level.names]
    for key in level.keys:
        described = table["properties"][key.name]
        assert described["description"] == key.meaning
        assert described.get("default") == key.default
    assert table["additionalProperties"] is False


def test_the_shipped_file_is_what_the_command_prints() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == SCHEMA
