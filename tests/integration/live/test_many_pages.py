"""Two hundred pages are open: what they cost, and that each is told."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.integration.live.conftest import QuietSite
from tests.integration.live.streams import PATIENCE_S, listening, socket_of
from tests.integration.live.test_workers import claim, give_up, submit
from websockets.sync.client import connect

pytestmark = pytest.mark.slow

PAGES = 200
MOST_MORE_BYTES = 100_000_000


@pytest.fixture
def order(quiet: QuietSite, tmp_path: Path) -> Iterator[Any]:
    """A scoring run that the test holds, of a submission of otto's."""
    made = submit(quiet, tmp_path)
    with quiet.worker() as worker:
        taken = claim(worker, 10).json()
        assert taken["id"] == made
        yield taken
        if httpx.get(f"{quiet.near.url}/api/submissions/{made}/", headers=otto(quiet)).json()["status"] != "Failed":
            give_up(quiet, taken)


def otto(site: QuietSite) -> dict[str, str]:
    return {"Authorization": f"Token {site.token}"}


@contextmanager
def open_pages(site: QuietSite, path: str, number: int) -> Iterator[list[socket.socket]]:
    """So many connections to the near process, each with a stream that has begun."""
    host, _, port = site.near.url.removeprefix("http://").partition(":")
    asked = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Token {site.token}\r\n\r\n".encode()
    with ExitStack() as stack:
        pages = [stack.enter_context(socket.create_connection((host, int(port)), PATIENCE_S)) for _ in range(number)]
        for page in pages:
            page.sendall(asked)
        await_everywhere(pages, b"\nid: ")
        yield pages


def await_everywhere(pages: Sequence[socket.socket], word: bytes) -> None:
    """Read until each has brought a word."""
    deadline = time.monotonic() + PATIENCE_S
    heard = dict.fromkeys(pages, b"")
    with selectors.DefaultSelector() as ready:
        for page in pages:
            ready.register(page, selectors.EVENT_READ)
        while ready.get_map():
            assert time.monotonic() < deadline, f"{len(ready.get_map())} were not told"
            for key, _ in ready.select(1):
                page = key.fileobj
                assert isinstance(page, socket.socket)
                piece = page.recv(65_536)
                assert piece, heard[page]
                heard[page] += piece
                if word in heard[page]:
                    ready.unregister(page)


def memory(site: QuietSite) -> int:
    """The proportional set size of the near process, in bytes."""
    found: int = psutil.Process(site.near.process.pid).memory_full_info().pss
    return found


def test_two_hundred_open_pages_are_told_and_cost_little(quiet: QuietSite, order: Any) -> None:
    path = f"/live/submissions/{order['id']}/"
    with open_pages(quiet, path, 1), connect(socket_of(order, quiet.far.url)) as worker:
        before = memory(quiet)
        with open_pages(quiet, path, PAGES) as pages:
            worker.send(json.dumps({"kind": "program", "message": "to everybody\n"}))
            await_everywhere(pages, b"to everybody")
            more = memory(quiet) - before
    print(f"{more / 1e6:.1f} MB more")
    assert more < MOST_MORE_BYTES


def test_states_reach_a_page_of_another_process_one_by_one(quiet: QuietSite, order: Any) -> None:
    page = f"{quiet.far.url}/live/submissions/{order['id']}/"
    with listening(page, **otto(quiet)) as stream:
        for number in range(3):
            # As a worker of Codabench says where it runs; the page shows it.
            said = {"secret": order["secret"], "status": "Running", "status_details": f"scoring_hostname-m{number}"}
            httpx.patch(f"{quiet.near.url}/api/submissions/{order['id']}/", data=said).raise_for_status()
            stream.next("changed")
