"""Which back end is opened, and what each needs to be told."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from podium.rules.errors import SandboxUnavailable, UserError
from podium.rules.unsandboxed import PERMISSION, VARIABLE
from podium.sandbox.backends import chosen, open_sandbox
from podium.sandbox.docker.base_image import base_image
from podium.sandbox.docker.options import DockerOptions
from podium.sandbox.interface import Command, Limits, Mount, Root
from podium.sandbox.unsandboxed.tree import Tree


def test_the_back_end_is_the_one_that_was_named() -> None:
    assert chosen({}) == "bubblewrap"
    assert chosen({"PODIUM_SANDBOX": " docker "}) == "docker"
    with pytest.raises(UserError, match="no sandbox called 'chroot'"):
        chosen({"PODIUM_SANDBOX": "chroot"})


@pytest.mark.parametrize("said", ["", "yes", "true", PERMISSION.upper()])
def test_none_is_opened_only_by_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(VARIABLE, said)
    with pytest.raises(SandboxUnavailable, match=f"{VARIABLE}={PERMISSION}"):
        open_sandbox("none", 0, tmp_path)
    monkeypatch.setenv(VARIABLE, PERMISSION)
    assert open_sandbox("none", 0, tmp_path).name == "none"


def test_docker_without_an_engine_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(SandboxUnavailable, match="No container engine answers"):
        open_sandbox("docker", 0, tmp_path)


def test_the_engine_s_settings_are_read() -> None:
    assert DockerOptions.from_environment({}) == DockerOptions("unix:///var/run/docker.sock", "", pull=False)
    assert DockerOptions.from_environment({"DOCKER_HOST": "tcp://a:1"}).host == "tcp://a:1"
    told = {"DOCKER_HOST": "tcp://a:1", "PODIUM_DOCKER_HOST": "tcp://b:2", "PODIUM_DOCKER_RUNTIME": "runsc"}
    assert DockerOptions.from_environment({**told, "PODIUM_DOCKER_PULL": "yes"}) == DockerOptions(
        "tcp://b:2", "runsc", pull=True
    )


@pytest.mark.parametrize("wrong", [{"PODIUM_DOCKER_HOST": "localhost"}, {"PODIUM_DOCKER_PULL": "maybe"}])
def test_a_setting_that_makes_no_sense_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(UserError, match=next(iter(wrong))):
        DockerOptions.from_environment(wrong)


@pytest.mark.parametrize(("processor", "machine"), [("amd64", 62), ("arm64", 183)])
def test_the_waiting_program_is_for_the_engine_s_processor(processor: str, machine: int) -> None:
    content = base_image(processor, 61_000)
    start = content.index(b"\x7fELF")
    # The field e_machine of an ELF header, at its 18th byte.
    assert struct.unpack("<H", content[start + 18 : start + 20]) == (machine,)
    assert b"podium:x:61000:61000:" in content
    with pytest.raises(KeyError):
        base_image("riscv64", 61_000)


def test_paths_inside_are_replaced_by_real_ones_where_they_are_whole(tmp_path: Path) -> None:
    data, program = tmp_path / "data", tmp_path / "program"
    data.mkdir()
    program.mkdir()
    (tmp_path / "tree").mkdir()
    tree = Tree(tmp_path / "tree")
    mounts = [Mount(data, "/app/input"), Mount(program, "/app/program", copied=True)]
    output = tree.lay_out(Command(("x",), "/app/program", Root((), ()), mounts, Limits()))
    real = tmp_path / "tree" / "app"
    assert output == real / "output"
    assert tree.translate("/app/input/ref") == f"{real}/input/ref"
    assert tree.translate("--in=/app/input:/app/output") == f"--in={real}/input:{real}/output"
    for other in ("/app/inputs", "/else/app/input", "/app", "app/input", "/tmp/x"):
        assert tree.translate(other) == other


def test_paths_in_the_text_of_a_program_s_copy_are_replaced_too(tmp_path: Path) -> None:
    program, truth = tmp_path / "program", tmp_path / "truth"
    for folder in (program, truth, tmp_path / "tree"):
        folder.mkdir()
    (program / "score.py").write_text("open('/app/input/ref/a'); listdir('/app/input')\n")
    (program / "data.bin").write_bytes(b"\xff/app/input")
    tree = Tree(tmp_path / "tree")
    mounts = [Mount(program, "/app/program", copied=True), Mount(truth, "/app/input/ref")]
    tree.lay_out(Command(("x",), "/app/program", Root((), ()), mounts, Limits()))
    real, copy = tmp_path / "tree/app", Path(tree.real_path("/app/program"))
    assert (copy / "score.py").read_text() == f"open('{real}/input/ref/a'); listdir('{real}/input')\n"
    assert (copy / "data.bin").read_bytes() == b"\xff/app/input"
    assert "'/app/input'" in (program / "score.py").read_text()


def test_what_lies_inside_a_mount_does_not_end_up_in_its_source(tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer", tmp_path / "inner"
    for folder in (outer, inner, tmp_path / "tree"):
        folder.mkdir()
    (outer / "kept").write_text("outer")
    (inner / "file").write_text("inner")
    tree = Tree(tmp_path / "tree")
    mounts = [Mount(inner, "/app/input/inner"), Mount(outer, "/app/input")]
    tree.lay_out(Command(("x",), "/tmp", Root((), ()), mounts, Limits()))
    assert Path(tree.real_path("/app/input/inner/file")).read_text() == "inner"
    assert Path(tree.real_path("/app/input/kept")).read_text() == "outer"
    assert [path.name for path in outer.iterdir()] == ["kept"]
