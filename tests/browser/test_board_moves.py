"""A score changes, and its row moves on every page that is open, told to eyes and ears."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOARD = "/competitions/{competition}/results/"
# Says that a row was marked as moved since it was last asked to look.
WATCH = """() => {
  window.moved = false;
  new MutationObserver((changes) => {
    if (changes.some((each) => each.target.classList?.contains("moved"))) window.moved = true;
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

    def write(self, value: float) -> None:
        answer = self._ask.put(
            f"{self._base}/api/submission_scores/{self._score}/",
            data={"score": value, "reason": "To see it move."},
            headers={"X-CSRFToken": self._token, "Referer": self._base},
        )
        assert answer.ok, answer.text()
        self._score = answer.json()["id"]


@pytest.fixture
def scores(open_page: Any, site: Any) -> Iterator[Scores]:
    """Leaves the score as it was."""
    organizer = open_page("/competitions/{competition}/results/", "organizer")
    writing = Scores(organizer, site.made["phase"])
    yield writing
    writing.write(0.861)


def test_a_row_moves_on_all_open_pages_by_itself_and_is_marked(open_page: Any, scores: Scores) -> None:
    """How soon is what bench/board_moves.py measures."""
    pages = [open_page(BOARD, who) for who in (None, "participant")]
    # It is fifth with 0.861, and first with 0.99: the best of the others has 0.943.
    for value, rank in ((0.99, 1), (0.861, 5), (0.99, 1)):
        for page in pages:
            page.evaluate(WATCH)
        scores.write(value)
        for page in pages:
            row = page.locator("table.board tbody tr:not(.more)").nth(rank - 1)
            expect(row).to_contain_text("late-harvest")
            expect(row.locator("td.rank")).to_have_text(str(rank))
            page.wait_for_function("window.moved")
    said = pages[0].locator("[data-said]")
    expect(said).to_contain_text("The leaderboard has changed")
    expect(said).to_contain_text("late-harvest: rank 1.")
    expect(said).not_to_contain_text("tensor-otters")
    assert said.get_attribute("role") == "status"


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
