"""Leaderboard pages of models that are open see what the API and the Submit page bring, and say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.integration.server.scene import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE_MS = 30_000
MODELS = [{"model": f"model {score}", "score": score} for score in (0.98, 0.95, 0.93, 0.9)]
# Remembers which rows were marked as moved, as the mark goes by itself.
WATCH = """(id) => {
  window.marked = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target.classList?.contains("moved")) window.marked.push(target.textContent);
  }).observe(document.getElementById(id), { subtree: true, attributes: true, attributeFilter: ["class"] });
}"""


@contextmanager
def api(site: Any) -> Iterator[httpx.Client]:
    """A program with an API token of the participant's."""
    with httpx.Client(base_url=site.url, timeout=60) as client:
        asked = client.post("/api/api-token-auth/", json={"username": "participant", "password": PASSWORD})
        client.headers["X-API-Key"] = asked.raise_for_status().json()["token"]
        yield client


def dataset(client: httpx.Client, name: str) -> str:
    """The address of a new dataset with four models."""
    body = {"name": name, "task_type": "text_classification", "models": MODELS}
    client.post("/api/leaderboard/add_dataset", json=body).raise_for_status()
    return f"/leaderboard/{name.lower().replace(' ', '-')}/"


def marked(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.marked")
    return found


def test_a_result_that_a_program_sends_appears_glows_and_is_said(open_page: Any, site: Any) -> None:
    with api(site) as client:
        address = dataset(client, "Sent by a program")
        board, index = open_page(address), open_page("/leaderboard/")
        board.evaluate(WATCH, "board")
        index.evaluate(WATCH, "datasets")
        for page in (board, index):
            page.evaluate("window.here = true")
        body = {"dataset_name": "Sent by a program", "model": "Llama3", "score": 0.92}
        client.post("/api/leaderboard/add_model", json=body).raise_for_status()
        row = board.locator("#board tr", has=board.get_by_role("rowheader", name=re.compile("^Llama3")))
        expect(row).to_contain_text("0.92", timeout=PATIENCE_MS)
        expect(row.locator(".rank")).to_contain_text("4")
        # 0.98, 0.95 and 0.93 are better, 0.9 is not.
        expect(board.locator("[data-said]")).to_have_text(
            "The board has changed. Llama3 is now 4th of 5.", timeout=PATIENCE_MS
        )
        assert [text for text in marked(board) if "Llama3" in text] != []
        assert [text for text in marked(board) if "model 0.98" in text] == []
        best = {**body, "model": "Gemini", "score": 0.99}
        client.post("/api/leaderboard/add_model", json=best).raise_for_status()
        expect(board.locator("[data-said]")).to_have_text(
            "The board has changed. Gemini is now 1st of 6.", timeout=PATIENCE_MS
        )
        expect(index.locator("#datasets li", has_text="Sent by a program").locator("ol")).to_contain_text(
            "Gemini", timeout=PATIENCE_MS
        )
        expect(index.locator("[data-said]")).to_have_text(
            "The list has changed. Sent by a program has changed.", timeout=PATIENCE_MS
        )
        assert [text for text in marked(index) if "Gemini" in text] != []
        assert [page.evaluate("window.here") for page in (board, index)] == [True, True]


def test_what_the_submit_page_sends_moves_a_page_that_somebody_else_has_open(open_page: Any, site: Any) -> None:
    with api(site) as client:
        address = dataset(client, "Sent by the form")
    board = open_page(address)
    board.evaluate(WATCH, "board")
    form = open_page(f"/submit/?kind=declared&dataset={address.split('/')[2]}", "participant")
    form.get_by_label("Model", exact=True).fill("Llama3")
    form.get_by_label("Score").fill("0.96")
    form.get_by_label("Interval").fill("0.95 - 0.97")
    form.get_by_role("button", name="Preview").click()
    expect(form.get_by_text("Llama3 would be 2nd of 5")).to_be_visible(timeout=PATIENCE_MS)
    assert marked(board) == []
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_text("Llama3 is now 2nd of 5")).to_be_visible(timeout=PATIENCE_MS)
    expect(form.get_by_text('"message": "Model added to dataset on leaderboard."')).to_be_visible(timeout=PATIENCE_MS)
    expect(board.get_by_role("rowheader", name=re.compile("^Llama3"))).to_be_visible(timeout=PATIENCE_MS)
    expect(board.locator("[data-said]")).to_have_text(
        "The board has changed. Llama3 is now 2nd of 5.", timeout=PATIENCE_MS
    )
    assert [text for text in marked(board) if "Llama3" in text] != []


def test_predictions_are_checked_sent_and_followed(open_page: Any, site: Any) -> None:
    name = "Scored while open"
    labels = ["no", "no", "yes", "yes", "yes", "yes", "yes", "yes", "yes"]
    right = "".join(["id,label\n", *(f"s{place},{label}\n" for place, label in enumerate(labels))]).encode()
    with api(site) as client:
        client.post("/api/leaderboard/add_dataset", json={"name": name, "task_type": "text_classification"})
        files = {"references": ("gold.csv", right)}
        sent = client.post("/api/leaderboard/put_references", data={"dataset_name": name, "wait": "30"}, files=files)
        sent.raise_for_status()
    form = open_page("/submit/?kind=predictions&dataset=scored-while-open", "participant")
    file = {"name": "answers.csv", "mimeType": "text/csv", "buffer": right.replace(b"s8,yes\n", b"s7,yes\n")}
    form.locator("input[type=file]").set_input_files(file)
    form.get_by_role("button", name="Check").click()
    expect(form.get_by_text("This file would be refused")).to_be_visible(timeout=PATIENCE_MS)
    expect(form.get_by_text("answers.csv:10").first).to_be_visible()
    form.get_by_role("link", name="Choose another file").click()
    form.locator("input[type=file]").set_input_files({**file, "buffer": right})
    form.get_by_role("button", name="Check").click()
    form.get_by_label("Model", exact=True).fill("Llama3", timeout=PATIENCE_MS)
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_text("9 items were scored.")).to_be_visible(timeout=PATIENCE_MS)
    expect(form.locator("tr.mine")).to_contain_text("Accuracy")
