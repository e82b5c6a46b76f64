"""Open pages: what they cost in memory, and how soon they hear of a commit.

A whole site, a board that many clients follow (Server-Sent Events), and events that are committed
to it. Latency is counted from before the commit to the arrival at each client, all in this process.
Then all clients fetch the part of the board that moves at once, as pages do that heard of a change.

On a site of two web processes and no worker: how soon what reaches one of them, a line of a log or
a state, is told to an open page of the other one.

With `--browser`: from what a program prints to the open page of a browser that shows it. The program
prints the time; the page notes when it sees it.

    python bench/live.py [--clients N] [--events N] [--browser] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import end_to_end
from bench.end_to_end import site, write_bundle, write_submission

from podium.sdk.client import PodiumClient

_TOLD = 40


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--clients", type=int, default=200)
    arguments.add_argument("--events", type=int, default=20)
    arguments.add_argument("--browser", action="store_true")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    figures = measure(chosen.clients, chosen.events) | across() | (printed() if chosen.browser else {})
    print(json.dumps(figures) if chosen.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def measure(clients: int, events: int) -> dict[str, object]:
    """All figures; times in seconds, sizes in bytes."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name:
        folder = Path(name)
        end_to_end.COMPETITION = end_to_end.COMPETITION.replace("Force_Last", "Add_And_Delete")
        bundle, submission = write_bundle(folder), write_submission(folder)
        with site(folder / "data") as (url, supervisor, token), PodiumClient(url, token) as client:
            competition = client.import_bundle(bundle, publish=True)
            phase = client.competition(competition.id).phases[0].id
            first = client.submit(phase, submission).id
            with httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}, timeout=60) as http:
                until_ended(http, first)
                return asyncio.run(
                    followed(url, web_memory(supervisor), supervisor, http, phase, first, clients, events)
                )


def until_ended(http: httpx.Client, submission: int) -> None:
    while not http.get(f"/api/submissions/{submission}/").raise_for_status().json()["ended"]:
        time.sleep(0.05)


async def followed(
    url: str,
    before_bytes: int,
    supervisor: int,
    http: httpx.Client,
    phase: int,
    submission: int,
    clients: int,
    events: int,
) -> dict[str, object]:
    """Open the pages, then put the submission on the board and take it off again, and see when each page hears it."""
    limits = httpx.Limits(max_connections=None)
    heard: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in range(clients)]
    opened = asyncio.Semaphore(0)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=httpx.Timeout(60, read=None)) as many:
        tasks = [asyncio.create_task(listen(many, phase, queue, opened)) for queue in heard]
        for _ in range(clients):
            await opened.acquire()
        await asyncio.sleep(1)
        after_bytes = web_memory(supervisor)
        delays: list[float] = []
        for number in range(events):
            method = "POST" if number % 2 == 0 else "DELETE"
            for queue in heard:
                while not queue.empty():
                    queue.get_nowait()
            began = time.perf_counter()
            answer = await asyncio.to_thread(
                http.request, method, f"/api/submissions/{submission}/submission_leaderboard_connection/"
            )
            answer.raise_for_status()
            delays += [await asyncio.wait_for(queue.get(), 10) - began for queue in heard]
            await asyncio.sleep(0.2)
        cpu_before_s = web_cpu_s(supervisor)
        fetches = await fetched_at_once(many, phase, clients, http)
        cpu_s = web_cpu_s(supervisor) - cpu_before_s
        for task in tasks:
            task.cancel()
    delays.sort()
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
        "clients": clients,
        "events": events,
        "web_pss_before_mb": round(before_bytes / 1e6, 1),
        "web_pss_after_mb": round(after_bytes / 1e6, 1),
        "more_mb": round((after_bytes - before_bytes) / 1e6, 1),
        "latency_median_s": round(statistics.median(delays), 4),
        "latency_p99_s": round(delays[int(len(delays) * 0.99) - 1], 4),
        "fetches_median_s": round(statistics.median(fetches), 4),
        "fetches_last_s": round(max(fetches), 4),
        "fetches_web_cpu_ms_each": round(1000 * cpu_s / clients, 2),
    }


async def fetched_at_once(many: httpx.AsyncClient, phase: int, clients: int, http: httpx.Client) -> list[float]:
    """How long after the first of them each of so many fetches of the same board is answered."""
    found = await asyncio.to_thread(http.get, "/api/competitions/")
    address = f"/competitions/{found.raise_for_status().json()[0]['id']}/results/{phase}/"

    async def fetched(began: float) -> float:
        answer = await many.get(address, headers={"HX-Request": "true"}, follow_redirects=True)
        answer.raise_for_status()
        return time.perf_counter() - began

    began = time.perf_counter()
    return list(await asyncio.gather(*(fetched(began) for _ in range(clients))))


def across() -> dict[str, object]:
    """From what a worker tells one web process to the arrival at a page of another: log lines, and states."""
    from tests.integration.live.conftest import quiet_site
    from tests.integration.live.streams import listening, socket_of
    from tests.integration.live.test_workers import claim, submit
    from websockets.sync.client import connect

    lines, states = [], []
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name, quiet_site(Path(name)) as quiet:
        submit(quiet, Path(name))
        with quiet.worker() as worker:
            order = claim(worker, 10).json()
        page = f"{quiet.far.url}/live/submissions/{order['id']}/"
        with listening(page, Authorization=f"Token {quiet.token}") as stream:
            with connect(socket_of(order, quiet.near.url)) as socket:
                for number in range(_TOLD):
                    began = time.monotonic()
                    socket.send(json.dumps({"kind": "program", "message": f"line {number}\n"}))
                    lines.append(stream.next("log").at - began)
            for number in range(_TOLD):
                began = time.monotonic()
                # As a worker of Codabench says where it runs; the page shows it.
                said = {"secret": order["secret"], "status": "Running", "status_details": f"scoring_hostname-m{number}"}
                httpx.patch(f"{quiet.near.url}/api/submissions/{order['id']}/", data=said).raise_for_status()
                states.append(stream.next("changed").at - began)
    return {
        "log_line_across_processes_median_s": round(statistics.median(lines), 4),
        "log_line_across_processes_last_s": round(max(lines), 4),
        "state_across_processes_median_s": round(statistics.median(states), 4),
        "state_across_processes_last_s": round(max(states), 4),
    }


TALKING = """
import json, sys, time
for _ in range(60):
    print("at", time.time(), flush=True)
    time.sleep(0.1)
json.dump({"accuracy": 1.0}, open(sys.argv[2] + "/scores.json", "w"))
"""
NOTING = """
() => {
  window.delays = [];
  const seen = new Set();
  const look = () => {
    const now = Date.now() / 1000;
    for (const log of document.querySelectorAll("pre[data-log]")) {
      for (const [line, at] of log.textContent.matchAll(/at (\\d+\\.\\d+)\\n/g)) {
        if (!seen.has(line)) { seen.add(line); window.delays.push(now - at); }
      }
    }
  };
  look();
  window.delays = [];
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""


def printed() -> dict[str, object]:
    """How long after a program printed a line an open page of a browser shows it."""
    from playwright.sync_api import sync_playwright
    from tests.running_site import PASSWORD, running_site
    from tests.small_bundles import result, scored_by

    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with running_site(folder / "data") as site, site.client_of("otto") as client:
            made = client.import_bundle(scored_by(folder, TALKING), publish=True)
            page = browser.new_page()
            page.goto(f"{site.url}/accounts/login/")
            page.get_by_label("Name or e-mail address").fill("otto")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("link", name="My work").first.wait_for()
            sent = client.submit(client.competition(made.id).phases[0].id, result(folder)).id
            page.goto(f"{site.url}/submissions/{sent}/")
            page.locator("pre[data-log]").first.wait_for()
            page.evaluate(NOTING)
            # The page's policy lets no condition be evaluated in it again and again.
            while page.evaluate("window.delays.length") < 30:
                page.wait_for_timeout(100)
            delays = sorted(page.evaluate("window.delays"))
        browser.close()
    return {
        "printed_lines": len(delays),
        "printed_to_page_median_s": round(statistics.median(delays), 4),
        "printed_to_page_p95_s": round(delays[int(len(delays) * 0.95) - 1], 4),
    }


async def listen(many: httpx.AsyncClient, phase: int, heard: asyncio.Queue[float], opened: asyncio.Semaphore) -> None:
    """Note when each word comes that the board has changed."""
    async with many.stream("GET", f"/live/phases/{phase}/results/") as answer:
        answer.raise_for_status()
        opened.release()
        async for line in answer.aiter_lines():
            if line == "event: changed":
                heard.put_nowait(time.perf_counter())


def web_memory(supervisor: int) -> int:
    """The proportional set size of the site's web processes."""
    return sum(web.memory_full_info().pss for web in webs_of(supervisor))


def web_cpu_s(supervisor: int) -> float:
    """The time of the processor that they have taken."""
    return sum(web.cpu_times().user + web.cpu_times().system for web in webs_of(supervisor))


def webs_of(supervisor: int) -> list[psutil.Process]:
    """The site's web processes."""
    return [
        child
        for child in psutil.Process(supervisor).children(recursive=True)
        if "podium.server.front" in " ".join(child.cmdline())
    ]


if __name__ == "__main__":
    main()
