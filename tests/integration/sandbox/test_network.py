"""Programs with a network: they reach other machines, and neither this one, nor what is near it, nor what serves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.docker_engine import docker_engine
from tests.docker_engine import missing as docker_missing
from tests.requirements_on_machine import require, require_program
from tests.small_internet import (
    MACHINE,
    MACHINE_NEARBY,
    METADATA,
    NAME,
    NEIGHBOUR,
    OUTSIDE,
    PORT,
    SmallInternet,
    missing,
    small_internet,
)

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

PROJECT = Path(__file__).parents[3]
GATEWAY = "gateway"
"""Whatever the way out of the program's network leads over: of a container that is the machine."""
REACHED = {
    OUTSIDE: ["outside", "outside"],
    NAME: ["outside", "outside"],
    "127.0.0.1": ["", ""],
    MACHINE: ["", ""],
    MACHINE_NEARBY: ["", ""],
    NEIGHBOUR: ["", ""],
    METADATA: ["", ""],
    GATEWAY: ["", ""],
}
"""What a program hears at each address, by TCP and by UDP."""

_ASK = f"""
import json, socket, struct, sys
def gateway():
    routes = [line.split() for line in list(open("/proc/net/route"))[1:]]
    return next((socket.inet_ntoa(struct.pack("<I", int(way[2], 16))) for way in routes if way[1] == "00000000"), "")
def tcp(host):
    with socket.create_connection((host, {PORT}), timeout=0.5) as door: return door.recv(99).decode()
def udp(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.settimeout(0.5)
        door.sendto(b"?", (host, {PORT}))
        return door.recv(99).decode()
def asked(way, host):
    try: return way(gateway() if host == "gateway" else host)
    except OSError: return ""
print(json.dumps({{host: [asked(tcp, host), asked(udp, host)] for host in json.loads(sys.argv[1])}}))
"""

_RUN = """
import os, sys
sys.path[:0] = sys.argv[1].split(":")
from pathlib import Path
from threading import Event
from tests.sandboxed import SMALL
from podium.sandbox.backends import open_sandbox
from podium.sandbox.interface import Command
from podium.sandbox.interpreter import interpreter, interpreter_root
work = Path(sys.argv[2])
(work / "into").mkdir(exist_ok=True)
sandbox = open_sandbox(os.environ["PODIUM_SANDBOX"], 0, work)
words = (interpreter(), "-I", "-S", "-c", *sys.argv[4:])
command = Command(words, "/tmp", interpreter_root(), (), SMALL, network=sys.argv[3] == "network")
tell = lambda _, chunk: print(chunk.decode(), end="")
outcome = sandbox.run(command, collect_into=work / "into", log=tell, cancel=Event())
assert (outcome.ending, outcome.exit_code) == ("exited", 0), outcome
"""


@pytest.fixture(scope="module")
def internet() -> Iterator[SmallInternet]:
    require(not missing(), missing())
    with small_internet() as made:
        yield made


def run(internet: SmallInternet, work: Path, program: str, *words: str, network: bool = True, **more: str) -> str:
    """What a program prints in the sandbox of a worker on the machine."""
    how = "network" if network else "none"
    command = [sys.executable, "-c", _RUN, f"{PROJECT}/src:{PROJECT}", str(work), how, program, *words]
    environment = {**os.environ, "PODIUM_SANDBOX": "bubblewrap", **more}
    done = subprocess.run(
        internet.there(command), env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def heard(said: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said)
    return found


def test_the_machine_itself_reaches_all_of_it(internet: SmallInternet) -> None:
    command = internet.there([sys.executable, "-c", _ASK, json.dumps(list(REACHED))])
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    mine = {host: ["machine", "machine"] for host in ("127.0.0.1", MACHINE, MACHINE_NEARBY)}
    theirs = {host: ["outside", "outside"] for host in (OUTSIDE, NAME, NEIGHBOUR, METADATA, GATEWAY)}
    assert heard(said) == mine | theirs


def test_a_program_with_a_network_reaches_the_outside_alone(internet: SmallInternet, tmp_path: Path) -> None:
    assert heard(run(internet, tmp_path, _ASK, json.dumps(list(REACHED)))) == REACHED


def test_without_one_it_reaches_nothing(internet: SmallInternet, tmp_path: Path) -> None:
    said = run(internet, tmp_path, _ASK, json.dumps(list(REACHED)), network=False)
    assert heard(said) == {host: ["", ""] for host in REACHED}


def test_what_an_administrator_lists_is_reached_but_never_this_machine(internet: SmallInternet, tmp_path: Path) -> None:
    hosts = json.dumps([NEIGHBOUR, MACHINE_NEARBY, MACHINE])
    said = run(internet, tmp_path, _ASK, hosts, PODIUM_NETWORK_ALLOWED="10.77.0.0/24, 203.0.113.1")
    assert heard(said) == {NEIGHBOUR: ["outside", "outside"], MACHINE_NEARBY: ["", ""], MACHINE: ["", ""]}


_CHANGE = f"""
import fcntl, os, socket, struct
def down(name):
    with socket.socket() as any: fcntl.ioctl(any, 0x8914, struct.pack("16sh", name, 0))  # SIOCSIFFLAGS
def forget():
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as way:  # NETLINK_NETFILTER: delete all tables
        begin = struct.pack("=IHHIIBBH", 20, 0x10, 5, 1, 0, 0, 0, 0x0a00)
        end = struct.pack("=IHHIIBBH", 20, 0x11, 1, 3, 0, 0, 0, 0x0a00)
        way.sendto(begin + struct.pack("=IHHIIBBH", 20, 0x0a02, 5, 2, 0, 0, 0, 0) + end, (0, 0))
        answer = way.recv(4096)
        number = struct.unpack_from("=i", answer, 16)[0]
        if number: raise OSError(-number, "refused")
def around():
    with socket.socket() as door:
        door.settimeout(0.5)
        door.setsockopt(socket.SOL_SOCKET, 25, b"tap0")  # SO_BINDTODEVICE
        door.connect(({METADATA!r}, {PORT}))
def by_a_hop():
    with socket.socket() as door:
        door.settimeout(0.5)
        hop = bytes([131, 7, 4]) + socket.inet_aton("192.0.2.2")
        door.setsockopt(socket.IPPROTO_IP, 4, hop + bytes(1))  # IP_OPTIONS: loose source route
        door.connect(({METADATA!r}, {PORT}))
for act in (lambda: down(b"tap0"), forget, around, by_a_hop):
    try: act(); print("done")
    except OSError as error: print("refused")
with socket.create_connection(({OUTSIDE!r}, {PORT}), timeout=5) as door: print(door.recv(99).decode())
print(sorted(name for _, name in socket.if_nameindex()))
print(os.path.exists("/etc/ssl/private"), os.path.isdir("/etc/ssl/certs"))
"""


def test_no_program_changes_what_it_may_reach(internet: SmallInternet, tmp_path: Path) -> None:
    lines = run(internet, tmp_path, _CHANGE).splitlines()
    assert lines[:4] == ["refused"] * 4
    assert lines[4] == "outside"
    assert lines[5] == "['lo', 'tap0']"
    # Whom to trust is shown, keys are not.
    assert lines[6] == f"False {Path('/etc/ssl/certs').is_dir()}"


def test_nothing_of_a_run_with_a_network_is_left(internet: SmallInternet, tmp_path: Path) -> None:
    run(internet, tmp_path, "print('ran')")
    helpers = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_helper = (process / "comm").read_text() == "slirp4netns\n"
            if is_helper and (process / "ns/net").readlink() == Path(f"/proc/{internet.machine}/ns/net").readlink():
                helpers.append(process.name)
        except OSError:
            continue
    assert helpers == []


def examined(internet: SmallInternet, work: Path, **more: str) -> list[str]:
    words = [sys.executable, "-c", _EXAMINE, f"{PROJECT}/src", str(work)]
    environment = {**os.environ, "PODIUM_SANDBOX": "bubblewrap", **more}
    done = subprocess.run(
        internet.there(words), env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


_EXAMINE = """
import os, sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from podium.sandbox.backends import open_sandbox
from podium.sandbox.doctor import examine_network
report, reason = examine_network(open_sandbox(os.environ["PODIUM_SANDBOX"], 0, Path(sys.argv[2])))
for line in report: print(f"{line.limit}: {line.enforcement}")
print(reason)
"""


def test_the_doctor_tries_it_and_finds_it_held(internet: SmallInternet, tmp_path: Path) -> None:
    assert examined(internet, tmp_path) == ["network of queues: enforced", ""]


@pytest.fixture(scope="module")
def docker_there(internet: SmallInternet) -> Iterator[dict[str, str]]:
    """An engine of Docker on that machine: the variables that lead there."""
    absent = docker_missing("docker")
    require(not absent, absent)
    require_program("iptables", "iptables")
    require_program("docker", "docker.io")
    inside = ["nsenter", f"--net=/proc/{internet.machine}/ns/net", "--"]
    with docker_engine(before=inside, options=("--dns", OUTSIDE)) as engine:
        yield {
            "PODIUM_SANDBOX": "docker",
            "PODIUM_DOCKER_HOST": engine.host,
            "PODIUM_DOCKER_NETWORK": "podium-runs",
            "DOCKER_HOST": engine.host,
            "DOCKER_CONFIG": str(engine.folder),
        }


def test_in_containers_what_the_how_to_says_keeps_them_from_this_machine(
    internet: SmallInternet, docker_there: dict[str, str], tmp_path: Path
) -> None:
    page = (PROJECT / "docs/how-to/give-programs-a-network.md").read_text(encoding="utf-8")
    making, _, rules = page.split("```sh\n")[1].split("```")[0].partition("iptables")
    typed(internet, docker_there, making)
    # A network alone leads to this machine, which the doctor finds, so that no worker uses it.
    limit, reason = examined(internet, tmp_path, **docker_there)
    assert limit == "network of queues: not enforced"
    assert f"this machine at {MACHINE}" in reason

    typed(internet, docker_there, f"iptables{rules}")
    assert examined(internet, tmp_path, **docker_there) == ["network of queues: enforced", ""]
    assert heard(run(internet, tmp_path, _ASK, json.dumps(list(REACHED)), **docker_there)) == REACHED


def typed(internet: SmallInternet, variables: dict[str, str], text: str) -> None:
    done = subprocess.run(
        internet.there(["sh", "-ec", text]),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
