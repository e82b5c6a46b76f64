"""`podium pack`: the zip of a bundle."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest
from tests.small_bundles import small_bundle
from typer.testing import CliRunner, Result

from podium.cli.main import app


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return small_bundle(tmp_path / "mine")


def pack(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["pack", *map(str, arguments)])


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_same_content_gives_the_same_bytes_whatever_its_dates(bundle: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    assert pack(bundle, "-o", first).exit_code == 0
    for path in bundle.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700)
    assert pack(bundle, "-o", second).exit_code == 0
    assert first.read_bytes() == second.read_bytes()


def test_it_says_what_it_wrote_and_lies_in_the_current_folder(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = pack("mine")
    content = (tmp_path / "mine.zip").read_bytes()
    assert ended.stdout == f"mine.zip  {len(content)} bytes  sha256 {hashlib.sha256(content).hexdigest()}\n"
    assert "competition.yaml" in names(tmp_path / "mine.zip")


def test_clutter_and_the_zip_itself_stay_outside(bundle: Path) -> None:
    for clutter in (".git/config", "scoring/__pycache__/score.pyc", ".venv/x", "x.pyc", "a/.ipynb_checkpoints/n"):
        path = bundle / clutter
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("clutter")
    (bundle / ".venv" / "python").symlink_to("/usr/bin/env")
    target = bundle / "out.zip"
    for _ in range(2):
        ended = pack(bundle, "-o", target)
        assert ended.exit_code == 0, ended.stderr
        packed = names(target)
        assert {"competition.yaml", "scoring/score.py"} <= packed
        assert not [name for name in packed if "git" in name or "pyc" in name or "venv" in name or "ipynb" in name]
        assert "out.zip" not in packed


def test_a_bundle_one_folder_deeper_is_packed_from_its_own_folder(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    bundle.rename(tmp_path / "outer" / "inner")
    target = tmp_path / "b.zip"
    assert pack(tmp_path / "outer", "-o", target).exit_code == 0
    assert "competition.yaml" in names(target)


def test_a_bundle_with_errors_is_packed_only_by_force(bundle: Path, tmp_path: Path) -> None:
    (bundle / "terms.md").unlink()
    target = tmp_path / "b.zip"
    ended = pack(bundle, "-o", target)
    assert (ended.exit_code, target.exists()) == (1, False)
    assert "file-missing" in ended.stderr
    assert pack(bundle, "-o", target, "--force").exit_code == 0
    assert "scoring/score.py" in names(target)


def test_a_link_that_leaves_the_bundle_leaves_no_half_zip(bundle: Path, tmp_path: Path) -> None:
    (bundle / "outside").symlink_to("/etc")
    target = tmp_path / "out" / "b.zip"
    target.parent.mkdir()
    ended = pack(bundle, "-o", target)
    assert getattr(ended.exception, "code", None) == "archive-link"
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(("what", "code"), [("mine/logo.png", "not-a-folder"), ("gone", "not-a-folder")])
def test_only_folders_are_packed(bundle: Path, tmp_path: Path, what: str, code: str) -> None:
    assert getattr(pack(tmp_path / what).exception, "code", None) == code


def test_the_place_of_the_zip_must_exist(bundle: Path, tmp_path: Path) -> None:
    ended = pack(bundle, "-o", tmp_path / "gone" / "b.zip")
    assert getattr(ended.exception, "code", None) == "no-such-folder"
