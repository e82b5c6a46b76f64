"""The main job, as people do it: a bundle becomes a competition, a submission gets its rank."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.requirements_on_machine import require_program
from tests.running_site import running_site
from tests.shared_material import shared_bundle

pytestmark = [pytest.mark.browser, pytest.mark.sandbox, pytest.mark.slow]

# Building the runtime of old bundles for the first time takes a while.
_PATIENCE_MS = 240_000


def test_a_real_bundle_is_imported_run_scored_and_ranked_in_the_browser(chromium: Browser, tmp_path: Path) -> None:
    bundle, submission = shared_bundle("competition.zip"), shared_bundle("submission.zip")
    require_program("bwrap", "bubblewrap")
    with running_site(tmp_path / "data") as site:
        url = site.url
        page = chromium.new_page()
        _make_an_account(page, url)
        page.get_by_role("link", name="Import a competition").click()
        page.locator("input[type=file]").set_input_files(bundle)
        page.get_by_label("Publish it at once").check()
        page.get_by_role("button", name="Import").click()
        page.get_by_role("link", name="Open the competition").click(timeout=60_000)
        expect(page).to_have_url(re.compile(r"/competitions/\d+/$"))
        title = page.locator("h1").inner_text()
        page.get_by_role("link", name="Submit").first.click()
        page.locator("input[type=file]").set_input_files(submission)
        page.get_by_role("button", name="Submit").click()
        expect(page).to_have_url(re.compile(r"/submissions/\d+/$"), timeout=60_000)
        expect(page.locator(".lead .is")).to_have_text("Finished", timeout=_PATIENCE_MS)
        page.get_by_role("button", name="Add to leaderboard").click()
        expect(page.get_by_text("Added to the leaderboard.")).to_be_visible()
        page.get_by_role("link", name=title).click()
        page.get_by_role("link", name="Results", exact=True).click()
        mine = page.locator("tr.mine")
        expect(mine).to_contain_text("north-lab")
        accuracy = float(mine.locator("td.lead").inner_text())
        assert 0 <= accuracy <= 1
        _stands_in_the_api_too(page, url, accuracy)
        page.context.close()


def _make_an_account(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/signup/")
    page.get_by_label("Name").fill("north-lab")
    page.get_by_label("E-mail address").fill("north@example.org")
    page.get_by_label("Password", exact=True).fill("seeds-and-weeds-42")
    page.get_by_label("Password again").fill("seeds-and-weeds-42")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="My work").first).to_be_visible()


def _stands_in_the_api_too(page: Page, url: str, accuracy: float) -> None:
    competition = page.request.get(f"{url}/api/competitions/").json()[0]["id"]
    phases = page.request.get(f"{url}/api/competitions/{competition}/").json()["phases"]
    phase = next(phase["id"] for phase in phases if phase["status"] == "Current")
    entry = page.request.get(f"{url}/api/phases/{phase}/get_leaderboard/").json()["submissions"][0]
    assert entry["owner"] == "north-lab"
    scores = {score["column_key"]: float(score["score"]) for score in entry["scores"]}
    assert scores["accuracy"] == pytest.approx(accuracy, abs=0.01)
