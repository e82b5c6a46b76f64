"""What a slot does with a run, and what it tells, whatever goes wrong; programs are played by functions."""

from __future__ import annotations

import errno
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.small_bundles import zipped
from tests.tiny_server import Asked, TinyServer, Told, tiny_server, told
from tests.unit.worker.execute.test_steps import RUNTIME, Play, Stage, writes

from podium.rules.errors import NotAllowed, ProgramError
from podium.runtimes import ImageRules
from podium.sandbox.interface import Ending, Outcome
from podium.worker import slots
from podium.worker.execute import runtime_choice
from podium.worker.execute.history_trees import HistoryTrees
from podium.worker.execute.unpacked import UnpackedCache
from podium.worker.slots import Slot
from podium.worker.transport import inputs
from podium.worker.transport.client import ServerClient

PATIENCE_S = 30.0
ANSWER = zipped({"answer.txt": "1"})
SCORER = zipped({"metadata.yaml": "command: score $input $output"})


class Server:
    """The server's side: one run to give, what it takes in, and what it says to reports."""

    def __init__(self, **order: Any) -> None:
        self.order = order
        self.given = False
        self.stored: dict[str, bytes] = {}
        self.reports: list[dict[str, list[str]]] = []
        self.scores: list[object] = []
        self.handed_back: list[object] = []
        self.renewal = 204
        self.claim_status = 0
        self.moods: list[int] = []
        """Statuses for the next reports, before they are accepted."""
        self.fetching: list[int] = []
        """Statuses for whoever fetches the answer, before it is given."""
        self.url = ""

    def answer(self, asked: Asked) -> Told:
        match asked.path.split("?")[0].strip("/").split("/"):
            case ["live", "worker", "claim"]:
                return self._claim()
            case ["live", "worker", "renew"]:
                return Told(self.renewal)
            case ["live", "worker", "give-back"]:
                self.handed_back.append(asked.json)
                return Told(204)
            case ["files", "answer"] if self.fetching:
                return Told(self.fetching.pop(0))
            case ["files", "answer"]:
                return Told(200, ANSWER)
            case ["files", "scorer"]:
                return Told(200, SCORER)
            case ["upload", name]:
                self.stored[name] = asked.body
                return Told()
            case ["api", "upload_submission_scores", "7"]:
                self.scores.append(asked.json)
                return Told()
            case ["api", "submissions", "7"]:
                if self.moods:
                    return Told(self.moods.pop(0))
                self.reports.append(parse_qs(asked.body.decode()))
                return Told()
        return Told(404)

    def _claim(self) -> Told:
        if self.claim_status:
            return Told(self.claim_status)
        if self.given:
            return Told(204)
        self.given = True
        return told(
            {
                "user_pk": 3,
                "id": 7,
                "secret": "s",
                "docker_image": "podium/plain",
                "execution_time_limit": 60,
                "is_scoring": True,
                "ingestion_only_during_scoring": False,
                "program_data": f"{self.url}/files/scorer",
                "prediction_result": f"{self.url}/files/answer",
                "heartbeat_s": 0.02,
                **{
                    name: f"{self.url}/upload/{name}" for name in ("scoring_result", "scoring_stdout", "scoring_stderr")
                },
                **self.order,
            }
        )

    @property
    def last(self) -> dict[str, str]:
        """The last report of a status."""
        return {name: values[0] for name, values in self.reports[-1].items()}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "_FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(slots, "_FIRST_REST_S", 0.01)
    monkeypatch.setattr(inputs, "_PAUSE_S", 0.01)
    monkeypatch.setattr(inputs, "_PATIENCE_S", 0.1)
    monkeypatch.setattr(runtime_choice, "ensure", lambda name, tell: RUNTIME)


@contextmanager
def working(server: Server, folder: Path, play: Play) -> Iterator[tuple[Slot, TinyServer, list[Exception]]]:
    """A slot at work for the server, whose programs are `play`; stopped afterwards."""
    work = folder / "work"
    work.mkdir()
    ended: list[Exception] = []
    with tiny_server(server.answer) as running, ServerClient(running.url, "t") as client:
        server.url = running.url
        stage = Stage({"score": play})
        slot = Slot(
            0,
            client=client,
            sandboxes=(stage, stage),
            cache=UnpackedCache(folder / "unpacked"),
            trees=HistoryTrees(folder / "trees"),
            images=ImageRules(),
            work_folder=work,
            maxima={},
        )

        def run() -> None:
            try:
                slot.work()
            except Exception as error:  # noqa: BLE001 - seen by the test
                ended.append(error)

        thread = Thread(target=run)
        thread.start()
        try:
            yield slot, running, ended
        finally:
            slot.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def until(condition: Callable[[], object]) -> None:
    pause = Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("waited in vain")


SCORES = writes({"scores.json": '{"accuracy": 0.5}'})


def waits_for_its_end(command: Any, output: Path, log: Any, cancel: Event) -> Outcome:
    assert cancel.wait(PATIENCE_S)
    return Outcome(Ending.CANCELLED, None, 1.0)


def test_a_run_that_succeeds_uploads_everything_before_it_says_so(tmp_path: Path) -> None:
    server = Server()
    with working(server, tmp_path, SCORES) as (_, running, _):
        until(lambda: server.reports)
    assert server.scores == [{"secret": "s", "scores": {"accuracy": 0.5}}]
    assert server.last["status"] == "Finished"
    with zipfile.ZipFile(io.BytesIO(server.stored["scoring_result"])) as archive:
        assert "scores.json" in archive.namelist()
    reports = [path for path in running.paths() if "renew" not in path and "claim" not in path]
    # What the end implies is there before the end is told (contract, section 2.4): result, scores, status.
    assert reports[-3:] == [
        "PUT /upload/scoring_result",
        "POST /api/upload_submission_scores/7/",
        "PATCH /api/submissions/7/",
    ]


def test_a_server_that_takes_scores_with_the_end_gets_both_at_once(tmp_path: Path) -> None:
    server = Server(scores_with_status=True)
    ends: list[object] = []
    take = server.answer

    def remember(asked: Asked) -> Told:
        if asked.path == "/api/submissions/7/":
            ends.append(asked.json)
            return Told()
        return take(asked)

    server.answer = remember  # type: ignore[method-assign]
    with working(server, tmp_path, SCORES) as (_, running, _):
        until(lambda: ends)
    assert server.scores == []
    (end,) = ends
    assert isinstance(end, dict)
    assert (end["status"], end["scores"], end["secret"]) == ("Finished", {"accuracy": 0.5}, "s")
    assert running.paths().index("PUT /upload/scoring_result") < running.paths().index("PATCH /api/submissions/7/")


def test_a_failed_program_is_reported_with_its_reason(tmp_path: Path) -> None:
    server = Server()
    with working(server, tmp_path, writes({}, exit_code=3)):
        until(lambda: server.reports)
    assert (server.last["status"], server.last["outcome"], server.last["exit_code"]) == ("Failed", "failed", "3")
    assert "exit code 3" in server.last["status_details"]


def test_a_stopped_slot_hands_its_run_back(tmp_path: Path) -> None:
    server = Server()
    with working(server, tmp_path, waits_for_its_end) as (slot, _, _):
        until(lambda: not slot.idle.is_set())
        slot.stop()
        until(slot.idle.is_set)
    assert server.handed_back == [{"id": 7, "secret": "s", "reason": "The worker was stopped."}]
    assert server.reports == []


def test_a_lost_lease_stops_the_program_and_nothing_is_reported(tmp_path: Path) -> None:
    server = Server()
    server.renewal = 409
    with working(server, tmp_path, waits_for_its_end) as (slot, running, _):
        until(lambda: "POST /live/worker/renew" in running.paths() and slot.idle.is_set())
    assert (server.reports, server.scores, server.handed_back) == ([], [], [])


def test_a_file_that_cannot_be_fetched_is_infrastructure_and_no_fault_of_the_participant(tmp_path: Path) -> None:
    server = Server()
    server.order["program_data"] = "http://127.0.0.1:9/gone.zip"
    with working(server, tmp_path, SCORES):
        until(lambda: server.reports)
    assert (server.last["status"], server.last["outcome"]) == ("Failed", "infrastructure")
    assert "gone.zip" in server.last["status_details"]


@pytest.mark.parametrize("status", [503, 507])
def test_a_server_that_is_away_while_something_is_fetched_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int
) -> None:
    monkeypatch.setattr(inputs, "_PATIENCE_S", PATIENCE_S)
    server = Server()
    server.fetching = [status, status]
    limits_s: list[float] = []

    def play(command: Any, output: Path, log: Any, cancel: Event) -> int | Outcome:
        limits_s.append(command.limits.wall_s)
        return SCORES(command, output, log, cancel)

    with working(server, tmp_path, play) as (_, running, _):
        until(lambda: server.reports)
    assert running.paths().count("GET /files/answer") == 3
    assert server.last["status"] == "Finished"
    # The program has all of its time, however long its files took (contract, section 2.6).
    assert limits_s == [60]


def test_a_full_disk_while_unpacking_is_no_fault_of_the_participant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("podium.blobs.archives.extracting._extract_files", full)
    server = Server()
    with working(server, tmp_path, SCORES):
        until(lambda: server.reports)
    assert (server.last["status"], server.last["outcome"]) == ("Failed", "infrastructure")


def test_a_worker_that_fails_with_everything_takes_less_and_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(command: Any, output: Path, log: Any, cancel: Event) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(slots, "_FIRST_REST_S", 0.2)
    taken: list[float] = []
    server = Server()
    claim = server._claim

    def always() -> Told:
        taken.append(monotonic())
        server.given = False
        return claim()

    monkeypatch.setattr(server, "_claim", always)
    with working(server, tmp_path, disk_full):
        until(lambda: len(taken) == 3)
    # It rests for 0.2 s, then for twice as long.
    assert taken[1] - taken[0] >= 0.2
    assert taken[2] - taken[1] >= 0.4


def test_an_archive_that_is_unsafe_is_the_fault_of_who_sent_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.worker.test_slots.ANSWER", zipped({"../outside": "x"}))
    server = Server()
    with working(server, tmp_path, SCORES):
        until(lambda: server.reports)
    assert (server.last["status"], server.last["outcome"]) == ("Failed", "failed")
    assert "../outside" in server.last["status_details"]


def test_a_runtime_that_cannot_be_built_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, tell: object) -> None:
        raise ProgramError("runtime-unavailable", "The runtime plain cannot be built.", "Do this.")

    monkeypatch.setattr(runtime_choice, "ensure", refuse)
    server = Server()
    with working(server, tmp_path, SCORES):
        until(lambda: server.reports)
    assert (server.last["code"], server.last["hint"]) == ("runtime-unavailable", "Do this.")


def test_an_unforeseen_failure_is_reported_and_the_next_run_is_taken(tmp_path: Path) -> None:
    def disk_full(command: Any, output: Path, log: Any, cancel: Event) -> int:
        raise OSError(28, "No space left on device")

    server = Server()
    with working(server, tmp_path, disk_full) as (_, _, ended):
        until(lambda: server.reports)
        assert server.last["outcome"] == "infrastructure"
        server.given = False
        until(lambda: len(server.reports) == 2)
        assert ended == []


def test_an_order_that_makes_no_sense_is_passed_over(tmp_path: Path) -> None:
    server = Server(is_scoring=None, execution_time_limit="soon")
    with working(server, tmp_path, SCORES) as (_, running, ended):
        until(lambda: running.paths().count("POST /live/worker/claim") >= 3)
        assert ended == []


@pytest.mark.parametrize("status", [500, 502, 503, 507])
def test_a_report_is_repeated_until_the_server_is_back(tmp_path: Path, status: int) -> None:
    server = Server()
    server.moods = [status, status]
    with working(server, tmp_path, SCORES) as (_, running, _):
        until(lambda: server.reports)
    assert running.paths().count("PATCH /api/submissions/7/") == 3
    assert server.last["status"] == "Finished"


def test_a_server_that_fails_with_a_report_for_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "_PATIENCE_WITH_TROUBLE_S", 0.0)
    server = Server()
    server.moods = [500]
    with working(server, tmp_path, SCORES) as (slot, running, _):
        until(lambda: not server.moods and slot.idle.is_set())
        until(lambda: running.paths()[-1] == "POST /live/worker/claim")
    assert running.paths().count("PATCH /api/submissions/7/") == 1


@pytest.mark.parametrize("status", [403, 409])
def test_a_report_that_the_server_does_not_want_is_not_repeated(tmp_path: Path, status: int) -> None:
    server = Server()
    server.moods = [status]
    with working(server, tmp_path, SCORES) as (slot, running, ended):
        until(lambda: not server.moods and slot.idle.is_set())
        until(lambda: running.paths()[-1] == "POST /live/worker/claim")
        assert ended == []
    assert running.paths().count("PATCH /api/submissions/7/") == 1


def test_the_same_result_sent_twice_is_the_same_bytes(tmp_path: Path) -> None:
    # A second PUT of other bytes would be refused by the server.
    server = Server()
    server.moods = [503]
    bodies: list[bytes] = []
    take = server.answer

    def remember(asked: Asked) -> Told:
        if asked.path == "/upload/scoring_result":
            bodies.append(asked.body)
        return take(asked)

    server.answer = remember  # type: ignore[method-assign]
    with working(server, tmp_path, SCORES):
        until(lambda: server.reports)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


def test_a_slot_that_is_not_let_in_ends(tmp_path: Path) -> None:
    server = Server()
    server.claim_status = 403
    with working(server, tmp_path, SCORES) as (_, _, ended):
        until(lambda: ended)
        assert isinstance(ended[0], NotAllowed)


def test_nothing_is_left_in_the_work_folder(tmp_path: Path) -> None:
    server = Server()
    with working(server, tmp_path, SCORES) as (slot, _, _):
        until(lambda: server.reports and slot.idle.is_set())
    assert list((tmp_path / "work").iterdir()) == []
