"""A program runs, and the pages that are open show it: without being loaded again."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.requirements_on_machine import require_program
from tests.running_site import running_site

pytestmark = [pytest.mark.browser, pytest.mark.sandbox, pytest.mark.slow]

_PATIENCE_MS = 120_000
# It waits for as long as its page needs to be read: the second half is told by the first half of the detailed results.
SCORER = """\
import json, pathlib, sys, time
output = pathlib.Path("/app/output")
page = output / "detailed_results.html"
page.write_text('''<p id=found>half</p><p id=tried></p><script>
const tries = {
  cookie: () => document.cookie, store: () => localStorage.length, above: () => parent.document.title,
  top: () => top.location.href, leave: () => { top.location = "/" }, opener: () => open("/").document.title,
};
for (const [name, attempt] of Object.entries(tries)) {
  try { attempt(); tried.append(` ${name}:done`); } catch { tried.append(` ${name}:kept`); }
}
tried.append(" end");
fetch("/api/my_profile/").then(() => found.append(" reached"), () => found.append(" kept in"));
</script>''')
print("<b>epoch 1</b>")
print("careful", file=sys.stderr)
time.sleep(6)
page.write_text("<p>whole</p>")
print("epoch 2")
time.sleep(4)
(output / "scores.json").write_text(json.dumps({"accuracy": 0.875}))
"""
COMPETITION = """\
version: 2
title: Slow scoring
image: logo.png
terms: terms.md
docker_image: podium/plain
registration_auto_approve: true
enable_detailed_results: true
pages: []
tasks:
  - {index: 0, name: Task, scoring_program: scoring_program}
phases:
  - {index: 0, name: Only, start: 2025-01-01, max_submissions: 0, max_submissions_per_day: 0, tasks: [0]}
leaderboards:
  - title: Results
    key: results
    submission_rule: Force_Last
    columns: [{index: 0, key: accuracy, title: Accuracy, precision: 3}]
"""


def bundle(folder: Path) -> Path:
    made = folder / "bundle.zip"
    logo = Path(__file__).parents[2] / "examples" / "hello" / "logo.png"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("competition.yaml", COMPETITION)
        archive.writestr("terms.md", "None.")
        archive.write(logo, "logo.png")
        archive.writestr("scoring_program/metadata.yaml", "command: python3 /app/program/score.py")
        archive.writestr("scoring_program/score.py", SCORER)
    return made


def test_logs_details_state_and_scores_move_in_open_pages(chromium: Browser, tmp_path: Path) -> None:
    require_program("bwrap", "bubblewrap")
    sent = tmp_path / "answer.zip"
    with zipfile.ZipFile(sent, "w") as archive:
        archive.writestr("answer.txt", "a b c\n")
    with running_site(tmp_path / "data") as site, site.client_of("otto") as client:
        competition = client.import_bundle(bundle(tmp_path), publish=True)
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{site.url}/accounts/login/")
        page.get_by_label("Name or e-mail address").fill("otto")
        page.get_by_label("Password").fill("a horse and a staple")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="My work").first.wait_for()
        board = context.new_page()
        board.goto(f"{site.url}/competitions/{competition.id}/results/")
        expect(board.get_by_text("No scores yet.")).to_be_visible()
        phase = client.competition(competition.id).phases[0].id
        submission = client.submit(phase, sent).id
        page.goto(f"{site.url}/submissions/{submission}/")
        for open_page in (page, board):
            open_page.evaluate("window.here = true")
        output = page.locator("details.log", has_text="Scoring: output").locator("pre")
        expect(output).to_contain_text("<b>epoch 1</b>", timeout=_PATIENCE_MS)
        expect(page.locator("details.log", has_text="errors and warnings").locator("pre")).to_contain_text("careful")
        details = context.new_page()
        details.goto(f"{site.url}/submissions/{submission}/detailed-results/")
        frame = details.frame_locator("iframe")
        expect(frame.locator("#found")).to_contain_text("half kept in")
        expect(frame.locator("#tried")).to_contain_text("end")
        # It runs, and whatever it tries at the page around it, its cookies and other pages throws.
        assert "done" not in frame.locator("#tried").inner_text(), frame.locator("#tried").inner_text()
        assert details.url.endswith("/detailed-results/")
        expect(frame.get_by_text("whole")).to_be_visible(timeout=30_000)
        expect(output).to_contain_text("epoch 2")
        assert output.inner_text().count("epoch 1") == 1
        expect(page.locator(".lead .is")).to_have_text("Finished", timeout=30_000)
        expect(page.locator("table.scores")).to_contain_text("0.875")
        expect(board.locator("tr.mine")).to_contain_text("0.875")
        expect(page.get_by_role("link", name="Detailed results").first).to_be_visible()
        assert [open_page.evaluate("window.here") for open_page in (page, board)] == [True, True]
        context.close()
