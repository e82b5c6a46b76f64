import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_editor(page: Page) -> None:
    page.get_by_role("link", name="Edit the leaderboard").click()
    expect(page.get_by_role("heading", name="Edit the leaderboard")).to_be_visible(timeout=15_000)


def rank_first(page: Page, column: str) -> None:
    """From the editor to the leaderboard that ranks by another column."""
    page.get_by_label(f"{column} ranks first").check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_role("heading", name="This would change")).to_be_visible()
    expect(page.get_by_text(re.compile(rf'-> "{column}"'))).to_be_visible()
    page.get_by_role("button", name="Change the leaderboard").click()
    expect(page.get_by_role("heading", name="The leaderboard is changed")).to_be_visible(timeout=15_000)


def test_an_organizer_sees_which_rows_move_and_then_they_do(open_page) -> None:
    page = open_page("/competitions/{competition}/results/", "organizer")
    expect(page.locator("tbody tr[data-key] th").first).to_contain_text("tensor-otters")
    open_editor(page)
    page.get_by_label("duration ranks first").check()
    page.get_by_role("button", name="Show what changes").click()
    # By time: second-seed 0.88, seedlings 1.11, tensor-otters 1.42, participant 2.07, late-harvest 3.3, the long one
    # 123.4; by accuracy: tensor-otters, second-seed, participant, seedlings, late-harvest, the long one. Four move.
    expect(page.get_by_text("4 rows move.")).to_be_visible()
    first = page.get_by_role("row").filter(has_text="second-seed")
    expect(first.get_by_role("cell").nth(2)).to_have_text("2")
    expect(first.get_by_role("cell").nth(3)).to_have_text("1")
    page.get_by_role("button", name="Change the leaderboard").click()
    expect(page.get_by_role("heading", name="The leaderboard is changed")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Look at it").click()
    expect(page.locator("tbody tr[data-key] th").first).to_contain_text("second-seed")
    open_editor(page)
    rank_first(page, "accuracy")
    page.get_by_role("link", name="Look at it").click()
    expect(page.locator("tbody tr[data-key] th").first).to_contain_text("tensor-otters")


def test_an_editor_says_what_is_wrong_and_keeps_what_was_written(open_page) -> None:
    page = open_page("/competitions/{competition}/results/", "organizer")
    open_editor(page)
    page.get_by_label("Title", exact=True).fill("Other results")
    page.get_by_label("Remove f1").check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_role("alert")).to_contain_text("has scores of")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Other results")
