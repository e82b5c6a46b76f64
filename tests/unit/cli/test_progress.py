"""How far an import is, as the command tells it."""

from __future__ import annotations

import pytest

from podium.cli import progress
from podium.cli.progress import telling


def test_elsewhere_than_in_a_terminal_lines_are_written_to_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    with telling() as tell:
        tell("upload", 1_000_000, 4_000_000, "")
        tell("import", 2_500_000, 4_000_000, "Storing its files")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["Uploading: 1.0 of 4.0 MB", "Storing its files: 2.5 of 4.0 MB"]


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with telling() as tell:
        tell("upload", 1, 2, "")
        tell("import", 1, 2, "")
    assert capsys.readouterr() == ("", "")


def test_who_asked_for_json_hears_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    with telling(quiet=True) as tell:
        tell("upload", 1, 2, "")
    assert capsys.readouterr() == ("", "")


def test_in_a_terminal_there_is_a_bar_that_goes_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with telling() as tell:
        tell("upload", 0, 4_000_000, "")
        tell("upload", 4_000_000, 4_000_000, "")
        tell("import", 2_000_000, 4_000_000, "Storing its files")
    said = capsys.readouterr()
    assert said.out == ""
    assert "Storing its files" in said.err
    assert "2.0/4.0 MB" in said.err
