"""What `bench/boards.py` measures of each board. A new figure is a function from a `Measured` to a number or to
numbers by name, and a line in FIGURES.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from bench.board_material import FilledBoard, fill, score
from django.db import transaction
from django.test import Client

from podium.rules.board.submission_rules import Happening
from podium.server.exports.boards.files import board_file
from podium.server.front.listening import listen
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries import Arrangement, BoardPage, board, contract_json
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.leaderboards.services import hold_board
from podium.server.leaderboards.services.versions import new_version
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import refresh_board

PAGE = 100
_TIMES = 25
_CONNECTIONS = 16
_LOAD_S = 3.0
_ROW = re.compile(rb'<tr data-key="\d+"')


@dataclass(frozen=True)
class Measured:
    """A board, and the address of the site that serves it."""

    board: FilledBoard
    url: str

    @property
    def pages(self) -> dict[str, int]:
        """The numbers of the first, the middle and the last page of 100."""
        last = max(self.board.size // PAGE, 1)
        return {"first": 1, "middle": (last + 1) // 2, "last": last}

    def address(self, page: int) -> str:
        return f"{self.url}/api/phases/{self.board.phase_id}/get_leaderboard/?page={page}&page_size={PAGE}"


def page_cpu_ms(on: Measured) -> dict[str, float]:
    def read(page: int) -> Callable[[], object]:
        return lambda: orjson.dumps(contract_json(on.board.phase_id, None, page=BoardPage(page, PAGE)))

    return {name: _median_ms(read(page), time.process_time) for name, page in on.pages.items()}


def page_http_ms(on: Measured) -> dict[str, float]:
    """Of which nothing is kept, as after every new score."""
    with closing(_Connection(on.url)) as connection:

        def ask(page: int) -> Callable[[], object]:
            return lambda: connection.get(on.address(page))

        return {name: _median_ms(ask(page), before=_forgetting(on)) for name, page in on.pages.items()}


def kept_page_http_ms(on: Measured) -> float:
    with closing(_Connection(on.url)) as connection:
        return _median_ms(lambda: connection.get(on.address(on.pages["middle"])))


def unchanged_http_ms(on: Measured) -> float:
    """The answer 304."""
    with closing(_Connection(on.url)) as connection:
        known = connection.get(on.address(1))["etag"]
        return _median_ms(lambda: connection.get(on.address(1), known, status=304))


def requests_per_s(on: Measured) -> float:
    """Of kept pages, over 16 connections, asked from this process on the same cores."""
    return asyncio.run(_load(on.address(on.pages["middle"])))


def html_ms(on: Measured) -> dict[str, float]:
    """The page of 100 rows, from the request to the last byte, in this process; nothing of it is kept."""
    return {name: _median_ms(_reading(on, page), time.process_time, _forgetting(on)) for name, page in on.pages.items()}


def kept_html_ms(on: Measured) -> dict[str, float]:
    """The same page for everybody after the first, and the part of it that open pages fetch after a change."""
    middle = on.pages["middle"]
    return {
        "page": _median_ms(_reading(on, middle), time.process_time),
        "part": _median_ms(_reading(on, middle, {"HX-Request": "true"}), time.process_time),
    }


def _reading(on: Measured, page: int, headers: dict[str, str] | None = None) -> Callable[[], None]:
    client = Client(SERVER_NAME="localhost")

    def read() -> None:
        answer = client.get(f"/competitions/{on.board.competition_id}/results/?page={page}", headers=headers)
        if len(_ROW.findall(answer.content)) != PAGE:
            raise RuntimeError(f"the page does not show {PAGE} rows")

    return read


def _forgetting(on: Measured) -> Callable[[], None]:
    """Makes whatever is kept of the board worthless, as a score does."""
    return lambda: new_version(on.board.board_id, on.board.phase_id)


def recording_ms(on: Measured) -> dict[str, float]:
    """Of somebody who has sent up to 50 before: from the scores of a submission, which are rows, to the commit of its
    entry."""
    made: list[Submission] = []

    def arrive() -> None:
        made.append(score(on.board, len(made) / _TIMES))

    def record() -> None:
        with transaction.atomic():
            hold_board(on.board.phase_id)
            refresh_board(made[-1], Happening.SCORED)

    return {
        "cpu": _median_ms(record, time.process_time, before=arrive),
        "until_commit": _median_ms(record, before=arrive),
    }


def sorted_ms(on: Measured) -> dict[str, float]:
    """A page of the board in another order, the one in the middle: the first time after a change, and from then on."""
    found = {}
    for name, arrangement in _ARRANGEMENTS.items():

        def read(arrangement: Arrangement = arrangement) -> None:
            board(None, on.board.phase_id, limit=PAGE, offset=on.board.size // 200, arrangement=arrangement)

        found[f"{name}_first"] = _median_ms(read, before=_forgetting(on), times=3)
        found[f"{name}_after"] = _median_ms(read)
    return found


def rank_ms(on: Measured) -> float:
    """The rank of somebody's best entry, in the middle of the board."""
    ranked = RankedEntries(on.board.board_id, on.board.phase_id)
    entries, part = ranked.window(on.board.size // 2, 1)
    owner = entries[part].get().owner_id
    return _median_ms(lambda: ranked.best_of(owner))


def csv(on: Measured) -> dict[str, float]:
    """The whole board as a CSV file, by a process that does nothing else: this one was larger when it filled boards."""
    board = (str(on.board.phase_id), str(on.board.board_id))
    command = [sys.executable, str(Path(__file__).with_name("boards.py")), "--csv-of", *board]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def csv_figures(phase_id: int, board_id: int) -> dict[str, float]:
    """Seconds of CPU, seconds, and the MB by which the process grew beyond its peak: in all, and its own memory at the
    end, without what SQLite maps of its file, which all processes share."""
    # The first query of a process loads and connects much.
    Entry.objects.first()
    before_kb, own_before_kb = _status_kb("VmHWM"), _status_kb("RssAnon")
    begun, begun_cpu = time.perf_counter(), time.process_time()
    board_file(None, phase_id, board_id, "csv").content.close()
    taken, taken_cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
    more_kb, own_more_kb = _status_kb("VmHWM") - before_kb, _status_kb("RssAnon") - own_before_kb
    return {
        "cpu_s": round(taken_cpu, 3),
        "s": round(taken, 3),
        "more_mb": round(more_kb / 1024, 1),
        "own_more_mb": round(own_more_kb / 1024, 1),
    }


def _status_kb(name: str) -> int:
    """What the system says of this process. The peak that `getrusage` tells is also that of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))


_ARRANGEMENTS = {
    "by_column": Arrangement("score.f1"),
    "by_name": Arrangement("participant"),
    "sought": Arrangement("score.f1", "son7"),
}
FIGURES: tuple[Callable[[Measured], float | dict[str, float]], ...] = (
    page_cpu_ms,
    page_http_ms,
    kept_page_http_ms,
    unchanged_http_ms,
    requests_per_s,
    html_ms,
    kept_html_ms,
    sorted_ms,
    rank_ms,
    recording_ms,
    csv,
)


def measured(sizes: Sequence[int]) -> dict[str, Any]:
    """By the name of the figure, and then by the length of the board, each figure."""
    found: dict[str, Any] = {"fill_s": {}} | {figure.__name__: {} for figure in FIGURES}
    boards = []
    for size in sizes:
        begun = time.perf_counter()
        boards.append(fill(size))
        found["fill_s"][str(size)] = round(time.perf_counter() - begun, 2)
    with _served() as url:
        for board in boards:
            for figure in FIGURES:
                found[figure.__name__][str(board.size)] = figure(Measured(board, url))
            if Entry.objects.filter(leaderboard=board.board_id).count() < board.size:
                raise RuntimeError("entries were lost")
    return found


def _median_ms(
    do: Callable[[], object],
    clock: Callable[[], float] = time.perf_counter,
    before: Callable[[], None] | None = None,
    times: int = _TIMES,
) -> float:
    taken = []
    for _ in range(times + 3):
        if before is not None:
            before()
        begun = clock()
        do()
        taken.append((clock() - begun) * 1000)
    # The first ones open connections and fill caches.
    return round(statistics.median(taken[3:]), 3)


class _Connection:
    """One connection that stays open: a client that does more than this takes as long as the answer."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._socket = socket.create_connection((self._parts.hostname, self._parts.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = self._socket.makefile("rb")

    def get(self, address: str, known: str = "", *, status: int = 200) -> dict[str, str]:
        """The head of the answer, by names in lower case; the body is read to its end."""
        parts = urlsplit(address)
        more = f"If-None-Match: {known}\r\n" if known else ""
        words = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {self._parts.netloc}\r\n{more}\r\n"
        self._socket.sendall(words.encode())
        first = self._read.readline().decode()
        if first.split()[1] != str(status):
            raise RuntimeError(f"{address}: {first}")
        fields = iter(lambda: self._read.readline().decode().strip(), "")
        head = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        self._read.read(int(head.get("content-length", "0")))
        return head

    def close(self) -> None:
        self._read.close()
        self._socket.close()


@contextmanager
def _served() -> Iterator[str]:
    """Two web processes on one socket."""
    with listen("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-m", "podium.server.front", "--fd", str(listener.fileno())]
        environment = {**os.environ, "PODIUM_URL": url}
        started = [
            subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()], stdout=subprocess.DEVNULL)
            for _ in range(2)
        ]
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=20), timeout=60) as client:
            client.get(f"{url}/health").raise_for_status()
        yield url
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


async def _load(address: str) -> float:
    """Requests per second over several connections that ask without a pause."""
    parts = urlsplit(address)
    words = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    until = time.perf_counter() + _LOAD_S

    async def asks() -> int:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        answered = 0
        while time.perf_counter() < until:
            writer.write(words)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode(errors="replace"))
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            answered += 1
        writer.close()
        return answered

    return round(sum(await asyncio.gather(*(asks() for _ in range(_CONNECTIONS)))) / _LOAD_S, 1)
