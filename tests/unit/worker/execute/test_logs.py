"""Logs keep their beginning and their end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from podium.worker.execute.logs import HeadAndTail


def test_a_short_log_is_kept_whole() -> None:
    log = HeadAndTail(100)
    for chunk in (b"a" * 40, b"b" * 60):
        log.write(chunk)
    assert log.text() == "a" * 40 + "b" * 60


def test_a_long_log_says_how_much_is_missing_between_beginning_and_end() -> None:
    log = HeadAndTail(100)
    # A quarter of 100 is the beginning, the rest the end: 25 + 75 of 1,000 bytes are kept, 900 are not.
    log.write(b"0" * 500)
    log.write(b"1" * 500)
    assert log.text() == "0" * 25 + "\n[... 900 bytes are not shown here ...]\n" + "1" * 75


def test_bytes_that_are_no_text_do_not_stop_anything() -> None:
    log = HeadAndTail(100)
    log.write(b"\xff\x00ok")
    assert log.text() == "\N{REPLACEMENT CHARACTER}\x00ok"


@given(st.lists(st.binary(max_size=50), max_size=40), st.integers(4, 60))
def test_whatever_the_chunks_the_kept_bytes_are_the_first_and_the_last(chunks: list[bytes], limit: int) -> None:
    chunks = [bytes(byte & 0x7F for byte in chunk) for chunk in chunks]
    whole = b"".join(chunks)
    log = HeadAndTail(limit)
    for chunk in chunks:
        log.write(chunk)
    if len(whole) <= limit:
        assert log.text() == whole.decode()
    else:
        head, tail = limit // 4, limit - limit // 4
        cut = f"\n[... {len(whole) - limit} bytes are not shown here ...]\n"
        assert log.text() == whole[:head].decode() + cut + whole[-tail:].decode()
