"""Imports on a site that runs: a small bundle again and again, and a large one beside the memory of every process."""

from __future__ import annotations

import statistics
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random

import psutil

from end_to_end import p90, packed, site
from podium.cli.local.templates import write_bundle
from podium.sdk.client import PodiumClient

_PART_BYTES = 1 << 20
_ROLES = {"podium.server.front": "web", "podium.server.duties": "jobs", "podium.worker": "worker", "up": "supervisor"}


def imports(folder: Path, small: Path | None, times: int, megabytes: int) -> dict[str, object]:
    """All figures; times in seconds, memory as the largest proportional set size of any one process of its kind."""
    bundle = small or packed(Path(__file__).parents[1] / "examples" / "hello", folder / "hello.zip")
    with site(folder / "data") as (url, supervisor, token), PodiumClient(url, token) as client:
        client.import_bundle(bundle)  # the first one imports modules and fills caches
        took = [timed(lambda: client.import_bundle(bundle)) for _ in range(times)]
        figures: dict[str, object] = {
            "small_bundle": bundle.name,
            "small_bundle_bytes": bundle.stat().st_size,
            "imports": times,
            "import_median_s": statistics.median(took),
            "import_p90_s": p90(took),
        }
        if megabytes:
            figures |= large_import(client, large_bundle(folder, megabytes), supervisor)
    return figures


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def large_bundle(folder: Path, megabytes: int) -> Path:
    """A working bundle of that size: half of it a zip that is stored as it is, half a folder that is packed on the way;
    neither shrinks."""
    source = folder / "large"
    write_bundle(source, "results", "Large", date(2026, 1, 1))
    chance = Random(7)
    half = megabytes * 1_000_000 // 2
    with (
        zipfile.ZipFile(source / "input.zip", "w", zipfile.ZIP_STORED) as archive,
        archive.open("noise.bin", "w") as file,
    ):
        for part in noise(chance, half):
            file.write(part)
    with (source / "reference_data" / "noise.bin").open("wb") as file:
        for part in noise(chance, half):
            file.write(part)
    description = source / "competition.yaml"
    text = description.read_text(encoding="utf-8")
    before, key, after = text.partition("    reference_data:")
    description.write_text(f"{before}    input_data: input.zip\n{key}{after}", encoding="utf-8")
    return packed(source, folder / "large.zip")


def noise(chance: Random, size: int) -> Iterator[bytes]:
    for start in range(0, size, _PART_BYTES):
        yield chance.randbytes(min(_PART_BYTES, size - start))


def large_import(client: PodiumClient, bundle: Path, supervisor: int) -> dict[str, object]:
    told: list[tuple[str, int, int]] = []
    with peaks(supervisor) as found:
        started = time.perf_counter()
        moments: dict[str, float] = {}

        def tell(step: str, done: int, total: int, _: str) -> None:
            moments.setdefault(step, time.perf_counter())
            told.append((step, done, total))

        client.import_bundle(bundle, tell=tell)
        ended = time.perf_counter()
    seen = sorted({done for step, done, total in told if step == "import" and 0 < done < total})
    if not seen:
        raise SystemExit("No progress of the large import was seen.")
    return {
        "large_bundle_bytes": bundle.stat().st_size,
        "large_upload_s": moments["import"] - started,
        "large_import_s": ended - moments["import"],
        "large_progress_steps": len(seen),
        **{f"large_peak_{role}_bytes": peak for role, peak in sorted(found.items())},
    }


@contextmanager
def peaks(supervisor: int) -> Iterator[dict[str, int]]:
    """The largest proportional set size that any process of each kind had while the `with` block lasted."""
    found: dict[str, int] = {}
    ended = threading.Event()

    def look() -> None:
        root = psutil.Process(supervisor)
        while not ended.wait(0.05):
            for process in [root, *root.children(recursive=True)]:
                try:
                    role, size = role_of(process.cmdline()), process.memory_full_info().pss
                except psutil.Error:
                    continue
                found[role] = max(found.get(role, 0), size)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield found
    finally:
        ended.set()
        watching.join()


def role_of(command: list[str]) -> str:
    return next((role for word, role in _ROLES.items() if word in command), "keeper")
