"""What a large reference data set costs the first run that reads it on a worker, and every further one.

A set of 1 GB that does not shrink, behind a link of a server on this machine: fetched, unpacked and opened as a run
does it, then again.

    python bench/large_inputs.py [--bytes N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import threading
import time
import zipfile
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from podium.worker.execute.unpacked import UnpackedCache, sha256_of
from podium.worker.transport.client import ServerClient
from podium.worker.transport.inputs import fetched_inputs
from podium.worker.transport.orders import RunOrder, read_order

FURTHER_RUNS = 20
CHUNK_BYTES = 16 << 20


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--bytes", type=int, default=10**9)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    figures = measure(chosen.bytes)
    print(json.dumps(figures) if chosen.json else table(figures))


def measure(size_bytes: int) -> dict[str, object]:
    """All figures; times in seconds."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name:
        folder = Path(name)
        sha256 = write_set(folder, size_bytes)
        handler = partial(Quiet, directory=str(folder))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}"
            order = read_order(content(f"{url}/blobs/{sha256}/set.zip"))
            cache = UnpackedCache(folder / "unpacked")
            with ServerClient(url, "token") as client:
                first = fetched(client, order, cache, folder / "first", size_bytes)
                further = [
                    fetched(client, order, cache, folder / str(number), size_bytes) for number in range(FURTHER_RUNS)
                ]
            server.shutdown()
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
        "bytes": size_bytes,
        "first_s": first,
        "further_median_s": statistics.median(further),
        "further_longest_s": max(further),
    }


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def write_set(folder: Path, size_bytes: int) -> str:
    """A zip of one file of random bytes, where its link leads to. Returns its hash."""
    archive = folder / "set.zip"
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open("truth.bin", "w", force_zip64=True) as member,
    ):
        for start in range(0, size_bytes, CHUNK_BYTES):
            member.write(os.urandom(min(CHUNK_BYTES, size_bytes - start)))
    sha256 = sha256_of(archive)
    place = folder / "blobs" / sha256
    place.mkdir(parents=True)
    archive.rename(place / "set.zip")
    return sha256


def content(link: str) -> dict[str, object]:
    """The order of a scoring run that reads what is behind the link, as the server writes it."""
    return {
        "id": 1,
        "user_pk": 1,
        "secret": "s",
        "is_scoring": True,
        "docker_image": "podium/plain",
        "execution_time_limit": 60,
        "ingestion_only_during_scoring": False,
        "reference_data": link,
        "prediction_result": link,
    }


def fetched(client: ServerClient, order: RunOrder, cache: UnpackedCache, work: Path, size_bytes: int) -> float:
    """Seconds until the inputs of a run lie ready."""
    work.mkdir()
    begun = time.perf_counter()
    with fetched_inputs(client, order, cache, work, threading.Event()) as inputs:
        took = time.perf_counter() - begun
        assert (inputs["reference_data"] / "truth.bin").stat().st_size == size_bytes
    return took


def table(figures: dict[str, object]) -> str:
    return "\n".join(
        [
            f"{figures['machine']}, {figures['date']}, {figures['bytes']} bytes",
            f"first run           {figures['first_s']:10.4f} s",
            (
                f"every further run   {figures['further_median_s']:10.4f} s (median of {FURTHER_RUNS}), "
                f"{figures['further_longest_s']:.4f} s at most"
            ),
        ]
    )


if __name__ == "__main__":
    main()
