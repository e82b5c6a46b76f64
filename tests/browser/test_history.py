"""What was, and what is scored once more: the slider over the past, a rescore applied and one cancelled."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_slider_leads_through_the_past(open_page) -> None:
    page = open_page("/competitions/{story}/results/", "organizer")
    page.get_by_role("link", name="As it was").click()
    slider = page.get_by_label("Moment", exact=True)
    expect(slider).to_be_visible(timeout=15_000)
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("#then")).to_contain_text("No scores yet.")
    page.keyboard.press("End")
    # The second submission stands there, since the third day with the score that was written by hand.
    expect(page.locator("#then tbody")).to_contain_text("0.62")
    assert "at=" in page.url
    # Without a script, the form asks for the same: a minute after the first submission was scored.
    page.locator("summary", has_text="Moments").click()
    links = page.locator(".moments a")
    assert links.count() > 2
    links.first.click()
    expect(page.locator("#then")).to_contain_text("No scores yet.")


def test_a_chart_shows_who_led_when(open_page) -> None:
    page = open_page("/competitions/{story}/results/", "participant")
    chart = page.locator("figure[data-key=chart-ranks]")
    picture = chart.locator("img")
    expect(picture).to_be_attached(timeout=20_000)
    picture.scroll_into_view_if_needed()
    page.wait_for_function("figure => figure.querySelector('img').naturalWidth > 0", arg=chart.element_handle())
    chart.get_by_text("The same as a table").click()
    # Bea was first for a day; now both are scored once more, or anna leads.
    expect(chart.locator("tbody tr")).to_have_count(2)
    best = [row.locator("td").nth(1).inner_text() for row in chart.locator("tbody tr").all()]
    assert best == ["1", "1"]


def begin(page: Page, reason: str) -> None:
    page.get_by_label("Reason").fill(reason)
    page.get_by_label("How many to score twice").fill("1")
    page.get_by_role("button", name="Start the rescore").click()
    # The page is read again by itself, until nothing waits any more.
    expect(page.get_by_text("Everything has been scored")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("got the same scores both times")).to_be_visible(timeout=30_000)


def test_a_rescore_is_looked_at_and_cancelled_and_another_is_applied(open_page) -> None:
    page = open_page("/competitions/{story}/submissions/all/", "organizer")
    page.get_by_role("link", name="Rescore", exact=True).click()
    begin(page, "First try.")
    expect(page.locator("ins").first).to_have_text("0.25")
    page.get_by_role("button", name="Cancel the rescore").click()
    expect(page.get_by_text("all scores are as they were")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.locator("#board table.board")).to_contain_text("0.62")
    page.goto(page.url.split("/results/")[0] + "/rescores/")
    begin(page, "Two labels were wrong.")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("its scores count from now on")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.locator("#board table.board")).to_contain_text("0.25")
    expect(page.get_by_text("Two labels were wrong.")).to_be_visible()
    page.locator("#board tbody th[scope=row] a").first.click()
    note = page.locator("details.note")
    expect(note).to_contain_text("Two labels were wrong.")
    expect(note.locator("ins")).to_have_text("0.25")
