"""What a site says before it serves."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from podium.launch.site import Site, SiteOptions
from podium.rules.errors import UserError


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port}") as raised:
            Site(SiteOptions(tmp_path, port=port))
    assert "--port" in raised.value.hint


def test_a_free_port_is_chosen_and_stands_in_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PODIUM_URL", raising=False)
    site = Site(SiteOptions(tmp_path, port=0))
    try:
        assert site.port > 0
        assert site.url == f"http://127.0.0.1:{site.port}"
    finally:
        site._listener.close()


def refusal(tmp_path: Path) -> str:
    site = Site(SiteOptions(tmp_path, port=0))
    try:
        with pytest.raises(UserError) as raised:
            site.prepare()
    finally:
        site._listener.close()
    assert "Traceback" not in raised.value.message
    return raised.value.message


def test_a_database_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PODIUM_DATABASE_URL", f"postgresql://x:secret@127.0.0.1:{taken.getsockname()[1]}/podium")
        said = refusal(tmp_path)
    assert "The database does not answer" in said
    assert "secret" not in said


@pytest.mark.parametrize("address", ["mysql://x@127.0.0.1/podium", "nonsense://x", "postgresql://x:y@h:port/n"])
def test_an_address_that_names_no_database_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("PODIUM_DATABASE_URL", address)
    assert "PODIUM_DATABASE_URL does not name a database" in refusal(tmp_path)


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_MAX_UPLOAD_BYTES", "lots")
    assert "PODIUM_MAX_UPLOAD_BYTES" in refusal(tmp_path)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PODIUM_DATABASE_URL", raising=False)
    place = tmp_path / "file"
    place.touch()
    assert str(place) in refusal(place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert str(tmp_path) in refusal(tmp_path / "data")
