"""Runtimes are built once, whole or not at all, and are what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from podium.rules.errors import UserError
from podium.runtimes import build, built, ensure
from podium.runtimes.interpreters import find_interpreter
from podium.runtimes.runtime import PACKAGES_INSIDE, PYTHON_INSIDE


def test_a_runtime_is_built_on_first_need_and_then_only_found(tmp_path: Path) -> None:
    lines: list[str] = []
    assert built("plain", where=tmp_path) is None
    first = ensure("plain", lines.append, where=tmp_path)
    assert "plain" in lines[0]
    assert len(lines) == 2
    assert ensure("plain", lines.append, where=tmp_path) == first == built("plain", where=tmp_path)
    assert len(lines) == 2


def test_two_processes_at_once_build_it_once(tmp_path: Path) -> None:
    program = "import sys; from podium.runtimes import ensure; print(ensure('plain', print).folder)"
    environment = {**os.environ, "PODIUM_RUNTIMES": str(tmp_path)}
    processes = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum("Built the runtime" in output for output in outputs) == 1
    assert len({output.splitlines()[-1] for output in outputs}) == 1
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(".")] == [
        Path(outputs[0].splitlines()[-1]).name
    ]


def test_what_a_killed_build_left_behind_does_not_stay(tmp_path: Path) -> None:
    finished = ensure("plain", where=tmp_path / "other")
    draft = tmp_path / f".{finished.folder.name}.draft"
    (draft / "bin").mkdir(parents=True)
    (draft / "bin" / "python").write_text("half")
    runtime = ensure("plain", where=tmp_path)
    assert not draft.exists()
    assert (runtime.folder / "bin" / "python").is_symlink()


def test_python_inside_is_the_runtimes_interpreter(tmp_path: Path) -> None:
    runtime = ensure("plain", where=tmp_path)
    assert runtime.path[0] == f"{PACKAGES_INSIDE}/bin"
    assert (runtime.folder, PACKAGES_INSIDE) in runtime.binds
    target = (runtime.folder / "bin" / "python").readlink()
    if runtime.prefix.is_relative_to("/usr"):
        assert target == runtime.interpreter
    else:
        assert (runtime.prefix, PYTHON_INSIDE) in runtime.binds
        assert runtime.prefix / target.relative_to(PYTHON_INSIDE) == runtime.interpreter
    assert f"home = {target.parent}" in (runtime.folder / "pyvenv.cfg").read_text().splitlines()
    for name in ("python3", f"python3.{runtime.python_version.split('.')[1]}"):
        assert (runtime.folder / "bin" / name).readlink() == Path("python")


def test_other_users_can_read_a_runtime_built_under_a_strict_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        runtime = ensure("plain", where=tmp_path)
    finally:
        os.umask(before)
    shut = [path for path in runtime.folder.rglob("*") if not path.is_symlink() and not path.stat().st_mode & 0o004]
    assert shut == []
    assert runtime.folder.stat().st_mode & 0o005 == 0o005


def test_a_list_that_cannot_be_installed_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    wishes = tmp_path / "broken.txt"
    wishes.write_text(f"{tmp_path}/no-such-package-1.0-py3-none-any.whl\n")
    with pytest.raises(UserError) as refused:
        ensure(str(wishes), where=tmp_path / "runtimes")
    assert refused.value.code == "runtime-unavailable"
    assert "no-such-package" in refused.value.message
    assert "podium runtime build" in refused.value.hint
    assert [entry for entry in (tmp_path / "runtimes").iterdir() if entry.is_dir()] == []


def test_a_missing_interpreter_names_the_line_that_installs_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "find_interpreter", lambda minors: None)
    with pytest.raises(UserError, match=r"3\.11") as refused:
        ensure("legacy-science", where=tmp_path)
    assert refused.value.code == "runtime-unavailable"
    assert refused.value.hint.endswith("uv python install 3.11")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="PODIUM_RUNTIMES") as refused:
        ensure("plain", where=tmp_path / "file" / "runtimes")
    assert refused.value.code == "runtime-unavailable"


def test_the_interpreter_podium_runs_on_is_preferred_and_no_other_version_is_taken() -> None:
    found = find_interpreter((11, 12, 13))
    assert found is not None
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.prefix == Path(sys.base_prefix).resolve()
    assert find_interpreter((2,)) is None
