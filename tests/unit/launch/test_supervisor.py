"""The supervisor and its children: small programs of a line, in processes of their own."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from podium.launch import children
from podium.launch.children import Child
from podium.launch.supervisor import Supervisor

WAITS = "import signal; signal.pause()"
STUBBORN = """
import pathlib, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
signal.pause()
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_FIRST_DELAY_S", 0.01)


def child(name: str, program: str, *arguments: str, end_within_s: float = 1.0) -> Child:
    command = [sys.executable, "-c", program, *arguments]
    return Child(name, command, dict(os.environ), delay_s=0.01, end_within_s=end_within_s)


def supervise(crew: list[Child], until: Callable[[list[str]], bool], ready: Callable[[], bool] = bool) -> list[str]:
    """What was announced until SIGTERM, which comes as soon as `until` holds; no child may be left."""
    said: list[str] = []
    seen: set[int] = set()
    over = threading.Event()

    def end() -> None:
        pause = threading.Event()
        while not over.is_set():
            seen.update(each.process.pid for each in crew if (process := each.process) is not None and process.pid)
            if until(said):
                os.kill(os.getpid(), signal.SIGTERM)
                return
            pause.wait(0.01)

    watcher = threading.Thread(target=end)
    watcher.start()
    try:
        Supervisor(crew, said.append).run(ready, lambda: said.append("ready"))
    finally:
        over.set()
        watcher.join()
    assert all(each.process is None for each in crew)
    assert [pid for pid in seen if alive(pid)] == []
    return said


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_a_child_that_dies_is_started_again_after_growing_delays() -> None:
    said = supervise([child("jobs", "raise SystemExit(3)")], lambda said: len(said) >= 4)
    assert all(line.startswith("The jobs process ended with status 3; starting it again in ") for line in said)
    # Twice as long each time: 0.02, 0.04, 0.08 and 0.16 s, announced with one decimal.
    assert [line.split(" in ")[1] for line in said[:4]] == ["0.0 s.", "0.0 s.", "0.1 s.", "0.2 s."]


def test_the_delay_has_an_end_and_begins_anew_after_a_healthy_while(monkeypatch: pytest.MonkeyPatch) -> None:
    dying = child("web", "")
    delays = []
    for _ in range(14):
        dying.start()
        dying.reap()
        delays.append(dying.delay_s)
    assert delays == [min(0.01 * 2**n, 10.0) for n in range(1, 15)]
    monkeypatch.setattr(children, "_HEALTHY_AFTER_S", 0.0)
    dying.start()
    dying.reap()
    assert dying.delay_s == 0.01


def test_a_killed_child_is_named_with_its_signal() -> None:
    kills_itself = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    said = supervise([child("web", kills_itself)], bool)
    assert "was killed by signal 9" in said[0]


def test_a_signal_ends_all_children() -> None:
    crew = [child("web", WAITS), child("web", WAITS), child("jobs", WAITS), child("worker", WAITS)]
    said = supervise(crew, lambda said: all(each.process is not None for each in crew))
    assert said == []


def test_a_stubborn_child_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    started = time.monotonic()
    supervise([child("jobs", STUBBORN, str(mark))], lambda said: mark.exists())
    assert time.monotonic() - started < 30


def test_the_worker_ends_before_what_it_reports_to(tmp_path: Path) -> None:
    written = tmp_path / "order"
    tells = f"""
import signal, sys
def end(*_):
    with open({str(written)!r}, "a") as file: file.write(sys.argv[1] + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
open(sys.argv[2], "w").close()
signal.pause()
"""
    names = ("web", "jobs", "worker")
    marks = [tmp_path / name for name in names]
    crew = [child(name, tells, name, str(mark), end_within_s=60.0) for name, mark in zip(names, marks, strict=True)]
    supervise(crew, lambda said: all(mark.exists() for mark in marks))
    assert written.read_text().split()[0] == "worker"


def test_ready_is_said_once(tmp_path: Path) -> None:
    answers: Iterator[bool] = iter([False, False, True, True, True])
    said = supervise([child("web", WAITS)], bool, lambda: next(answers))
    assert said == ["ready"]


def test_signals_are_handled_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    crew = [child("web", WAITS)]
    supervise(crew, lambda said: crew[0].process is not None)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
