"""Boards in a browser: sorted, searched, taken home, and moving while they are open."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.test_live import bundle
from tests.requirements_on_machine import require_program
from tests.running_site import running_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOARD = "/competitions/{competition}/results/"


def _ranks(page: Page) -> list[str]:
    return page.locator("table.board tbody tr:not(.more) td.rank").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_board_is_sorted_by_its_heads_and_keeps_its_ranks(open_page, scripts: bool) -> None:
    page = open_page(BOARD, "participant", java_script_enabled=scripts)
    assert _ranks(page) == ["1", "2", "3", "4", "5", "6"]
    page.get_by_role("link", name="Duration, s", exact=True).click()
    # Less is better there: 0.88, 1.11, 1.42, 2.07, 3.3, 123.4.
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Duration")
    assert _ranks(page) == ["2", "4", "1", "3", "5", "6"]
    page.get_by_role("link", name="Duration, s", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Duration")
    assert _ranks(page) == ["6", "5", "3", "1", "4", "2"]
    page.get_by_role("link", name="all in the order of ranks").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Accuracy")
    assert _ranks(page) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("width", [1440, 360])
def test_a_participant_is_found_and_columns_are_chosen(open_page, width: int) -> None:
    page = open_page(BOARD, "participant", width=width)
    page.get_by_label("Participant").fill("SEED")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("table.board tbody tr:not(.more)")).to_have_count(2)
    assert _ranks(page) == ["2", "4"]
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("F1").uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("thead th", has_text="F1")).to_have_count(0)
    expect(page.get_by_label("Participant")).to_have_value("SEED")
    assert _ranks(page) == ["2", "4"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_table_and_all_boards_are_downloaded(open_page, tmp_path: Path) -> None:
    page = open_page(BOARD, "organizer")
    with page.expect_download() as waiting:
        page.locator(".files a.button", has_text="CSV").click()
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert "Results - Development phase.csv" in archive.namelist()
        assert (
            archive.read("Results - Development phase.csv").splitlines()[0] == b'Participant,Accuracy,F1,"Duration, s"'
        )
    with page.expect_download() as waiting:
        page.locator(".files a", has_text="LaTeX").click()
    waiting.value.save_as(tmp_path / "one.tex")
    assert "tensor-otters & $0.943$" in (tmp_path / "one.tex").read_text().replace("-{}", "-")
    page = open_page(BOARD, "participant")
    expect(page.locator(".files a.button")).to_have_count(0)


def test_charts_appear_below_the_board_and_their_facts_beside_them(open_page) -> None:
    page = open_page(BOARD, "participant")
    picture = page.locator("figure[data-key=chart-time] img")
    expect(picture).to_be_attached(timeout=20_000)
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('figure img').naturalWidth > 0")
    facts = page.locator("figure[data-key=chart-spread]")
    facts.get_by_text("The same as a table").click()
    expect(facts.locator("tbody tr").first).to_be_visible()


def test_a_new_score_moves_the_board_on_two_open_pages(chromium: Browser, tmp_path: Path) -> None:
    require_program("bwrap", "bubblewrap")
    sent = tmp_path / "answer.zip"
    with zipfile.ZipFile(sent, "w") as archive:
        archive.writestr("answer.txt", "a b c\n")
    with running_site(tmp_path / "data") as site, site.client_of("otto") as client:
        competition = client.import_bundle(bundle(tmp_path), publish=True)
        context = chromium.new_context()
        pages = [context.new_page() for _ in range(2)]
        for page in pages:
            page.goto(f"{site.url}/competitions/{competition.id}/results/")
            expect(page.get_by_text("No scores yet.")).to_be_visible()
            page.evaluate("window.here = true")
        client.submit(client.competition(competition.id).phases[0].id, sent)
        for page in pages:
            page.bring_to_front()
            expect(page.locator("table.board td.lead")).to_have_text("0.875", timeout=60_000)
            assert page.evaluate("window.here") is True
        expect(pages[0].locator("[data-said]")).to_contain_text("The leaderboard has changed")
        context.close()
