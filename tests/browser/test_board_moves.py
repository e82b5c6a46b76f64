"""A score changes, and its row moves on every page that is open: soon, and told to eyes and ears."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOARD = "/competitions/{competition}/results/"
SOON_S = 0.3
MOST_MOVES = 21
# Says when a row was first marked as moved since it was last asked to look.
WATCH = """() => {
  window.moved = 0;
  new MutationObserver((changes) => {
    if (!window.moved && changes.some((each) => each.target.classList?.contains("moved"))) window.moved = Date.now();
  }).observe(document.getElementById("board"), { subtree: true, attributes: true, attributeFilter: ["class"] });
}"""


class Scores:
    """Writes the accuracy of `late-harvest` as its organizer does."""

    def __init__(self, page: Page, phase: int) -> None:
        self._ask: APIRequestContext = page.context.request
        self._base = page.url.split("/competitions")[0]
        self._token = next(each["value"] for each in page.context.cookies() if each["name"] == "csrftoken")
        board = self._ask.get(f"{self._base}/api/phases/{phase}/get_leaderboard/").json()
        row = next(row for row in board["submissions"] if row["owner"] == "late-harvest")
        self._score = next(score["id"] for score in row["scores"] if score["column_key"] == "accuracy")

    def write(self, value: float) -> float:
        """Returns when the site had said that it is written, in seconds."""
        answer = self._ask.put(
            f"{self._base}/api/submission_scores/{self._score}/",
            data={"score": value, "reason": "To see it move."},
            headers={"X-CSRFToken": self._token, "Referer": self._base},
        )
        assert answer.ok, answer.text()
        self._score = answer.json()["id"]
        return time.time()


@pytest.fixture
def scores(open_page: Any, site: Any) -> Iterator[Scores]:
    """Leaves the score as it was."""
    organizer = open_page("/competitions/{competition}/results/", "organizer")
    writing = Scores(organizer, site.made["phase"])
    yield writing
    writing.write(0.861)


def test_a_row_moves_at_once_on_all_open_pages_and_is_marked(open_page: Any, scores: Scores) -> None:
    pages = [open_page(BOARD, who) for who in (None, "participant")]
    soonest = [60.0 for _ in pages]
    # It is fifth with 0.861, and first with 0.99: the best of the others has 0.943. Whatever else this machine does, of
    # so many moves one is there within 0.3 s on each page: where a page waited or asked again and again, none would be.
    for number in range(MOST_MOVES):
        value, rank = ((0.99, 1), (0.861, 5))[number % 2]
        for page in pages:
            page.evaluate(WATCH)
        written = scores.write(value + number / 100_000)
        for at, page in enumerate(pages):
            row = page.locator("table.board tbody tr:not(.more)").nth(rank - 1)
            expect(row).to_contain_text("late-harvest")
            expect(row.locator("td.rank")).to_have_text(str(rank))
            page.wait_for_function("window.moved > 0")
            soonest[at] = min(soonest[at], page.evaluate("window.moved") / 1000 - written)
        if rank == 1 and number and max(soonest) < SOON_S:
            break
    said = pages[0].locator("[data-said]")
    expect(said).to_contain_text("The leaderboard has changed")
    expect(said).to_contain_text("late-harvest: rank 1.")
    expect(said).not_to_contain_text("tensor-otters")
    assert pages[0].locator("[data-said]").get_attribute("role") == "status"
    assert max(soonest) < SOON_S


def test_a_board_of_ranks_says_that_it_is_behind_and_follows(open_page: Any, scores: Scores, site: Any) -> None:
    page = open_page(f"{BOARD}{{phase}}/{{ranks}}/", "participant")
    expect(page.get_by_role("link", name="Ranks", exact=True)).to_have_attribute("aria-current", "page")
    last = page.locator("tr[data-key]", has_text="late-harvest").first
    # Fifth of six in both columns.
    expect(last.locator("td.lead")).to_have_text("5.00")
    scores.write(0.99)
    # First by accuracy, fifth by duration.
    expect(last.locator("td.lead")).to_have_text("3.00", timeout=5_000)
    expect(page.locator("p.note")).to_have_count(0)
