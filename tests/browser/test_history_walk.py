"""The walk from "My competitions" to the evaluation output, as a participant and as the organizer."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.requirements_on_machine import require_program
from tests.running_site import PASSWORD, running_site

pytestmark = [pytest.mark.browser, pytest.mark.sandbox, pytest.mark.slow]
EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-history"
DOWNLOAD = "Download evaluation output from scoring step"


def packed(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(folder))
    return target


def signed_in(context: BrowserContext, url: str, name: str) -> Page:
    page = context.new_page()
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("Name or e-mail address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="My work").first.click()
    return page


def downloaded(page: Page, target: Path) -> dict[str, str]:
    """The files of the evaluation output that the page of a submission offers."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=DOWNLOAD).click()
    waiting.value.save_as(target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if not name.endswith("/")}


def test_everybody_finds_the_history_that_is_theirs(chromium: Browser, tmp_path: Path) -> None:
    require_program("bwrap", "bubblewrap")
    with running_site(tmp_path / "data") as site, site.client_of("otto") as otto, site.client_of("anna") as anna:
        competition = otto.import_bundle(packed(EXAMPLE, tmp_path / "bundle.zip"), publish=True)
        anna.join(competition.id)
        phase = anna.competition(competition.id).phases[0].id
        # Wrong, wrong, right.
        for name in ("first_guess", "second_guess", "the_answer"):
            sent = packed(EXAMPLE / "solutions" / name, tmp_path / f"{name}.zip")
            assert anna.wait(anna.submit(phase, sent).id, lambda _: None).status == "Finished"
        contexts = [chromium.new_context() for _ in range(2)]

        page = signed_in(contexts[0], site.url, "anna")
        expect(page.get_by_role("heading", name="My competitions")).to_be_visible()
        expect(page.get_by_role("link", name="I'm in")).to_have_attribute("aria-current", "page")
        page.get_by_role("link", name="Hello again").first.click()
        page.get_by_role("link", name="Submit / View results").click()
        rows = page.locator("#submissions tbody tr[data-key]")
        expect(rows).to_have_count(3)
        chart = page.get_by_role("img", name="Right so far over time, in percent")
        expect(chart).to_be_visible()
        expect(chart.locator("circle")).to_have_count(3)
        # 0 of 1, 0 of 2, 1 of 3.
        shares = page.locator("figure", has=chart)
        shares.get_by_text("The same as a table").click()
        expect(shares.locator("tbody td.n")).to_have_text(["0.0 %", "0.0 %", "33.3 %"])
        page.get_by_role("link", name="No. 3", exact=True).click()
        expect(page.locator("table.scores")).to_contain_text("0.333")
        found = downloaded(page, tmp_path / "anna.zip")
        assert found["scores.txt"].splitlines() == ["correct:1.0", f"audit_score:{1 / 3}"]
        metadata = yaml.safe_load(found["metadata"])
        assert metadata["exitCode"] == 0
        assert metadata["elapsedTime"] > 0
        assert not [name for name in found if name.startswith("private")]
        expect(page.get_by_role("link", name="All submissions")).to_have_count(0)
        assert page.request.get(f"{site.url}/competitions/{competition.id}/submissions/all/").status == 403
        page.goto(f"{site.url}/my-work/running/")
        expect(page.get_by_text("You run no competition.")).to_be_visible()

        page = signed_in(contexts[1], site.url, "otto")
        expect(page.get_by_text("You take part in no competition.")).to_be_visible()
        page.get_by_role("link", name="I'm running").click()
        page.get_by_role("link", name="Hello again").first.click()
        page.get_by_role("link", name="All submissions").click()
        expect(page.locator("#submissions tbody tr[data-key]")).to_have_count(3)
        page.get_by_role("link", name="No. 3", exact=True).click()
        found = downloaded(page, tmp_path / "otto.zip")
        assert "The right answer is" in found["private/priv.txt"]
        for context in contexts:
            context.close()
