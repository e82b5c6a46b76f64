"""Fetching what a run reads: unpacked, each content once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tests.small_bundles import zipped
from tests.tiny_server import Asked, Told, tiny_server
from tests.unit.worker.transport.test_orders import SCORING

from podium.rules.errors import ArchiveError
from podium.worker.execute.unpacked import UnpackedCache
from podium.worker.transport.client import ServerClient
from podium.worker.transport.inputs import fetched_inputs
from podium.worker.transport.orders import read_order

SCORER = zipped({"score.py": "print(1)"})
DIGEST = hashlib.sha256(SCORER).hexdigest()


def fetch(
    tmp_path: Path, links: dict[str, str], content: bytes, runs: int = 1
) -> tuple[dict[str, dict[str, str]], int]:
    """(what lay in each input's folder in the last run, how many requests the server saw)."""
    seen: dict[str, dict[str, str]] = {}
    cache = UnpackedCache(tmp_path / "unpacked")

    def answer(asked: Asked) -> Told:
        return Told(200, content)

    with tiny_server(answer) as server, ServerClient(server.url, "t") as client:
        order = replace(
            read_order(SCORING), inputs={name: f"{server.url}{path}?signature=x" for name, path in links.items()}
        )
        for number in range(runs):
            work = tmp_path / f"work-{number}"
            work.mkdir()
            with fetched_inputs(client, order, cache, work, Event(), lambda name, file: None) as folders:
                seen = {
                    name: {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*")}
                    for name, folder in folders.items()
                }
        return seen, len(server.asked)


def test_a_zip_is_unpacked(tmp_path: Path) -> None:
    seen, _ = fetch(tmp_path, {"program_data": "/files/scorer.zip"}, SCORER)
    assert seen == {"program_data": {"score.py": "print(1)"}}


def test_content_that_its_link_names_is_fetched_once_for_all_runs(tmp_path: Path) -> None:
    links = {"program_data": f"/blobs/{DIGEST}/a.zip", "input_data": f"/blobs/{DIGEST}/b.zip"}
    seen, requests = fetch(tmp_path, links, SCORER, runs=3)
    assert seen["program_data"] == seen["input_data"] == {"score.py": "print(1)"}
    assert requests == 1


def test_a_plain_file_is_seen_as_a_folder_that_holds_it(tmp_path: Path) -> None:
    seen, _ = fetch(tmp_path, {"reference_data": "/files/the%20truth.csv"}, b"1,2\n")
    assert seen == {"reference_data": {"the truth.csv": "1,2\n"}}


@pytest.mark.parametrize("name", ["%2E%2E", "%2E", "..%2F..%2Ftruth.csv", "%2Ftmp%2Ftruth.csv"])
def test_a_plain_file_never_lands_beside_its_folder(tmp_path: Path, name: str) -> None:
    seen, _ = fetch(tmp_path, {"reference_data": f"/files/{name}"}, b"1,2\n")
    assert list(seen["reference_data"].values()) == ["1,2\n"]


def test_an_archive_that_is_unsafe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"\.\./outside"):
        fetch(tmp_path, {"program_data": "/files/x.zip"}, zipped({"../outside": "x"}))
    assert not (tmp_path / "outside").exists()
