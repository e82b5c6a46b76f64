"""Open pages are told what is new: by every process, at once, once, and only to whom it concerns."""

from __future__ import annotations

import json
import signal
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from tests.integration.live.conftest import QuietSite, WebProcess, web_process
from tests.integration.live.streams import listening, socket_of
from tests.integration.live.test_workers import claim, submit
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from podium.server.front.listening import listen
from podium.worker.execute.order import Role
from podium.worker.transport.log_stream import LogStream
from podium.worker.transport.orders import read_order

pytestmark = pytest.mark.slow


@pytest.fixture
def order(quiet: QuietSite, tmp_path: Path) -> Any:
    """A scoring run that the test holds, of a submission of otto's."""
    made = submit(quiet, tmp_path)
    with quiet.worker() as worker:
        taken = claim(worker, 10).json()
        assert taken["id"] == made
        yield taken
        give_up_quietly(quiet, taken)


def give_up_quietly(site: QuietSite, order: dict[str, Any]) -> None:
    """End the attempt if the test did not."""
    assert report(site, order, status="Failed", outcome="failed").status_code in {200, 409}


def say(text: str, kind: str = "program") -> str:
    return json.dumps({"kind": kind, "message": text})


def report(site: QuietSite, order: dict[str, Any], **fields: str) -> httpx.Response:
    return httpx.patch(f"{site.near.url}/api/submissions/{order['id']}/", data={"secret": order["secret"], **fields})


def authorized(site: QuietSite) -> dict[str, str]:
    return {"Authorization": f"Token {site.token}"}


def test_log_lines_and_the_end_reach_a_page_of_another_process(quiet: QuietSite, order: dict[str, Any]) -> None:
    page = f"{quiet.far.url}/live/submissions/{order['id']}/"
    with listening(page, **authorized(quiet)) as stream, connect(socket_of(order, quiet.near.url)) as socket:
        socket.send(say("epoch 1\n"))
        first = stream.next("log")
        assert first.data == {
            "part": order["id"],
            "attempt": first.data["attempt"],
            "kind": "scoring_stdout",
            "start": 0,
            "end": 8,
            "text": "epoch 1\n",
        }
        socket.send(say("oh\n", "stderr"))
        second = stream.next("log")
        assert (second.data["kind"], second.data["text"], second.data["start"]) == ("scoring_stderr", "oh\n", 0)
        report(quiet, order, status="Failed", outcome="failed", status_details="It broke.").raise_for_status()
        stream.next("changed")


def test_a_stream_that_broke_goes_on_where_it_was(quiet: QuietSite, order: dict[str, Any]) -> None:
    page = f"{quiet.near.url}/live/submissions/{order['id']}/"
    with connect(socket_of(order, quiet.far.url)) as socket:
        with listening(page, **authorized(quiet)) as stream:
            socket.send(say("a"))
            told = stream.next("log")
        for letter in "bcd":
            socket.send(say(letter))
        with listening(page, **authorized(quiet)) as other:
            # Another page, which begins now, hears the next letter only after the ones before were written.
            socket.send(say("e"))
            while not other.next("log").data["text"].endswith("e"):
                pass
        with listening(page, **authorized(quiet), **{"Last-Event-ID": told.id}) as stream:
            heard = ""
            while not heard.endswith("e"):
                heard += stream.next("log").data["text"]
            assert heard == "bcde"
            assert stream.nothing_within(0.3)


def test_a_page_reloaded_shows_the_same_log(quiet: QuietSite, order: dict[str, Any]) -> None:
    with connect(socket_of(order, quiet.near.url, "program")) as socket:
        socket.send(say("<b>one</b>\n"))
        socket.send(say("two\n"))
        url = f"{quiet.far.url}/live/submissions/{order['id']}/"
        with listening(f"{url}?after=0:0-0", **authorized(quiet)) as stream:
            heard = ""
            while not heard.endswith("two\n"):
                heard += stream.next("log").data["text"]
        assert heard == "<b>one</b>\ntwo\n"
    put(order["scoring_stdout"], quiet, b"<b>one</b>\ntwo\nthree\n")
    report(quiet, order, status="Failed", outcome="failed").raise_for_status()


def put(link: str, site: QuietSite, content: bytes) -> httpx.Response:
    url = httpx.URL(link)
    return httpx.put(httpx.URL(site.near.url).join(url.raw_path.decode()), content=content)


def test_a_wrong_secret_opens_no_socket(quiet: QuietSite, order: dict[str, Any]) -> None:
    for wrong in ({"secret": "0" * 32}, {"id": order["id"] + 1}, {"user_pk": order["user_pk"] + 1}, {"secret": "x"}):
        with pytest.raises(InvalidStatus) as refused, connect(socket_of({**order, **wrong}, quiet.near.url)):
            pass
        assert refused.value.response.status_code == 403


def test_the_socket_of_an_attempt_that_was_taken_away_is_closed(quiet: QuietSite, order: dict[str, Any]) -> None:
    with connect(socket_of(order, quiet.near.url)) as socket:
        path = f"/api/submissions/{order['id']}/cancel_submission/"
        httpx.post(f"{quiet.near.url}{path}", headers=authorized(quiet)).raise_for_status()
        socket.send(say("still here"))
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=20)
    with pytest.raises(InvalidStatus), connect(socket_of(order, quiet.near.url)):
        pass


def test_what_no_worker_says_ends_the_socket_and_nothing_else(quiet: QuietSite, order: dict[str, Any]) -> None:
    for nonsense in ("no json", "[", b"\xff\xfe"):
        with connect(socket_of(order, quiet.near.url)) as socket:
            socket.send(nonsense)
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=20)
    with connect(socket_of(order, quiet.near.url)) as socket:
        for ignored in ("[]", "3", "{}", '{"kind":"detailed_result_update"}', '{"kind":7,"message":"x"}', say("")):
            socket.send(ignored)
        socket.send(say("kept\x00\n"))
        with listening(f"{quiet.far.url}/live/submissions/{order['id']}/?after=-0", **authorized(quiet)) as stream:
            assert stream.next("log").data["text"] == "kept\N{REPLACEMENT CHARACTER}\n"


def test_strangers_follow_nothing(quiet: QuietSite, order: dict[str, Any]) -> None:
    for path in (f"submissions/{order['id']}/", "submissions/", "competitions/1/submissions/all/"):
        assert httpx.get(f"{quiet.near.url}/live/{path}").status_code == 403
    assert httpx.get(f"{quiet.near.url}/live/submissions/999999/", headers=authorized(quiet)).status_code == 404
    assert httpx.get(f"{quiet.near.url}/live/phases/999999/results/").status_code == 404


def test_streams_end_when_their_process_is_asked_to_end(quiet: QuietSite, order: dict[str, Any]) -> None:
    with (
        web_process(quiet.environment) as third,
        listening(f"{third.url}/live/submissions/", **authorized(quiet)) as stream,
        connect(socket_of(order, third.url)) as socket,
    ):
        third.process.send_signal(signal.SIGTERM)
        assert stream.until_end() == []
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=20)
        third.process.wait(20)


def test_a_killed_process_costs_a_fraction_of_a_second_of_a_log_and_repeats_nothing(
    quiet: QuietSite, order: dict[str, Any]
) -> None:
    page = f"{quiet.far.url}/live/submissions/{order['id']}/"
    pause = Event()
    with listen("127.0.0.1", 0) as listener, listening(page, **authorized(quiet)) as stream:
        with web_process(quiet.environment, listener) as first, LogStream(read_order(order), first.url) as logs:
            for number in range(1000):
                logs.write(Role.PROGRAM, "stdout", f"{number}\n".encode())
                pause.wait(0.005)
                if number == 300:
                    first.process.kill()
                    first.process.wait(20)
                    second = stack_of(web_process(quiet.environment, listener))
            text = ""
            while not text.endswith("999\n"):
                said = stream.next("log")
                # Each piece begins where the one before it ended.
                assert said.data["start"] == len(text)
                text += said.data["text"]
        second.close()
    numbers = [int(line) for line in text.splitlines()]
    assert numbers == sorted(set(numbers))
    # 5 ms a line: gathered for 50 ms by the worker, and for 100 ms by the process.
    assert 1000 - len(numbers) < 100


def test_a_page_whose_process_is_killed_goes_on_with_another(quiet: QuietSite, order: dict[str, Any]) -> None:
    with connect(socket_of(order, quiet.near.url)) as socket:
        with web_process(quiet.environment) as third:
            path = f"/live/submissions/{order['id']}/"
            with listening(third.url + path, **authorized(quiet)) as stream:
                socket.send(say("one\n"))
                told = stream.next("log")
                third.process.kill()
                assert stream.until_end() == []
        socket.send(say("two\n"))
        with listening(quiet.far.url + path, **authorized(quiet), **{"Last-Event-ID": told.id}) as stream:
            socket.send(say("three\n"))
            text = ""
            while not text.endswith("three\n"):
                text += stream.next("log").data["text"]
    assert text == "two\nthree\n"


def stack_of(process: AbstractContextManager[WebProcess]) -> ExitStack:
    """What ends a process that has begun."""
    stack = ExitStack()
    stack.enter_context(process)
    return stack
