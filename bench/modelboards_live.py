"""Model boards while they are open: from a result that a program sends to its row in a browser.

A whole site, the board of one dataset in Chromium, and results that are declared on it by the API one after the other.
Two times of each, in seconds: until the row is in the page from before the request was sent, and from its answer.

    python bench/modelboards_live.py [--models N] [--results N] [--json]
"""

from __future__ import annotations

import argparse
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
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, sync_playwright
from tests.running_site import RunningSite, running_site

NAME = "Measured"
PAUSE_MS = 300
PATIENCE_S = 20.0
# Notes when the row of each model that comes is first there, by the clock of the machine.
NOTING = """() => {
  window.seen = {};
  const look = () => {
    for (const cell of document.querySelectorAll("#board tbody th")) {
      const name = cell.textContent.match(/new-\\d+/)?.[0];
      if (name && !(name in window.seen)) window.seen[name] = Date.now() / 1000;
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--models", type=int, default=200, help="how many the board has before")
    arguments.add_argument("--results", type=int, default=30, help="how many are sent")
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    figures = measure(chosen.models, chosen.results)
    print(json.dumps(figures) if chosen.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def measure(models: int, results: int) -> dict[str, Any]:
    """All figures; times in seconds."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with running_site(Path(name) / "data") as site, _program(site) as program:
            sent = [{"model": f"model-{number}", "score": number / models} for number in range(models)]
            body = {"name": NAME, "task_type": "text_classification", "models": sent}
            program.post("/api/leaderboard/add_dataset", json=body).raise_for_status()
            page = browser.new_page()
            page.goto(f"{site.url}/leaderboard/{NAME.lower()}/")
            page.evaluate(NOTING)
            from_request, from_answer = _delays(program, page, results)
        browser.close()
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "models": models,
        "results": results,
        "request_to_row_median_s": round(statistics.median(from_request), 3),
        "request_to_row_p90_s": round(_p90(from_request), 3),
        "answer_to_row_median_s": round(statistics.median(from_answer), 3),
        "answer_to_row_p90_s": round(_p90(from_answer), 3),
    }


def _program(site: RunningSite) -> httpx.Client:
    return httpx.Client(base_url=site.url, headers={"X-API-Key": site.token_of("otto")}, timeout=60)


def _delays(program: httpx.Client, page: Page, results: int) -> tuple[list[float], list[float]]:
    from_request, from_answer = [], []
    for number in range(results):
        model = f"new-{number}"
        body = {"dataset_name": NAME, "model": model, "score": (number + 0.5) / results}
        began = time.time()
        program.post("/api/leaderboard/add_model", json=body).raise_for_status()
        answered = time.time()
        deadline = answered + PATIENCE_S
        while (seen := page.evaluate("(name) => window.seen[name] ?? 0", model)) == 0:
            if time.time() > deadline:
                raise TimeoutError(f"the row of {model} did not appear")
            page.wait_for_timeout(20)
        from_request.append(seen - began)
        from_answer.append(seen - answered)
        page.wait_for_timeout(PAUSE_MS)
    return from_request, from_answer


def _p90(delays: list[float]) -> float:
    return statistics.quantiles(delays, n=10)[-1]


if __name__ == "__main__":
    main()
