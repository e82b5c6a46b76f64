"""From the POST of a result submission to its rank on the board, beside the bare time of the scoring program.

A whole site (`podium up`) in an empty folder, one small competition, one submission after another. Also prints the
memory of the idle site: the proportional set size of all its processes.

    python bench/end_to_end.py [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from podium.blobs.archives import pack_folder
from podium.runtimes import ensure
from podium.sdk.client import PodiumClient

SCORER = """\
import json, pathlib
truth = pathlib.Path("/app/input/ref/truth.txt").read_text().split()
answer = pathlib.Path("/app/input/res/answer.txt").read_text().split()
right = sum(one == other for one, other in zip(truth, answer))
pathlib.Path("/app/output/scores.json").write_text(json.dumps({"accuracy": right / len(truth)}))
"""

COMPETITION = """\
version: 2
title: Bench
image: logo.png
terms: terms.md
docker_image: podium/science
registration_auto_approve: true
pages: []
tasks:
  - {index: 0, name: Task, scoring_program: scoring_program, reference_data: reference_data}
phases:
  - {index: 0, name: Only, start: 2025-01-01, max_submissions: 0, max_submissions_per_day: 0, tasks: [0]}
leaderboards:
  - title: Results
    key: results
    submission_rule: Force_Last
    columns: [{index: 0, key: accuracy, title: Accuracy}]
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=25)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    figures = measure(chosen.runs)
    print(json.dumps(figures) if chosen.json else table(figures))


def measure(runs: int) -> dict[str, object]:
    """All figures; times in seconds."""
    ensure("science", lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name:
        folder = Path(name)
        bundle, submission = write_bundle(folder), write_submission(folder)
        bare = [bare_run(folder) for _ in range(runs)]
        with site(folder / "data") as (url, supervisor, token):
            idle_bytes = memory(supervisor)
            with PodiumClient(url, token) as client:
                competition = client.import_bundle(bundle, publish=True)
                phase = client.competition(competition.id).phases[0].id
                post_to_rank(client, url, token, phase, submission)  # the first one fills caches
                total = [post_to_rank(client, url, token, phase, submission) for _ in range(runs)]
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
        "runs": runs,
        **spread("bare", bare),
        **spread("total", total),
        "overhead_median_s": statistics.median(total) - statistics.median(bare),
        "overhead_p90_s": p90(total) - statistics.median(bare),
        "idle_pss_bytes": idle_bytes,
        "idle_pss_mb": round(idle_bytes / 1e6, 1),
    }


def write_bundle(folder: Path) -> Path:
    source = folder / "bundle"
    for name in ("scoring_program", "reference_data"):
        (source / name).mkdir(parents=True)
    (source / "competition.yaml").write_text(COMPETITION)
    (source / "terms.md").write_text("None.")
    shutil.copy(Path(__file__).parents[1] / "examples/hello/logo.png", source / "logo.png")
    (source / "scoring_program/score.py").write_text(SCORER)
    (source / "scoring_program/metadata.yaml").write_text("command: python3 /app/program/score.py")
    (source / "reference_data/truth.txt").write_text("a b c d")
    return packed(source, folder / "bundle.zip")


def write_submission(folder: Path) -> Path:
    source = folder / "submission"
    source.mkdir()
    (source / "answer.txt").write_text("a b c x")
    return packed(source, folder / "submission.zip")


def packed(source: Path, archive: Path) -> Path:
    with archive.open("wb") as file:
        pack_folder(source, file)
    return archive


def bare_run(folder: Path) -> float:
    """Seconds that the scoring program takes with nothing around it."""
    runtime = ensure("science")
    program = folder / "bundle/scoring_program/score.py"
    bare = folder / "bare.py"
    output = folder / "bare-output"
    output.mkdir(exist_ok=True)
    text = program.read_text().replace("/app/input/ref", str(folder / "bundle/reference_data"))
    text = text.replace("/app/input/res", str(folder / "submission")).replace("/app/output", str(output))
    bare.write_text(text)
    started = time.perf_counter()
    subprocess.run([str(runtime.interpreter), str(bare)], check=True)
    return time.perf_counter() - started


def post_to_rank(client: PodiumClient, url: str, token: str, phase: int, archive: Path) -> float:
    """Seconds from the POST of a submission, whose file is there already, until the board shows it."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}) as http:
        size = archive.stat().st_size
        announced = {"type": "submission", "request_sassy_file_name": archive.name, "file_size": size}
        made = http.post("/api/datasets/", json=announced).raise_for_status().json()
        link = httpx.URL(url).join(made["sassy_url"])
        http.put(link, content=archive.read_bytes()).raise_for_status()
        started = time.perf_counter()
        sent = http.post("/api/submissions/", json={"phase": phase, "data": made["key"]}).raise_for_status().json()
        while True:
            board = http.get(f"/api/phases/{phase}/get_leaderboard/").raise_for_status().json()
            if any(row["id"] == sent["id"] for row in board["submissions"]):
                return time.perf_counter() - started
            if client.submission(sent["id"]).status == "Failed":
                raise SystemExit(f"The submission failed: {client.submission(sent['id'])}")


@contextmanager
def site(data: Path, *options: str) -> Iterator[tuple[str, int, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    podium = [sys.executable, "-m", "podium"]
    process = subprocess.Popen(
        [*podium, "up", "--data", str(data), "--port", str(port), *options], start_new_session=True, stdout=sys.stderr
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(url, process)
        environment = {**os.environ, "PODIUM_DATA": str(data), "PODIUM_USER_PASSWORD": "correct horse battery"}
        subprocess.run(
            [*podium, "user", "create", "bench", "bench@example.org", "--admin"],
            env=environment,
            check=True,
            stdout=sys.stderr,
        )
        made = subprocess.run(
            [*podium, "token", "create", "bench"], env=environment, check=True, capture_output=True, text=True
        )
        yield url, process.pid, made.stdout.strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            if httpx.get(f"{url}/health").is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise SystemExit("The site did not start.")


def memory(supervisor: int) -> int:
    """Proportional set size of the supervisor and all below it, in bytes, once every process has settled."""
    root = psutil.Process(supervisor)
    last, now = 0, pss(root)
    while abs(now - last) > 1_000_000:
        time.sleep(2)
        last, now = now, pss(root)
    return now


def pss(root: psutil.Process) -> int:
    return sum(process.memory_full_info().pss for process in [root, *root.children(recursive=True)])


def spread(name: str, times: list[float]) -> dict[str, float]:
    return {f"{name}_median_s": statistics.median(times), f"{name}_p90_s": p90(times)}


def p90(times: list[float]) -> float:
    return statistics.quantiles(times, n=10)[-1]


def table(figures: dict[str, object]) -> str:
    rows = [f"{figures['machine']}, {figures['date']}, {figures['runs']} runs", f"{'':12}{'median':>10}{'p90':>10}"]
    for name in ("bare", "total", "overhead"):
        median, high = figures[f"{name}_median_s"], figures[f"{name}_p90_s"]
        rows.append(f"{name:12}{median:>8.3f} s{high:>8.3f} s")
    rows.append(f"idle memory of the site (PSS): {figures['idle_pss_mb']} MB")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
