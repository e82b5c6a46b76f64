import io
import re
import zipfile

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DROP = """({ name, bytes }) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "application/zip" }));
  const zone = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def a_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("prediction", "1\n3\n2\n")
    return content.getvalue()


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/zip", "buffer": content})


@pytest.fixture
def form(open_page) -> Page:
    return open_page("/competitions/{competition}/submit/", "organizer")


def cancel_again(page: Page) -> None:
    """Leave no submission that waits: the site is shared."""
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status").filter(has_text="Cancelled").first).to_be_visible()


def test_a_dropped_file_is_named_sent_and_leads_to_its_submission(form: Page) -> None:
    form.evaluate(DROP, {"name": "dropped.zip", "bytes": list(a_zip())})
    expect(form.get_by_text("dropped.zip, 0.1 kB")).to_be_visible()
    form.get_by_role("button", name="Submit").click()
    expect(form).to_have_url(re.compile(r"/submissions/\d+/$"))
    expect(form.get_by_text("dropped.zip").first).to_be_visible()
    cancel_again(form)


def test_what_is_wrong_with_a_file_is_said_in_place(form: Page) -> None:
    choose(form, "broken.zip", b"this is not a zip")
    form.get_by_role("button", name="Submit").click()
    expect(form.locator("[data-errors] .note.bad")).to_be_visible()
    expect(form).to_have_url(re.compile(r"/submit/$"))
    expect(form.get_by_role("button", name="Submit")).to_be_enabled()
    choose(form, "good.zip", a_zip())
    expect(form.locator("[data-errors] .note.bad")).to_have_count(0)


def test_every_problem_of_a_bundle_stands_in_a_table(open_page) -> None:
    page = open_page("/competitions/import/", "organizer", width=360)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("competition.yaml", "version: 2\ntitle: Half\nimage: logo.png\nphases: 7\n")
    choose(page, "half.zip", content.getvalue())
    page.get_by_role("button", name="Import").click()
    expect(page).to_have_url(re.compile(r"/competitions/import/\d+/$"))
    table = page.locator("#import table.problems")
    expect(table).to_be_visible()
    expect(table.get_by_text("competition.yaml:4").first).to_be_visible()
    assert table.locator("tbody tr").count() >= 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(form: Page) -> None:
    held: list[Route] = []
    # A method of a list cannot carry the mark that Playwright puts on a handler.
    form.route("**/submit/", lambda route: held.append(route))  # noqa: PLW0108
    choose(form, "slow.zip", a_zip())
    form.get_by_role("button", name="Submit").click()
    expect(form.get_by_role("progressbar", name="Upload")).to_be_visible()
    expect(form.get_by_role("button", name="Submit")).to_be_disabled()
    form.get_by_role("button", name="Cancel").click()
    expect(form.get_by_text("Cancelled.")).to_be_visible()
    expect(form.get_by_text("Nothing was stored.")).to_be_visible()
    expect(form.get_by_role("button", name="Submit")).to_be_enabled()
    assert len(held) == 1


def test_a_lost_connection_is_explained(form: Page) -> None:
    form.route("**/submit/", lambda route: route.abort("connectionreset"))
    choose(form, "lost.zip", a_zip())
    form.get_by_role("button", name="Submit").click()
    expect(form.get_by_text("The connection was lost.")).to_be_visible()


def test_a_refusal_of_the_front_is_told_in_its_words(form: Page) -> None:
    said = {"detail": "The request is longer than 1 GB.", "code": "too-large", "hint": "Send less."}
    form.route("**/submit/", lambda route: route.fulfill(status=413, json=said))
    choose(form, "large.zip", a_zip())
    form.get_by_role("button", name="Submit").click()
    expect(form.get_by_text("The request is longer than 1 GB.")).to_be_visible()
    expect(form.get_by_text("Send less.")).to_be_visible()


def test_a_file_that_is_too_large_is_not_sent_at_all(form: Page) -> None:
    sent: list[str] = []
    form.on("request", lambda request: sent.append(request.method))
    limit = int(form.locator("form[data-upload]").get_attribute("data-max-bytes") or "0")
    assert limit == 1 << 30
    choose(form, "huge.zip", a_zip())
    form.evaluate(
        """(limit) => {
          const transfer = new DataTransfer();
          const file = new File(["x"], "huge.zip");
          Object.defineProperty(file, "size", { value: limit + 1 });
          transfer.items.add(file);
          const input = document.querySelector("input[type=file]");
          Object.defineProperty(input, "files", { value: [file] });
          input.dispatchEvent(new Event("change"));
        }""",
        limit,
    )
    form.locator("form[data-upload]").evaluate("form => form.requestSubmit()")
    expect(form.get_by_text("The file is too large.")).to_be_visible()
    assert "POST" not in sent
