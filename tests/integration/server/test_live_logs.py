"""Logs while they are written: long ones keep their ends, readers miss nothing, and what is hidden is not told."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.server.flow import Flow, SteppedClock, claimed, put, say, worker
from tests.small_bundles import zipped

from podium.server.accounts.credentials import Credential, credential_of
from podium.server.accounts.people import Person
from podium.server.accounts.services import create_api_token
from podium.server.competitions.models import Competition, Phase
from podium.server.submissions.models import LiveLog, LiveMessage
from podium.server.submissions.queries import telling
from podium.server.submissions.queries.followed import follow_as_codabench
from podium.server.submissions.queries.following import Follower, Told, follow_submission, place_of
from podium.server.submissions.queries.live import MOST_MESSAGES, LiveNews, live_news, standing_logs
from podium.server.submissions.queries.telling import tell
from podium.server.submissions.services.lifecycle import cancel
from podium.server.submissions.services.live import (
    HEAD_CHARACTERS,
    TAIL_CHARACTERS,
    LiveSource,
    LogText,
    append_logs,
    live_source,
)

_MOST_ROWS = 450
"""400 pieces are joined, and one writing may add a few."""


@pytest.fixture
def source(flow: Flow) -> LiveSource:
    made = flow.take_in()
    order = claimed(worker())
    assert order["id"] == made
    return live_source(made, order["secret"], flow.anna.id)


def write(source: LiveSource, text: str, kind: str = "scoring_stdout") -> None:
    assert append_logs([LogText(source, kind, text)]) == frozenset()


def standing(source: LiveSource) -> tuple[str, str, int]:
    [log] = standing_logs([source.attempt_id])[source.attempt_id]
    return log.head, log.tail, log.length


class Reader:
    """An open page: what it has read of one log, and up to which message."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self._seq = 0
        self.text = ""

    def read(self) -> None:
        news = live_news({self._source.book_id: self._seq}).get(self._source.book_id, [])
        if news is None:
            # Too far behind: the page is read again.
            head, tail, _ = standing(self._source)
            assert not tail
            self.text = head
            self._seq = LiveMessage.objects.order_by("-seq").values_list("seq", flat=True)[0]
            return
        for message in news:
            self._seq = message.seq
            assert message.start <= len(self.text), "something is missing"
            fresh = message.text[len(self.text) - message.start :]
            self.text += fresh


def test_a_log_that_comes_line_by_line_takes_few_rows_and_no_reader_misses_or_repeats_any(source: LiveSource) -> None:
    order = random.Random(4)
    often, seldom, late = Reader(source), Reader(source), Reader(source)
    whole = ""
    for number in range(1200):
        line = f"epoch {number}\n"
        whole += line
        write(source, line)
        if order.random() < 0.5:
            often.read()
        if order.random() < 0.01:
            seldom.read()
        assert LiveMessage.objects.count() <= _MOST_ROWS
    for reader in (often, seldom, late):
        reader.read()
        assert reader.text == whole
    assert standing(source) == (whole, "", len(whole))
    assert LiveLog.objects.get().pieces == LiveMessage.objects.count()


def test_a_long_log_keeps_its_beginning_and_its_end(source: LiveSource) -> None:
    written = 0
    for number in range(60):
        piece = f"{number:06d}|" * 7500
        write(source, piece)
        written += len(piece)
    head, tail, length = standing(source)
    # 60 pieces of 52,500 characters.
    assert (length, len(head)) == (3_150_000, HEAD_CHARACTERS)
    assert head.startswith("000000|")
    assert tail.endswith("000059|")
    # A whole piece is kept or goes: at most one more than the end that is promised, and not much less.
    assert TAIL_CHARACTERS - (64 << 10) <= len(tail) <= TAIL_CHARACTERS + (128 << 10)
    assert sum(len(message.text) for message in LiveMessage.objects.all()) == len(head) + len(tail)


def test_what_is_said_at_once_and_is_very_long_is_cut_too(source: LiveSource) -> None:
    write(source, "a" * (3 << 20) + "end")
    head, tail, length = standing(source)
    assert (length, head) == ((3 << 20) + 3, "a" * HEAD_CHARACTERS)
    assert tail.endswith("aend")
    assert len(tail) <= TAIL_CHARACTERS + (128 << 10)


def test_a_reader_who_is_too_far_behind_is_told_to_read_again(source: LiveSource) -> None:
    kinds = [f"scoring{part}_{stream}" for part in ("", "_ingestion") for stream in ("stdout", "stderr")]
    for _ in range(MOST_MESSAGES // len(kinds) + 1):
        append_logs([LogText(source, kind, "x") for kind in kinds])
    assert live_news({source.book_id: 0}) == {source.book_id: None}
    assert live_news({source.book_id: MOST_MESSAGES + 4 - 3})[source.book_id] is not None


def test_the_whole_log_takes_the_place_of_its_pieces(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    source = live_source(made, order["secret"], flow.anna.id)
    write(source, "half")
    write(source, "oh", "scoring_stderr")
    put(order["scoring_stdout"], b"half and whole")
    assert list(LiveLog.objects.values_list("kind", flat=True)) == ["scoring_stderr"]
    # What comes late over the socket is in the file already.
    write(source, "half", "scoring_stdout")
    assert list(LiveLog.objects.values_list("kind", flat=True)) == ["scoring_stderr"]


def test_the_last_words_of_a_program_may_come_after_the_end_and_nothing_later(flow: Flow, time: SteppedClock) -> None:
    made = flow.take_in()
    order = claimed(worker())
    source = live_source(made, order["secret"], flow.anna.id)
    write(source, "first ")
    # A worker of Codabench uploads no logs where the time was over, and tells the end over another connection.
    say(order, "Failed", details="Enough.")
    assert append_logs([LogText(source, "scoring_stdout", "second")]) == frozenset()
    assert standing(source)[0] == "first second"
    time.add(seconds=6)
    assert append_logs([LogText(source, "scoring_stdout", "third")]) == frozenset({source.attempt_id})
    assert standing(source)[0] == "first second"


def test_an_attempt_that_was_taken_from_its_worker_adds_nothing(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    source = live_source(made, order["secret"], flow.anna.id)
    write(source, "first")
    cancel(flow.anna, made)
    assert append_logs([LogText(source, "scoring_stdout", "second")]) == frozenset({source.attempt_id})
    assert standing(source)[0] == "first"


def credential(person: Person) -> Credential:
    return credential_of("", f"Token {create_api_token(person, 'test')}")


def told(person: Person, made: int) -> Told:
    """What a page is told that has followed a submission from its beginning."""
    subject = follow_submission(person, made)
    place = replace(place_of(subject), live=0)
    [found] = tell([Follower(1, credential(person), subject, place)])
    return found


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        ((), {"scoring_stdout", "scoring_stderr"}),
        (("hide_prediction_output",), {"scoring_stdout", "scoring_stderr"}),
        (("hide_score_output",), set()),
        (("hide_output",), set()),
    ],
)
def test_logs_that_are_hidden_are_told_to_nobody_but_organizers(
    flow: Flow, hidden: tuple[str, ...], seen: set[str]
) -> None:
    Phase.objects.update(**dict.fromkeys(hidden, True))
    Competition.objects.update(enable_detailed_results=True)
    made = flow.take_in()
    order = claimed(worker())
    source = live_source(made, order["secret"], flow.anna.id)
    write(source, "one\n", "scoring_stdout")
    write(source, "two\n", "scoring_stderr")
    put(order["detailed_results_url"], b"<p>page</p>")
    for person, kinds in ((flow.anna, seen), (flow.otto, {"scoring_stdout", "scoring_stderr"})):
        found = told(person, made)
        assert {message.kind for message in found.messages} == kinds
        assert bool(found.details) is bool(kinds)
        following = follow_as_codabench(credential(person), made)
        assert {log.kind for log in following.logs} == kinds


def test_each_step_is_hidden_by_its_own_switch(flow: Flow, tmp_path: Path) -> None:
    Phase.objects.update(hide_prediction_output=True)
    from tests.integration.server.flow import CODE

    made = flow.take_in(CODE)
    order = claimed(worker())
    write(live_source(made, order["secret"], flow.anna.id), "secret\n", "prediction_stdout")
    assert told(flow.anna, made).messages == ()
    assert [message.text for message in told(flow.otto, made).messages] == ["secret\n"]
    put(order["prediction_result"], zipped({"labels.csv": b"1\n"}))
    say(order, "Scoring")
    order = claimed(worker())
    write(live_source(made, order["secret"], flow.anna.id), "open\n", "scoring_stdout")
    assert [message.text for message in told(flow.anna, made).messages] == ["open\n"]


def test_hiding_a_log_while_it_is_followed_ends_it(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    source = live_source(made, order["secret"], flow.anna.id)
    subject = follow_submission(flow.anna, made)
    follower = Follower(1, credential(flow.anna), subject, place_of(subject))
    write(source, "one\n")
    [first] = tell([follower])
    assert [message.text for message in first.messages] == ["one\n"]
    Phase.objects.update(hide_output=True)
    write(source, "two\n")
    [second] = tell([first.follower])
    assert second.messages == ()


def test_what_is_written_while_others_are_told_is_told_once(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    made = flow.take_in()
    order = claimed(worker())
    source = live_source(made, order["secret"], flow.anna.id)
    subject = follow_submission(flow.anna, made)
    follower = Follower(1, credential(flow.anna), subject, place_of(subject))
    write(source, "one\n")

    def late(places: Mapping[int, int]) -> Mapping[int, list[LiveNews] | None]:
        """What is new, to which something is added since its place was read."""
        write(source, "two\n")
        return live_news(places)

    with monkeypatch.context() as changed:
        changed.setattr(telling, "live_news", late)
        [first] = tell([follower])
    [second] = tell([first.follower])
    assert [[message.text for message in each.messages] for each in (first, second)] == [["one\n"], ["two\n"]]


def test_what_a_worker_does_changes_its_page_once(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    subject = follow_submission(flow.anna, made)
    follower = Follower(1, credential(flow.anna), subject, place_of(subject))
    say(order, "Running")
    [first] = tell([follower])
    assert first.changed
    say(order, "Running")
    assert tell([first.follower]) == []
