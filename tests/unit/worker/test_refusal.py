"""A worker that cannot isolate programs tells the server why, and ends so that nobody starts it again at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.requirements_on_machine import require_program
from tests.tiny_server import Asked, Told, tiny_server, told

from podium.rules.errors import NotAllowed, SandboxUnavailable
from podium.sandbox.interface import LimitReport
from podium.worker import process
from podium.worker.introduction import Introduction, introduce
from podium.worker.process import WorkerOptions, WorkerProcess
from podium.worker.transport.client import ServerClient

OPEN = LimitReport("network", "not enforced", "Got through: TCP.", "Flee.", "isolation")
REACHES = LimitReport("network of queues", "not enforced", "Got through: 10.0.0.1.", "Close it.", "isolation")
LOOSE = LimitReport("memory", "not enforced", "Got through: 192 MB.", "Make groups.", "resource")
HELD = LimitReport("network", "enforced", "Tried to.", "", "isolation")


def answer(asked: Asked) -> Told:
    return told({"name": "lab"})


@pytest.mark.slow
def test_without_the_sandbox_it_greets_with_the_reason_and_ends_with_ex_config(tmp_path: Path) -> None:
    with tiny_server(answer) as server:
        environment = {
            **os.environ,
            # No bwrap is found there.
            "PATH": str(tmp_path),
            "PODIUM_WORKER_SERVER": server.url,
            "PODIUM_WORKER_TOKEN": "t",
            "PODIUM_WORKER_FOLDER": str(tmp_path / "worker"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "podium.worker"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == os.EX_CONFIG
    assert "The program bwrap is not installed. Type: apt install bubblewrap" in done.stderr
    assert server.paths() == ["POST /live/worker/greet"]
    greeting = server.asked[0].json
    assert isinstance(greeting, dict)
    assert greeting["slots"] == 0
    assert greeting["sandbox"] == "bubblewrap"
    assert greeting["refusal"] == "The program bwrap is not installed. Type: apt install bubblewrap"
    assert greeting["report"] == []


def test_a_way_out_of_the_sandbox_is_a_refusal_with_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_program("bwrap", "bubblewrap")
    monkeypatch.setattr(process, "examine", lambda sandbox, trials, cancel: iter([OPEN]))
    with (
        tiny_server(answer) as server,
        pytest.raises(SandboxUnavailable, match="does not isolate programs on this machine"),
    ):
        WorkerProcess(WorkerOptions(server.url, "t", 1, tmp_path)).run()
    # It never asked for a run.
    assert server.paths() == ["POST /live/worker/greet"]
    greeting = server.asked[0].json
    assert isinstance(greeting, dict)
    assert greeting["slots"] == 0
    assert "Got through: TCP." in greeting["refusal"]
    assert greeting["report"] == [
        {
            "limit": "network",
            "enforcement": "not enforced",
            "detail": "Got through: TCP.",
            "advice": "Flee.",
            "kind": "isolation",
        }
    ]


def test_a_resource_that_is_not_held_is_told_while_the_worker_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    require_program("bwrap", "bubblewrap")
    monkeypatch.setattr(
        process, "examine", lambda sandbox, trials, cancel: iter([LOOSE if trials is process.RESOURCES else HELD])
    )
    monkeypatch.setattr(process, "examine_network", lambda sandbox, cancel: ((REACHES,), "It leads to this machine."))
    told_all = Event()
    greetings: list[object] = []

    def hear(asked: Asked) -> Told:
        if asked.path.endswith("greet"):
            greetings.append(asked.json)
            if len(greetings) == 3:
                told_all.set()
            return told({"name": "lab"})
        told_all.wait(60)
        return Told(204)

    with tiny_server(hear) as server:
        worker = WorkerProcess(WorkerOptions(server.url, "t", 2, tmp_path))
        Thread(target=lambda: (told_all.wait(60), worker.stop()), daemon=True).start()
        worker.run()
    first, second, third = (greeting for greeting in greetings[:3] if isinstance(greeting, dict))
    assert [line["limit"] for line in first["report"]] == ["network"]
    assert [line["limit"] for line in second["report"]] == ["network", "network of queues"]
    assert [line["limit"] for line in third["report"]] == ["network", "network of queues", "memory"]
    assert first["slots"] == second["slots"] == third["slots"] == 2
    assert first["refusal"] == second["refusal"] == third["refusal"] == ""
    # Until it was tried, nobody relies on it.
    assert first["no_network"]
    assert second["no_network"] == third["no_network"] == "It leads to this machine."
    assert "The limit of memory is not enforced. Got through: 192 MB. Make groups." in caplog.text


def test_an_introduction_tells_the_version_the_machine_and_the_time() -> None:
    content = Introduction(3, "bubblewrap", (HELD,)).content()
    assert content["slots"] == 3
    assert content["version"] == "0.1.0"
    assert content["host"] == os.uname().nodename
    assert abs(content["time"] - time.time()) < 60


def test_a_refusal_is_not_repeated_for_ever_to_a_server_that_is_away() -> None:
    with tiny_server(lambda asked: Told(503)) as server, ServerClient(server.url, "t") as client:
        assert introduce(client, Introduction(0, "bubblewrap", (), "No."), Event(), patience_s=0.01) == ""
    assert len(server.asked) >= 1


def test_a_token_that_nobody_knows_ends_it() -> None:
    refusal = told({"code": "worker-unknown", "message": "No worker has this token."}, 403)
    with (
        tiny_server(lambda asked: refusal) as server,
        ServerClient(server.url, "t") as client,
        pytest.raises(NotAllowed),
    ):
        introduce(client, Introduction(0, "bubblewrap"), Event())
