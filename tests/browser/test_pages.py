import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_times_are_relative_with_the_absolute_one_as_title(open_page) -> None:
    page = open_page("/competitions/{competition}/results/", "participant")
    sent = page.locator("tr.mine time")
    expect(sent).to_have_text("5 h ago")
    assert re.search(r"\d{4}", sent.get_attribute("title") or "")


def test_an_open_page_follows_its_submission_without_being_loaded_again(open_page) -> None:
    form = open_page("/competitions/{competition}/submit/", "collaborator")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("prediction", "1\n")
    form.locator("input[type=file]").set_input_files(
        {"name": "a.zip", "mimeType": "application/zip", "buffer": content.getvalue()}
    )
    form.get_by_role("button", name="Submit").click()
    expect(form).to_have_url(re.compile(r"/submissions/\d+/$"))
    watching = open_page("/" + form.url.split("/", 3)[3], "collaborator")
    watching.evaluate("window.here = true")
    form.get_by_role("button", name="Cancel").click()
    expect(watching.locator(".lead .is")).to_have_text("Cancelled", timeout=10_000)
    assert watching.evaluate("window.here") is True
    expect(watching.locator("[data-live]")).to_have_count(0)


def test_on_a_phone_a_row_of_the_board_opens_for_the_rest(open_page) -> None:
    page = open_page("/competitions/{competition}/results/", width=360)
    expect(page.locator("table.board tbody").get_by_text("0.943")).to_be_visible()
    expect(page.get_by_text("1.42").last).to_be_hidden()
    page.get_by_text("More about tensor-otters").click()
    expect(page.get_by_role("definition").filter(has_text="1.42")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_head_of_a_long_board_stays_in_sight(open_page) -> None:
    page = open_page("/competitions/{competition}/results/")
    page.set_viewport_size({"width": 1440, "height": 420})
    page.locator("table.board tbody tr:visible").last.scroll_into_view_if_needed()
    head = page.locator("table.board thead th").first
    expect(head).to_be_in_viewport()


def test_everything_essential_is_reached_by_the_keyboard(open_page) -> None:
    page = open_page("/competitions/{competition}/", "participant")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Submit").first).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_the_menu_of_the_person_opens_by_the_keyboard_and_signs_out(open_page, states: dict) -> None:
    page = open_page("/", "admin")
    page.locator("details.menu summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Signed out.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    states.pop("admin")


def test_without_javascript_one_joins_submits_and_reads_what_became_of_it(open_page) -> None:
    page = open_page("/", "second-seed", java_script_enabled=False)
    page.get_by_role("link", name="Classify Wheat Seeds").click()
    page.get_by_role("link", name="Submit").first.click()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("prediction", "1\n")
    page.locator("input[type=file]").set_input_files(
        {"name": "plain.zip", "mimeType": "application/zip", "buffer": content.getvalue()}
    )
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".lead")).to_contain_text("waits for a worker")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".lead")).to_contain_text("Cancelled")
    page.get_by_role("link", name="Classify Wheat Seeds").click()
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.locator("tr.mine")).to_contain_text("second-seed")
    page.locator("tr.mine").get_by_role("link", name="second-seed").click()
    page.get_by_role("button", name="Remove from Results").click()
    expect(page.get_by_text("Removed from the leaderboard.")).to_be_visible()
    page.get_by_role("button", name="Add to Results").click()
    expect(page.get_by_text("Added to the leaderboard.")).to_be_visible()


def test_nothing_is_asked_of_any_other_host(open_page, site) -> None:
    page = open_page("/", "participant")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/competitions/{competition}/", "/submissions/{failed}/", "/my-work/"):
        page.goto(site.at(path))
    assert asked
    assert [url for url in asked if not url.startswith(site.url)] == []
