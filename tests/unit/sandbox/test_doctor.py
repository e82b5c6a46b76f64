"""What the doctor says of a sandbox: by programs of a fake one, in which each limit is broken in turn."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

import pytest
from typer.testing import CliRunner

from podium.cli.main import app
from podium.rules.errors import SandboxUnavailable
from podium.sandbox import backends
from podium.sandbox.doctor import (
    ISOLATION,
    RESOURCES,
    TRIALS,
    Trial,
    examine,
    examine_network,
    require_isolation,
)
from podium.sandbox.doctor.network import NETWORK_OF_QUEUES
from podium.sandbox.interface import Command, Ending, LimitReport, LogSink, Outcome

LIMITS = [trial.limit for trial in TRIALS]
Play = Callable[[Command, Path, LogSink], Outcome]
EXITED = Outcome(Ending.EXITED, 0, 0.1)
NO_NETWORK = "Programs get no network: slirp4netns missing."


class FakeSandbox:
    """Programs are never run: each limit holds, but for those that `plays` act out. `approximations` as given."""

    def __init__(
        self,
        plays: Mapping[str, Play] | None = None,
        approximations: Mapping[str, str] | None = None,
        no_network: str = NO_NETWORK,
    ) -> None:
        self.name = "bubblewrap"
        self.plays = dict(plays or {})
        self.approximations = approximations or {}
        self.no_network = no_network
        self.tried: list[str] = []

    def run(self, command: Command, *, collect_into: Path, log: LogSink, cancel: Event) -> Outcome:
        trial = next(trial for trial in (*TRIALS, NETWORK_OF_QUEUES) if trial.program == command.argv[4])
        self.tried.append(trial.limit)
        play = self.plays.get(trial.limit, held(trial))
        return Outcome(Ending.CANCELLED, None, 0.0) if cancel.is_set() else play(command, collect_into, log)


def held(trial: Trial) -> Play:
    """The limit is noticed where that is how the trial ends, else the program finds nothing open."""

    def play(command: Command, output: Path, log: LogSink) -> Outcome:
        if trial.stopped_by:
            return Outcome(min(trial.stopped_by), None, 0.1)
        log("stdout", b"TRIED\n")
        return EXITED

    return play


def escapes(command: Command, output: Path, log: LogSink) -> Outcome:
    log("stdout", b"ESCAPED the cage\nESCAPED again\nTRIED\n")
    return EXITED


def says_nothing(command: Command, output: Path, log: LogSink) -> Outcome:
    log("stderr", b"ImportError: no module named socket\n")
    return Outcome(Ending.EXITED, 1, 0.1)


def bait_of(command: Command) -> dict[str, object]:
    told = json.loads(command.argv[5])
    assert isinstance(told, dict)
    return told


def verdicts(sandbox: FakeSandbox) -> dict[str, str]:
    return {report.limit: report.enforcement for report in examine(sandbox)}


def test_a_sandbox_that_holds_is_found_to_hold() -> None:
    reports = list(examine(FakeSandbox()))
    assert [report.limit for report in reports] == LIMITS
    assert {report.enforcement for report in reports} == {"enforced"}
    assert all(report.detail.startswith("Tried to ") and not report.advice for report in reports)
    assert len(set(LIMITS)) == len(LIMITS)


@pytest.mark.parametrize("limit", LIMITS)
def test_the_broken_limit_and_no_other_is_not_enforced(limit: str) -> None:
    reports = list(examine(FakeSandbox({limit: escapes})))
    assert [report.limit for report in reports if report.enforcement == "not enforced"] == [limit]
    (broken,) = [report for report in reports if report.limit == limit]
    assert broken.detail == "Got through: the cage, again."
    assert broken.advice.endswith(".")


@pytest.mark.parametrize("limit", LIMITS)
def test_the_command_says_so_and_fails(limit: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backends, "open_sandbox", lambda name, slot, work: FakeSandbox({limit: escapes}))
    done = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path), "--sandbox", "bubblewrap"])
    assert done.exit_code == 1
    (row,) = [line for line in done.output.splitlines() if line.startswith(f"  {limit} ") and "not enforced" in line]
    assert "the cage" in row
    assert "1 limit is not enforced." in done.output
    # The row and the sum: nowhere else.
    assert done.output.count("not enforced") == 2


def test_the_words_are_absent_where_every_limit_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sandbox = FakeSandbox(approximations={"memory": "Somebody looks"})
    monkeypatch.setattr(backends, "open_sandbox", lambda name, slot, work: sandbox)
    done = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)])
    assert done.exit_code == 0
    assert "not enforced" not in done.output
    assert "Somebody looks." in done.output
    assert "There is no site in" in done.output


def test_json_tells_what_the_lines_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backends, "open_sandbox", lambda name, slot, work: FakeSandbox({"network": escapes}))
    done = CliRunner().invoke(app, ["doctor", "--json", "--data", str(tmp_path)])
    content = json.loads(done.output)
    assert done.exit_code == 1
    assert content["healthy"] is False
    assert content["site"] is None
    assert content["sandbox"]["error"] is None
    assert [line["limit"] for line in content["sandbox"]["limits"]] == LIMITS
    assert content["sandbox"]["limits"][0] == {
        "limit": "network",
        "kind": "isolation",
        "enforcement": "not enforced",
        "detail": "Got through: the cage, again.",
        "advice": "Do not run programs you do not trust on this machine, and report this.",
    }


def test_a_back_end_that_cannot_be_used_is_one_error_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(name: str, slot: int, work: Path) -> FakeSandbox:
        raise SandboxUnavailable("The program bwrap is not installed.", "Type: apt install bubblewrap")

    monkeypatch.setattr(backends, "open_sandbox", refuse)
    done = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert "The program bwrap is not installed. Type: apt install bubblewrap" in done.output
    assert "Programs cannot be run here." in done.output
    assert "enforced" not in done.output
    content = json.loads(CliRunner().invoke(app, ["doctor", "--json", "--data", str(tmp_path)]).output)
    assert content["sandbox"]["error"].startswith("The program bwrap is not installed.")


def test_a_back_end_of_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--sandbox", "cardboard", "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert "cardboard" in done.output


def test_a_limit_that_holds_only_by_looking_is_approximate_and_one_that_does_not_is_not() -> None:
    ways = {"memory": "Somebody looks", "processors": "Somebody asks"}
    found = verdicts(FakeSandbox({"processors": escapes}, approximations=ways))
    assert found.pop("memory") == "approximate"
    assert found.pop("processors") == "not enforced"
    assert set(found.values()) == {"enforced"}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_trial_that_came_to_no_end_convicts_nobody_and_is_no_proof(limit: str) -> None:
    with pytest.raises(SandboxUnavailable, match=f"tries the limit of {limit} ended with exit code 1 .*no module"):
        list(examine(FakeSandbox({limit: says_nothing})))


def test_an_end_by_another_limit_is_no_proof_either() -> None:
    sandbox = FakeSandbox({"network": lambda command, output, log: Outcome(Ending.TIME_LIMIT, None, 9.0)})
    with pytest.raises(SandboxUnavailable, match="limit of network ended by time-limit"):
        list(examine(sandbox))


def knock_tcp(command: Command, output: Path, log: LogSink) -> Outcome:
    with socket.create_connection(("127.0.0.1", int(str(bait_of(command)["tcp"])))):
        pass
    return held(ISOLATION[0])(command, output, log)


def knock_udp(command: Command, output: Path, log: LogSink) -> Outcome:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knocking:
        knocking.sendto(b"knock", ("127.0.0.1", int(str(bait_of(command)["udp"]))))
    return held(ISOLATION[0])(command, output, log)


def knock_locally(command: Command, output: Path, log: LogSink) -> Outcome:
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.connect(f"\0{bait_of(command)['local']}")
    return held(ISOLATION[0])(command, output, log)


def followed_link(command: Command, output: Path, log: LogSink) -> Outcome:
    (output / "link").write_text(Path(str(bait_of(command)["secret_file"])).read_text())
    return held(ISOLATION[0])(command, output, log)


def changed_original(command: Command, output: Path, log: LogSink) -> Outcome:
    (command.mounts[0].source / "file").write_text("changed")
    return held(ISOLATION[0])(command, output, log)


def children() -> list[int]:
    threads = Path("/proc/self/task").iterdir()
    return [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]


def killed_bystander(command: Command, output: Path, log: LogSink) -> Outcome:
    mark = str(bait_of(command)["bystander"])[::-1].encode()
    (found,) = [pid for pid in children() if mark in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(found, signal.SIGKILL)
    os.waitid(os.P_PID, found, os.WEXITED | os.WNOWAIT)
    return held(ISOLATION[0])(command, output, log)


def floods(command: Command, output: Path, log: LogSink) -> Outcome:
    log("stdout", b"TRIED\n" + b"." * (16 << 20))
    return EXITED


@pytest.mark.parametrize(
    ("limit", "play", "found"),
    [
        ("network", knock_tcp, "a packet to this machine"),
        ("network", knock_udp, "a packet to this machine"),
        ("network", knock_locally, "a packet to this machine"),
        ("files of this machine", followed_link, "a file behind a link in the output"),
        ("writing outside", changed_original, "the original of a copied folder"),
        ("other processes", killed_bystander, "a signal to a process outside"),
        ("printed text", floods, "16 MB"),
    ],
)
def test_what_only_the_outside_can_see_convicts_too(limit: str, play: Play, found: str) -> None:
    reports = list(examine(FakeSandbox({limit: play})))
    broken = [(report.limit, report.detail) for report in reports if report.enforcement == "not enforced"]
    assert broken == [(limit, f"Got through: {found}.")]


def test_a_daemon_that_lives_on_convicts() -> None:
    left: list[subprocess.Popen[bytes]] = []

    def leaves_a_daemon(command: Command, output: Path, log: LogSink) -> Outcome:
        mark = str(bait_of(command)["mark"])
        words = [sys.executable, "-S", "-c", "import time; print(flush=True); time.sleep(60)", mark]
        left.append(subprocess.Popen(words, stdout=subprocess.PIPE))
        # Its command line can be read a moment after it was started.
        assert left[0].stdout is not None
        left[0].stdout.readline()
        return held(ISOLATION[0])(command, output, log)

    reports = list(examine(FakeSandbox({"processes left behind": leaves_a_daemon})))
    left[0].kill()
    left[0].communicate()
    broken = [(report.limit, report.detail) for report in reports if report.enforcement == "not enforced"]
    assert broken == [("processes left behind", f"Got through: process {left[0].pid} lives on.")]


def test_a_cancelled_examination_ends_early_and_says_nothing_of_the_rest() -> None:
    stop = Event()
    sandbox = FakeSandbox()
    reports = examine(sandbox, cancel=stop)
    assert next(reports).limit == LIMITS[0]
    stop.set()
    assert list(reports) == []
    assert len(sandbox.tried) == 2


def test_a_machine_without_room_for_the_bait_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/no/such/folder")
    with pytest.raises(SandboxUnavailable, match=r"The limits cannot be tried: .*No such file"):
        list(examine(FakeSandbox()))


@pytest.mark.parametrize("trial", ISOLATION, ids=lambda trial: trial.limit)
def test_a_way_out_forbids_to_work(trial: Trial) -> None:
    report = list(examine(FakeSandbox({trial.limit: escapes}), ISOLATION))
    with pytest.raises(SandboxUnavailable, match=f"{trial.limit}: not enforced. Got through: the cage"):
        require_isolation(FakeSandbox(), report)


@pytest.mark.parametrize("trial", RESOURCES, ids=lambda trial: trial.limit)
def test_a_resource_that_is_not_held_does_not_forbid_to_work(trial: Trial) -> None:
    require_isolation(FakeSandbox(), list(examine(FakeSandbox({trial.limit: escapes}))))


def test_the_back_end_that_isolates_nothing_is_not_refused_for_that() -> None:
    sandbox = FakeSandbox()
    sandbox.name = "none"
    require_isolation(sandbox, [LimitReport("network", "not enforced", kind="isolation")])


def test_a_back_end_without_a_network_is_told_apart_from_one_that_does_not_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(backends, "open_sandbox", lambda name, slot, work: FakeSandbox())
    assert examine_network(FakeSandbox()) == ((), NO_NETWORK)
    done = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)])
    assert done.exit_code == 0
    assert any(
        line.split() == ["network", "of", "queues", "none", *NO_NETWORK.split()] for line in done.output.splitlines()
    )
    told = json.loads(CliRunner().invoke(app, ["doctor", "--json", "--data", str(tmp_path)]).output)
    assert told["sandbox"]["no_network"] == NO_NETWORK


def test_a_network_that_leads_to_this_machine_is_not_enforced_and_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandbox = FakeSandbox({"network of queues": escapes}, no_network="")
    monkeypatch.setattr(backends, "open_sandbox", lambda name, slot, work: sandbox)
    (line,), reason = examine_network(sandbox)
    assert (line.limit, line.enforcement) == ("network of queues", "not enforced")
    assert reason.startswith("Got through: the cage, again. Only runs of queues with a network are concerned.")
    assert CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)]).exit_code == 1


def test_a_network_that_holds_is_one_more_limit() -> None:
    (line,), reason = examine_network(FakeSandbox(no_network=""))
    assert (line.limit, line.enforcement, reason) == ("network of queues", "enforced", "")


def test_a_network_that_cannot_be_set_up_is_none() -> None:
    def fails(command: Command, output: Path, log: LogSink) -> Outcome:
        raise SandboxUnavailable("The program could not be isolated: nft says no.")

    report, reason = examine_network(FakeSandbox({"network of queues": fails}, no_network=""))
    assert report == ()
    assert reason == "Programs get no network. The program could not be isolated: nft says no."


def test_without_a_sandbox_there_is_nothing_to_try() -> None:
    sandbox = FakeSandbox(no_network="")
    sandbox.name = "none"
    assert examine_network(sandbox) == ((), "")
    assert sandbox.tried == []
