"""Debian's Chromium, a site for it to look at, and people signed in to it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.integration.server.scene import PASSWORD
from tests.requirements_on_machine import require

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """A running site: its address, and what was made in it, as ids by name."""

    url: str
    made: dict[str, int]

    def at(self, path: str) -> str:
        """An address of the site; `{scored}` and the like in it are replaced by ids."""
        return self.url + path.format(**self.made)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. It ends with the module: while it lives, Django would not let tests use the database."""
    found = shutil.which("chromium")
    require(found is not None, "chromium is missing: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of `tests.browser.site`, shared by all tests of a session: they leave it as they found it."""
    data = tmp_path_factory.mktemp("site") / "data"
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    environment = {**os.environ, "PODIUM_DATA": str(data), "PODIUM_URL": url}
    environment.pop("PODIUM_DATABASE_URL", None)
    log = data.parent / "log.txt"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.site", str(listener.fileno())],
            cwd=ROOT,
            env=environment,
            pass_fds=[listener.fileno()],
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    listener.close()
    try:
        _wait_until_it_answers(process, url, log)
        yield Site(url, json.loads((data / "made.json").read_text(encoding="utf-8")))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the site ended with status {process.returncode}:\n{log.read_text()}")
        try:
            # The socket listens before anybody accepts: the first answer takes as long as the site needs to start.
            with urllib.request.urlopen(f"{url}/health", timeout=60):
                return
        except OSError:
            continue
    pytest.fail(f"the site did not answer within three minutes:\n{log.read_text()}")


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, site: Site, states: dict[str, Any]) -> Iterator[Open]:
    """Opens an address as somebody, in a browser window of its own: `open_page("/", "participant", width=360)`.

    A test fails where a page wrote an error to the console, such as something that the security policy blocked.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(path: str, who: str | None = None, *, width: int = 1440, **options: Any) -> Page:
        if who is not None and who not in states:
            states[who] = _signed_in(chromium, site, who)
        state = states[who] if who is not None else None
        size = {"width": width, "height": 900 if width > 500 else 740}
        context = chromium.new_context(viewport=size, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site.at(path))
        return page

    yield opened
    for context in contexts:
        context.close()
    # That a page answers with 400 or 404 is not its complaint but what some tests are about.
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.fixture(scope="session")
def states() -> dict[str, Any]:
    """The cookies of people who are signed in, by name."""
    return {}


def _signed_in(chromium: Browser, site: Site, who: str) -> Any:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/")
    page.get_by_label("Name or e-mail address").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="My work").first.wait_for()
    state = context.storage_state()
    context.close()
    return state
