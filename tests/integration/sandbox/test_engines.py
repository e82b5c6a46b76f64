"""What only the back end `docker` does: images, engines elsewhere, and what a killed worker left in an engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tests.docker_engine import PYTHON_INSIDE, Engine, import_image
from tests.sandboxed import SMALL, HereBench

from podium.rules.errors import SandboxUnavailable, UserError
from podium.sandbox.docker import DockerOptions, DockerSandbox
from podium.sandbox.interface import Command, Ending, Limits, Mount, Outcome, Root
from podium.sandbox.interpreter import interpreter, interpreter_root

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

IMAGE = "podium-test/python:1"
INSIDE = f"{PYTHON_INSIDE}/bin/python3"


@pytest.fixture(scope="session")
def image(docker: Engine) -> str:
    import_image(docker, IMAGE)
    return IMAGE


def run(
    sandbox: DockerSandbox, place: Path, program: str, mounts: list[Mount], root: Root, limits: Limits = SMALL
) -> tuple[Outcome, str, Path]:
    into = place / f"collected-{time.monotonic_ns()}"
    into.mkdir()
    printed: list[bytes] = []
    python = INSIDE if root.image else interpreter()
    command = Command((python, "-I", "-S", "-c", program), "/app/program", root, mounts, limits)
    outcome = sandbox.run(command, collect_into=into, log=lambda _, chunk: printed.append(chunk), cancel=Event())
    return outcome, b"".join(printed).decode(), into


def material(place: Path) -> list[Mount]:
    """A program, an input that only we can read, and a single file between them."""
    program, secret, facts = place / "program", place / "secret", place / "facts"
    program.mkdir()
    (program / "beside.txt").write_text("beside")
    secret.mkdir(mode=0o700)
    (secret / "truth").write_text("42")
    (secret / "truth").chmod(0o600)
    facts.write_text("phase: 1")
    return [
        Mount(program, "/app/program", copied=True),
        Mount(secret, "/app/input/ref"),
        Mount(facts, "/app/input/metadata"),
    ]


_READS = """
import os
print(open("beside.txt").read(), open("/app/input/ref/truth").read(), open("/app/input/metadata").read())
open("beside.txt", "w").write("changed"); open("/app/output/result", "w").write("done")
try: open("/app/input/ref/truth", "w")
except OSError as error: print(error.errno)
"""


def test_the_image_that_a_competition_names_is_run_as_it_is(docker: Engine, image: str, tmp_path: Path) -> None:
    sandbox = DockerSandbox(40, tmp_path, DockerOptions(docker.host))
    root = Root((), (), image=sandbox.image_id(image))
    outcome, printed, into = run(
        sandbox, tmp_path, _READS + "print(os.path.exists('/usr/lib/os-release'))", material(tmp_path), root
    )
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 0), printed
    assert printed.splitlines() == ["beside 42 phase: 1", "30", "False"]  # EROFS
    assert (into / "result").read_text() == "done"


def test_an_engine_that_does_not_see_our_files_gets_them_carried(docker: Engine, image: str, tmp_path: Path) -> None:
    sandbox = DockerSandbox(42, tmp_path, DockerOptions(docker.host))
    sandbox._engine = replace(sandbox.engine, sees_our_files=False)
    root = Root((), (), image=image)
    outcome, printed, into = run(sandbox, tmp_path, _READS, material(tmp_path), root)
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 0), printed
    assert printed.splitlines() == ["beside 42 phase: 1", "30"]
    assert (into / "result").read_text() == "done"
    with pytest.raises(SandboxUnavailable, match="does not see the runtimes"):
        run(sandbox, tmp_path, "pass", [], interpreter_root())


def test_a_missing_image_is_told_with_the_line_to_type(docker: Engine, tmp_path: Path) -> None:
    sandbox = DockerSandbox(44, tmp_path, DockerOptions(docker.host))
    with pytest.raises(UserError, match="'no/such:image' is not on the worker") as raised:
        sandbox.image_id("no/such:image")
    assert raised.value.code == "runtime-unavailable"
    assert "docker pull no/such:image" in raised.value.hint


def test_an_image_is_only_fetched_where_that_is_allowed(docker: Engine, tmp_path: Path) -> None:
    # Nobody listens at port 1, so an allowed fetch fails, and says so.
    sandbox = DockerSandbox(44, tmp_path, DockerOptions(docker.host, pull=True))
    with pytest.raises(UserError, match="cannot be fetched"):
        sandbox.image_id("127.0.0.1:1/no/such:image")


def test_a_volume_that_an_image_declares_is_bounded(docker: Engine, image: str, tmp_path: Path) -> None:
    client = docker.client()
    made = client.api.create_container(image, ["x"])["Id"]
    client.api.commit(made, repository="podium-test/volume", tag="1", changes="VOLUME /data")
    client.api.remove_container(made)
    client.close()
    sandbox = DockerSandbox(46, tmp_path, DockerOptions(docker.host))
    program = """
try:
    with open("/data/full", "wb", buffering=0) as file:
        for _ in range(16): file.write(bytes(1 << 20))
    print("wrote all")
except OSError as error: print(error.errno)
"""
    _, printed, _ = run(sandbox, tmp_path, program, [], Root((), (), image="podium-test/volume:1"))
    assert printed.splitlines() in (["28"], ["27"])  # ENOSPC, EFBIG


def test_no_engine_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match=r"No container engine answers at unix:///no/such\.sock"):
        DockerSandbox(0, tmp_path, DockerOptions("unix:///no/such.sock"))


def test_an_unknown_runtime_is_told(docker: Engine, tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match=r"has no runtime 'runsc'; it has .*runc"):
        DockerSandbox(0, tmp_path, DockerOptions(docker.host, runtime="runsc"))


def things(engine: Engine) -> tuple[list[str], list[str]]:
    """The names of all containers and volumes in an engine."""
    client = engine.client()
    try:
        containers = [found["Names"][0] for found in client.api.containers(all=True)]
        return containers, [found["Name"] for found in client.api.volumes()["Volumes"] or ()]
    finally:
        client.close()


@pytest.fixture(params=["docker", "podman"])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


def test_a_run_leaves_no_container_no_volume_and_no_descriptor(engine: Engine, tmp_path: Path) -> None:
    sandbox = DockerSandbox(48, tmp_path, DockerOptions(engine.host))
    shared = tmp_path / "shared"
    shared.mkdir()
    mounts = [*material(tmp_path), Mount(shared, "/app/shared", shared=True)]
    run(sandbox, tmp_path, "open('/app/output/x', 'w')", mounts, interpreter_root())
    before = len(list(Path("/proc/self/fd").iterdir()))
    run(sandbox, tmp_path, "raise SystemExit(3)", mounts, interpreter_root())
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    shared.rmdir()
    until(lambda: things(engine) == ([], []))


def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


_WORKER = """
import sys; sys.path[:0] = sys.argv[1].split(":")
from pathlib import Path
from podium.sandbox.docker import DockerOptions, DockerSandbox
from tests.sandboxed import HereBench
from podium.sandbox.interface import Mount
work = Path(sys.argv[2])
sandbox = DockerSandbox(33, work, DockerOptions(sys.argv[3]))
HereBench(work, sandbox=sandbox).run(
    "import time; time.sleep(300)", mounts=[Mount(work / "shared", "/app/shared", shared=True)]
)
"""


def test_what_a_killed_worker_left_is_removed_when_the_slot_opens_again(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    project = Path(__file__).parents[3]
    command = [sys.executable, "-c", _WORKER, f"{project}/src:{project}", str(tmp_path), engine.host]
    with subprocess.Popen(command) as process:
        # Its program, the keeper of its output and the keeper of the shared folder.
        until(lambda: len(things(engine)[0]) == 3)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(things(engine)[0]) == 3
    DockerSandbox(33, tmp_path, DockerOptions(engine.host))
    assert things(engine) == ([], [])


def test_two_slots_do_not_take_each_other_s_containers(docker: Engine, docker_bench: HereBench, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    project = Path(__file__).parents[3]
    command = [sys.executable, "-c", _WORKER, f"{project}/src:{project}", str(tmp_path), docker.host]
    with subprocess.Popen(command) as process:
        until(lambda: len(things(docker)[0]) == 3)
        DockerSandbox(34, tmp_path, DockerOptions(docker.host))
        assert docker_bench.run("print('beside')").lines == ["beside"]
        assert len(things(docker)[0]) == 3
        process.kill()
        process.wait()
    DockerSandbox(33, tmp_path, DockerOptions(docker.host))


def test_an_engine_that_is_killed_in_the_middle_is_our_failure(tmp_path: Path) -> None:
    from tests.docker_engine import docker_engine, missing
    from tests.requirements_on_machine import require

    from podium.rules.errors import InternalError

    require(not missing("docker"), missing("docker"))
    with docker_engine() as own:
        sandbox = DockerSandbox(36, tmp_path, DockerOptions(own.host))

        def kill_the_engine(_: object, __: object) -> None:
            for pid in own.processes():
                if b"dockerd" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]:
                    os.kill(pid, signal.SIGKILL)

        command = Command(
            (interpreter(), "-c", "print('begun', flush=True); import time; time.sleep(300)"),
            "/tmp",
            interpreter_root(),
            (),
            SMALL,
        )
        into = tmp_path / "into"
        into.mkdir()
        with pytest.raises(InternalError):
            sandbox.run(command, collect_into=into, log=kill_the_engine, cancel=Event())
