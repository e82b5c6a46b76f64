"""`podium init`: what it writes, without running it."""

from __future__ import annotations

import struct
import zlib
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from podium.blobs.archives import open_source
from podium.cli.local.lint import lint_path
from podium.cli.local.templates import KINDS, title_of, write_bundle
from podium.cli.main import app
from podium.rules.bundle import read_bundle
from podium.rules.bundle.expectations import read_expectation
from podium.rules.bundle.logo import draw_logo
from podium.rules.errors import UserError

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_bundle_without_a_problem_or_a_note(kind: str, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", kind, "Mine", TODAY)
    assert lint_path(tmp_path / "b").problems == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_solution_whose_scores_are_expected(kind: str, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", kind, "Mine", TODAY)
    with open_source(tmp_path / "b") as source:
        spec = read_bundle(source).require()
    assert all(read_expectation(solution) for solution in spec.solutions)
    assert spec.solutions


@pytest.mark.parametrize("title", ["Mine", 'A "quoted": title # really', "Größe – 数", "- no: list", "{{start}}"])
def test_the_title_is_what_was_said_whatever_is_in_it(title: str, tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", "results", title, TODAY)
    with open_source(tmp_path / "b") as source:
        spec = read_bundle(source).require()
    assert spec.title == title
    assert spec.phases[0].start.date() == TODAY


@pytest.mark.parametrize("title", ["", "  ", "a\nb", "x" * 257])
def test_a_title_that_cannot_be_one_is_refused(title: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        write_bundle(tmp_path / "b", "results", title, TODAY)
    assert refused.value.code == "title-invalid"
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("name", "title"), [("my-first_task", "My first task"), ("Iris", "Iris"), ("a  b", "A b"), ("ümlaut", "Ümlaut")]
)
def test_a_title_is_made_of_the_folders_name(name: str, title: str) -> None:
    assert title_of(name) == title


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(UserError) as refused:
        write_bundle(tmp_path, "results", "Mine", TODAY)
    assert refused.value.code == "folder-not-empty"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_the_command_makes_the_folder_and_says_what_next(tmp_path: Path) -> None:
    folder = tmp_path / "two-words"
    ended = CliRunner().invoke(app, ["init", str(folder), "--kind", "code"])
    assert ended.exit_code == 0
    assert f"podium test {folder}" in ended.stdout
    assert (folder / "ingestion_program" / "ingest.py").is_file()
    assert 'title: "Two words"' in (folder / "competition.yaml").read_text()


def test_the_logo_is_a_png_whose_parts_are_whole() -> None:
    # The PNG specification, section 5: signature; then length, name, content and CRC of each chunk.
    picture = draw_logo()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, {}
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        name, content = picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        assert zlib.crc32(name + content) == struct.unpack(">I", picture[place + 8 + length : place + 12 + length])[0]
        chunks[name] = content
        place += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    # One byte for the filter of each row.
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (width + 1)
