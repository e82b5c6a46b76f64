"""`podium export`: where it saves what the site sends."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.tiny_server import Asked, Told, tiny_server, told
from typer.testing import CliRunner

from podium.cli.main import app

BUNDLE = b"PK and so on"
MADE = {
    "name": "T Dump #1",
    "file_name": "../t.zip",
    "sha256": hashlib.sha256(BUNDLE).hexdigest(),
    "size": len(BUNDLE),
    "url": "/blobs/1",
}


def site(asked: Asked) -> Told:
    return Told(200, BUNDLE) if asked.path.startswith("/blobs/") else told(MADE, 201)


@pytest.mark.parametrize(("arguments", "saved"), [((), "t.zip"), (("-o", "mine.zip"), "mine.zip")])
def test_the_bundle_is_saved_here_or_where_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], saved: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with tiny_server(site) as server:
        ended = CliRunner().invoke(app, ["export", "7", "--server", server.url, "--token", "t", *arguments])
    assert (ended.exit_code, ended.stdout) == (0, f"{saved} (12 bytes)\n")
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == [f"here/{saved}"]


@pytest.mark.parametrize("arguments", [[], ["--keys"]])
def test_files_are_left_out_only_if_that_is_wished(tmp_path: Path, arguments: list[str]) -> None:
    target = str(tmp_path / "t.zip")
    with tiny_server(site) as server:
        CliRunner().invoke(app, ["export", "7", "-o", target, "--server", server.url, "--token", "t", *arguments])
    assert server.asked[0].json == {"keys_instead_of_files": bool(arguments)}
