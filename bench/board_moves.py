"""How soon a row moves on open pages after its score has changed: a whole site, and several pages of Chromium.

A score is changed by the API so that its row is first, and back again. Time is counted from before the request to the
moment at which the page marks the row as moved, and from the answer of the request, when the score is committed. Each
page notes it by its own clock, which is that of this machine.

    python bench/board_moves.py [--pages N] [--moves N] [--json]
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

from tests.running_site import RunningSite, running_site
from tests.small_bundles import result, scored_by

ROWS = 5
PROMISED_S = 0.3
_PATIENCE_S = 60
# The page's policy lets no condition be evaluated in it again and again, so it says it to whoever drives it.
_NOTING = """
() => new MutationObserver((changes) => {
  if (changes.some((each) => each.target.classList && each.target.classList.contains("moved"))) noteMove(Date.now());
}).observe(document.getElementById("board"), { subtree: true, attributes: true, attributeFilter: ["class"] })
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pages", type=int, default=3)
    arguments.add_argument("--moves", type=int, default=40)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    figures = measured(chosen.pages, chosen.moves)
    print(json.dumps(figures) if chosen.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def measured(pages: int, moves: int) -> dict[str, Any]:
    """All figures; times in seconds."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name:
        folder = Path(name)
        with running_site(folder / "data") as site:
            phase, competition, token = filled(site, folder)
            headers = {"Authorization": f"Token {token}"}
            with httpx.Client(base_url=site.url, headers=headers, timeout=_PATIENCE_S) as http:
                from_request, from_answer = moved(site, http, phase, competition, pages, moves)
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
        "load_1min": round(os.getloadavg()[0], 1),
        "pages": pages,
        "moves": moves,
        **_told("from_request", from_request),
        **_told("from_commit", from_answer),
        f"share_within_{PROMISED_S}_s": round(sum(each <= PROMISED_S for each in from_answer) / len(from_answer), 3),
    }


def filled(site: RunningSite, folder: Path) -> tuple[int, int, str]:
    """A phase with some rows on its board, its competition, and the token of its organizer."""
    token = site.token_of("otto")
    from podium.sdk.client import PodiumClient

    with PodiumClient(site.url, token) as client:
        made = client.import_bundle(scored_by(folder, rule="Force_Latest_Multiple"), publish=True)
        phase = client.competition(made.id).phases[0].id
        for number in range(ROWS):
            client.submit(phase, result(folder, f"0.{number + 1}"))
        until = time.monotonic() + _PATIENCE_S
        with httpx.Client(base_url=site.url, headers={"Authorization": f"Token {token}"}) as http:
            while len(board(http, phase)) < ROWS:
                if time.monotonic() > until:
                    raise RuntimeError("the submissions were not scored in time")
                time.sleep(0.2)
    return phase, made.id, token


def board(http: httpx.Client, phase: int) -> list[dict[str, Any]]:
    """The rows of the board, the best first."""
    rows: list[dict[str, Any]] = (
        http.get(f"/api/phases/{phase}/get_leaderboard/").raise_for_status().json()["submissions"]
    )
    return rows


def moved(
    site: RunningSite, http: httpx.Client, phase: int, competition: int, pages: int, moves: int
) -> tuple[list[float], list[float]]:
    """How long each page took for each move: from before the request, and from its answer."""
    from playwright.sync_api import sync_playwright

    last = board(http, phase)[-1]
    score = last["scores"][0]["id"]
    from_request: list[float] = []
    from_answer: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        noted: list[list[float]] = [[] for _ in range(pages)]
        opened = []
        for held in noted:
            page = browser.new_context().new_page()
            page.expose_function("noteMove", lambda at, held=held: held.append(at / 1000))
            page.goto(f"{site.url}/competitions/{competition}/results/{phase}/")
            page.locator(f'tr[data-key="{last["id"]}"]').wait_for()
            page.evaluate(_NOTING)
            opened.append(page)
        for number in range(moves):
            for held in noted:
                held.clear()
            value = (0.9 if number % 2 == 0 else 0.05) + number / 100_000
            begun = time.time()
            answer = http.put(f"/api/submission_scores/{score}/", json={"score": value, "reason": "To see it move."})
            score = answer.raise_for_status().json()["id"]
            written = time.time()
            until = time.monotonic() + _PATIENCE_S
            while not all(noted):
                if time.monotonic() > until:
                    raise RuntimeError("a page was not told of a move in time")
                opened[0].wait_for_timeout(20)
            from_request += [held[0] - begun for held in noted]
            from_answer += [max(held[0] - written, 0.0) for held in noted]
            # What follows from a score, such as charts, is not what the next move is about.
            opened[0].wait_for_timeout(300)
        browser.close()
    return from_request, from_answer


def _told(name: str, delays: list[float]) -> dict[str, float]:
    found = sorted(delays)
    return {
        f"{name}_median_s": round(statistics.median(found), 3),
        f"{name}_p95_s": round(found[int(len(found) * 0.95) - 1], 3),
        f"{name}_most_s": round(found[-1], 3),
    }


if __name__ == "__main__":
    main()
