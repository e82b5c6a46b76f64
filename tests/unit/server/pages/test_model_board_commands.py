"""What the Submit page shows to be copied is what the programs take that it is meant for."""

from __future__ import annotations

import inspect
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from podium.cli.main import app
from podium.sdk import client as sdk
from podium.sdk.model_boards import ModelBoards
from podium.server.pages.modelboards.commands import Commands, to_add_dataset, to_declare, to_submit

SERVER = "http://127.0.0.1:8000"
STRANGE = 'It\'s "$HOME" `x`; --force\\ é'
DATASET = {
    "name": STRANGE,
    "task_type": "text_classification",
    "url": "https://example.org/?a=1&b=2",
    "description": "Two\nlines.",
    "evaluation_metric": "Word error rate",
    "metric_direction": "asc",
}
DECLARED = {
    "dataset_name": STRANGE,
    "model": "-model",
    "score": -0.5,
    "ci": [-0.75, 0.25],
    "updated": "Sep 2024",
    "submitted_by": "--by",
    "source": "https://example.org/",
}
SUBMITTED = {"dataset_name": STRANGE, "model": "Llama3", "submitted_by": "@us", "source": "https://example.org/m"}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gold.csv", "inputs.csv", "its answers;1.csv"):
        (tmp_path / name).write_text("id,label\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PODIUM_TOKEN", "secret")


def typed(commands: Commands) -> dict[str, Any]:
    """What the real command line understands of what is shown, without doing it."""
    export, words = commands.cli.split("\n", 1)
    assert export == f"export PODIUM_SERVER={SERVER}"
    program, *arguments = shlex.split(words)
    assert program == "podium"
    command: Any = typer.main.get_command(app)
    context = command.make_context(program, arguments)
    while hasattr(command, "resolve_command"):
        name, command, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, arguments, parent=context)
    return {name: value for name, value in context.params.items() if value is not None}


def called(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, token: str = "secret"
) -> list[tuple[str, dict[str, Any]]]:
    """What the real client is asked to do by the Python that is shown."""
    calls: list[tuple[str, dict[str, Any]]] = []

    class Asked:
        def __init__(self, server: str, sent: str) -> None:
            assert (server, sent) == (SERVER, token)
            self.boards = self

        def __enter__(self) -> Asked:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def __getattr__(self, verb: str) -> Any:
            def call(*places: Any, **named: Any) -> None:
                bound = inspect.signature(getattr(ModelBoards, verb)).bind(self, *places, **named)
                calls.append((verb, {name: value for name, value in bound.arguments.items() if name != "self"}))

            return call

    monkeypatch.setattr(sdk, "PodiumClient", Asked)
    exec(compile(commands.python, "shown", "exec"), {})
    return calls


def test_a_declared_score_is_the_same_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = to_declare(SERVER, DECLARED)
    method, body = shown.requests.split("\n", 1)
    assert method == "POST /api/leaderboard/add_model"
    assert json.loads(body) == DECLARED
    words = shlex.split(shown.curl)
    assert words[:4] == ["curl", "-X", "POST", f"{SERVER}/api/leaderboard/add_model"]
    assert json.loads(words[words.index("-d") + 1]) == DECLARED
    assert '-H "X-API-Key: $PODIUM_TOKEN"' in shown.curl
    said = {name: DECLARED[name] for name in ("updated", "submitted_by", "source")}
    place = {"dataset": STRANGE, "model": "-model", "score": -0.5, "ci": (-0.75, 0.25)}
    assert called(shown, monkeypatch) == [("add_model", {**place, **said})]
    assert typed(shown) | place | said == typed(shown)


def test_a_model_without_a_score_has_no_command() -> None:
    shown = to_declare(SERVER, {"dataset_name": "Moods", "model": "Llama3", "score": None})
    assert shown.cli == ""
    assert "add_model('Moods', 'Llama3', None)" in shown.python


def test_a_dataset_with_references_is_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = to_add_dataset(SERVER, DATASET, "gold.csv", "inputs.csv")
    first, second = shown.requests.split("\n\n")
    assert json.loads(first.split("\n", 1)[1]) == DATASET
    assert second.splitlines()[0] == "POST /api/leaderboard/put_references"
    assert shlex.split(shown.curl).count("curl") == 2
    assert "references=@gold.csv" in shlex.split(shown.curl)
    assert f"dataset_name={STRANGE}" in shlex.split(shown.curl)
    named = {"url": DATASET["url"], "description": "Two\nlines.", "metric": "Word error rate", "lower_is_better": True}
    assert called(shown, monkeypatch) == [
        ("add_dataset", {"name": STRANGE, "task_type": "text_classification", **named}),
        ("put_references", {"dataset": STRANGE, "file": Path("gold.csv"), "inputs": Path("inputs.csv")}),
    ]
    understood = typed(shown)
    files = {"references": Path("gold.csv"), "inputs": Path("inputs.csv")}
    assert understood == understood | named | files | {"name": STRANGE}


def test_a_dataset_alone_is_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = to_add_dataset(SERVER, {"name": "Moods", "task_type": "line_qa"})
    assert called(shown, monkeypatch) == [("add_dataset", {"name": "Moods", "task_type": "line_qa"})]
    assert typed(shown)["task_type"] == "line_qa"
    assert "put_references" not in shown.requests + shown.curl


def test_predictions_are_sent_with_their_file(monkeypatch: pytest.MonkeyPatch) -> None:
    file = "its answers;1.csv"
    shown = to_submit(SERVER, SUBMITTED, file)
    words = shlex.split(shown.curl)
    assert f'file=@"{file}"' in words
    # As text: a value that begins with @ is no file.
    assert words[words.index("submitted_by=@us") - 1] == "--form-string"
    said = {"submitted_by": "@us", "source": "https://example.org/m"}
    assert called(shown, monkeypatch) == [
        ("submit", {"dataset": STRANGE, "model": "Llama3", "file": Path(file), **said})
    ]
    understood = typed(shown)
    assert understood == understood | said | {"dataset": STRANGE, "model": "Llama3", "file": Path(file)}


@pytest.mark.parametrize("references", [[], ["gold.csv"]])
def test_where_no_token_is_needed_none_is_shown(monkeypatch: pytest.MonkeyPatch, references: list[str]) -> None:
    monkeypatch.delenv("PODIUM_TOKEN")
    for shown in (
        to_add_dataset(SERVER, DATASET, *references, keyless=True),
        to_declare(SERVER, DECLARED, keyless=True),
        to_submit(SERVER, SUBMITTED, "gold.csv", keyless=True),
    ):
        assert called(shown, monkeypatch, token="")
        assert "X-API-Key" not in shown.curl
        assert "PODIUM_TOKEN" not in shown.curl + shown.python + shown.requests
        # The command line does nothing without a token.
        assert shown.cli == ""
