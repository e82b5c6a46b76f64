"""A worker as a process: its settings, and what ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from tests.requirements_on_machine import require_program
from tests.tiny_server import Asked, Told, tiny_server, told

from podium.rules.errors import NotAllowed, UserError
from podium.worker import process
from podium.worker.__main__ import options_from
from podium.worker.execute.limits import own_maxima
from podium.worker.process import WorkerOptions, WorkerProcess

PATIENCE_S = 60
COMPLETE = {"PODIUM_WORKER_SERVER": "http://s", "PODIUM_WORKER_TOKEN": "t"}


def test_a_worker_has_one_slot_and_a_folder_in_the_cache_unless_told_otherwise() -> None:
    options = options_from(COMPLETE)
    assert (options.server, options.token, options.slots, options.drain_s) == ("http://s", "t", 1, 30.0)
    assert options.folder.parts[-2:] == ("podium", "worker")
    more = {"PODIUM_WORKER_SLOTS": "3", "PODIUM_WORKER_FOLDER": "/x", "PODIUM_WORKER_DRAIN_S": "0"}
    assert options_from({**COMPLETE, **more}) == WorkerOptions(
        "http://s", "t", 3, Path("/x"), 0.0, maxima=own_maxima({})
    )


@pytest.mark.parametrize("missing", COMPLETE)
def test_a_missing_setting_is_named(missing: str) -> None:
    with pytest.raises(UserError) as raised:
        options_from({name: value for name, value in COMPLETE.items() if name != missing})
    assert missing in raised.value.hint


@pytest.mark.parametrize("slots", ["0", "-1", "two", "1001", "1.5", ""])
def test_a_number_of_slots_that_makes_no_sense_is_named(slots: str) -> None:
    with pytest.raises(UserError, match="PODIUM_WORKER_SLOTS"):
        options_from({**COMPLETE, "PODIUM_WORKER_SLOTS": slots})


@pytest.mark.parametrize("seconds", ["-1", "soon", "86401", "1.5", "", "²"])
def test_a_time_to_drain_that_makes_no_sense_is_named(seconds: str) -> None:
    with pytest.raises(UserError, match="PODIUM_WORKER_DRAIN_S"):
        options_from({**COMPLETE, "PODIUM_WORKER_DRAIN_S": seconds})


def test_a_slot_that_fails_beyond_repair_ends_the_worker_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_program("bwrap", "bubblewrap")

    class Broken:
        def __init__(self, *args: object, **more: object) -> None:
            self.idle = Event()
            self.ended = Event()
            self.ended.set()
            self.idle.set()

        def work(self) -> None:
            raise RuntimeError("can't start new thread")

        def finish(self) -> None:
            pass

        def stop(self) -> None:
            pass

    monkeypatch.setattr(process, "Slot", Broken)
    with tiny_server(lambda asked: told({"name": "lab"})) as server, pytest.raises(RuntimeError, match="new thread"):
        WorkerProcess(WorkerOptions(server.url, "t", 1, tmp_path)).run()


def test_a_worker_that_is_not_let_in_ends(tmp_path: Path) -> None:
    require_program("bwrap", "bubblewrap")
    refusal = told({"code": "worker-unknown", "message": "No worker has this token."}, 403)
    with tiny_server(lambda asked: refusal) as server, pytest.raises(NotAllowed, match="No worker has this token"):
        WorkerProcess(WorkerOptions(server.url, "t", 1, tmp_path)).run()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_greets_until_it_is_heard_and_ends_by_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    require_program("bwrap", "bubblewrap")
    claimed, release = Event(), Event()
    refused_once = iter([True])

    def answer(asked: Asked) -> Told:
        if asked.path.endswith("greet"):
            return Told(503) if next(refused_once, False) else told({"name": "lab"})
        claimed.set()
        release.wait(PATIENCE_S)
        return Told(204)

    with tiny_server(answer) as server:
        environment = {
            **os.environ,
            "PODIUM_WORKER_SERVER": server.url,
            "PODIUM_WORKER_TOKEN": "t",
            "PODIUM_WORKER_SLOTS": "2",
            "PODIUM_WORKER_FOLDER": str(tmp_path),
        }
        worker = subprocess.Popen([sys.executable, "-m", "podium.worker"], env=environment, stderr=subprocess.PIPE)
        assert claimed.wait(PATIENCE_S)
        # It does not wait for the answer to a claim.
        worker.send_signal(number)
        assert worker.wait(PATIENCE_S) == 0
        release.set()
        assert worker.stderr is not None
        assert b"ready with 2 slots" in worker.stderr.read()
        worker.stderr.close()
    assert server.paths().count("POST /live/worker/greet") == 2
    greeting = server.asked[0].json
    assert isinstance(greeting, dict)
    assert greeting["slots"] == 2
    assert greeting["sandbox"] == "bubblewrap"
    # What a program could escape by is tried before the worker says that it is ready.
    assert {line["kind"] for line in greeting["report"]} == {"isolation"}
    assert {"limit", "enforcement", "detail", "advice", "kind"} == set(greeting["report"][0])
