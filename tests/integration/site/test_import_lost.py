"""The jobs process of a running site is ended in the middle of an import; the competition is there once."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.running_site import RunningSite, eventually
from tests.small_bundles import files_of, small_bundle, write_zip

JOBS = "podium.server.duties"
# Packing takes over a second for it on any machine, since noise does not shrink.
NOISE_BYTES = 120_000_000


class Importer:
    """Somebody who sends a large bundle over HTTP and asks how its import stands."""

    def __init__(self, site: RunningSite) -> None:
        self.http = httpx.Client(
            base_url=site.url, headers={"Authorization": f"Token {site.token_of('olga')}"}, timeout=60
        )
        self.number = 0

    def send(self, bundle: Path) -> None:
        """Send it, and see that it is being stored."""
        wanted = {"type": "competition_bundle", "request_sassy_file_name": "a.zip", "file_size": bundle.stat().st_size}
        made = self.http.post("/api/datasets/", json=wanted).raise_for_status().json()
        self.http.put(made["sassy_url"], content=bundle.read_bytes()).raise_for_status()
        answer = self.http.put(f"/api/datasets/completed/{made['key']}/", json={"publish": True})
        self.number = answer.raise_for_status().json()["status_id"]
        eventually(lambda: 0 < self.status()["progress"]["done"] < self.status()["progress"]["total"], "it is stored")

    def status(self) -> dict[str, Any]:
        """How the import stands."""
        answer = self.http.get(f"/api/competitions/{self.number}/creation_status/").raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def made(self) -> list[int]:
        """The competitions of this person, once the import has ended."""
        eventually(lambda: self.status()["status"] != "Starting", "the import ends")
        assert self.status()["status"] == "Finished", self.status()
        found = self.http.get("/api/competitions/", params={"mine": "true"}).raise_for_status().json()
        return [each["id"] for each in found]


@pytest.fixture
def importer(own_site: RunningSite) -> Iterator[Importer]:
    """Somebody with an account on a site of this test's own."""
    found = Importer(own_site)
    with found.http:
        yield found


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle whose reference data take a while to pack."""
    tree = small_bundle(tmp_path / "bundle")
    (tree / "reference-0" / "noise.bin").write_bytes(os.urandom(NOISE_BYTES))
    return write_zip(tmp_path / "bundle.zip", files_of(tree))


def test_an_import_whose_process_is_killed_is_done_again_and_once(
    own_site: RunningSite, importer: Importer, bundle: Path
) -> None:
    importer.send(bundle)
    (jobs,) = own_site.processes(JOBS)

    jobs.kill()

    assert importer.status()["status"] == "Starting"
    assert importer.made() == [importer.status()["resulting_competition"]]
    (successor,) = own_site.processes(JOBS)
    assert successor.pid != jobs.pid
    assert attempts(own_site) == (2, 0)
    assert sorted(each["type"] for each in data_sets(importer)) == [
        "competition_bundle",
        "reference_data",
        "scoring_program",
    ]


def test_an_import_whose_process_is_asked_to_end_goes_on_at_once(
    own_site: RunningSite, importer: Importer, bundle: Path
) -> None:
    importer.send(bundle)
    (jobs,) = own_site.processes(JOBS)

    jobs.send_signal(signal.SIGTERM)

    jobs.wait(10)
    assert len(importer.made()) == 1
    # It was given back, which does not count.
    assert attempts(own_site) == (2, 1)
    assert len(data_sets(importer)) == 3


def data_sets(importer: Importer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = importer.http.get("/api/datasets/").raise_for_status().json()["results"]
    return found


def attempts(site: RunningSite) -> tuple[int, int]:
    """How often the one job of a site was begun, and how many of these times do not count."""
    (file,) = site.data.glob("*.sqlite3")
    with closing(sqlite3.connect(file)) as database:
        begun, excused = database.execute("SELECT attempts, excused FROM internal_jobs_internaljob").fetchone()
    return begun, excused
