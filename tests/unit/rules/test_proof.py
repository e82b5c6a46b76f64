"""Proving exports of chains: whatever is done to one, the place is named."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.history import Event, EventKind, append, link_of
from podium.rules.proof import Head, MisfitKind, first_line, line_of, verify_lines

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def export(length: int = 5, name: str = "competition:1") -> list[str]:
    """The lines of an export, with their line ends."""
    events: list[Event] = []
    for number in range(length):
        last = events[-1] if events else None
        at = NOON + timedelta(seconds=number)
        payload = {"submission": number, "scores": {"größe": number / 3}}
        events.append(append(last, chain=name, kind=EventKind.ENTRY_ADDED, at=at, actor="u-7", payload=payload))
    head = Head(length, events[-1].hash if events else "")
    return [f"{line}\n" for line in [first_line(name, head), *(line_of(link_of(event)) for event in events)]]


def head_of(lines: list[str]) -> Head:
    return verify_lines(lines).head


def test_an_event_is_written_as_one_line_of_json():
    digest = hashlib.sha256(
        b'{"actor":"u-7","at":"2026-03-01T12:00:00.000000+00:00","chain":"competition:1","kind":"entry-added",'
        b'"payload":{"scores":{"gr\xc3\xb6\xc3\x9fe":0.0},"submission":0},"prev_hash":"","seq":1}'
    ).hexdigest()
    first, event = export(1)
    assert first == f'{{"podium_history":1,"chain":"competition:1","events":1,"head":"{digest}"}}\n'
    assert event == (
        f'{{"hash":"{digest}","actor":"u-7","at":"2026-03-01T12:00:00.000000+00:00","chain":"competition:1",'
        '"kind":"entry-added","payload":{"scores":{"größe":0.0},"submission":0},"prev_hash":"","seq":1}\n'
    )


@pytest.mark.parametrize("length", [0, 1, 5])
def test_an_untouched_export_is_whole(length):
    lines = export(length)
    found = verify_lines(lines)
    assert (found.misfit, found.chain, found.head.seq) == (None, "competition:1", length)
    assert verify_lines(lines, found.head).misfit is None


@given(data=st.data())
def test_no_byte_of_an_event_changes_unnoticed(data):
    lines = export()
    place = data.draw(st.integers(1, 5))
    content = lines[place].rstrip("\n").encode()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != content[at] and value != 10))
    edited = (content[:at] + bytes([byte]) + content[at + 1 :]).decode(errors="replace")
    misfit = verify_lines([*lines[:place], f"{edited}\n", *lines[place + 1 :]]).misfit
    assert misfit is not None
    assert misfit.seq == place


@given(length=st.integers(1, 8), data=st.data())
def test_a_dropped_line_is_named(length, data):
    lines = export(length)
    place = data.draw(st.integers(1, length))
    misfit = verify_lines([*lines[:place], *lines[place + 1 :]]).misfit
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.CUT if place == length else MisfitKind.DROPPED, place)


@given(length=st.integers(2, 8), data=st.data())
def test_exchanged_lines_are_named(length, data):
    lines = export(length)
    a, b = sorted(data.draw(st.lists(st.integers(1, length), min_size=2, max_size=2, unique=True)))
    lines[a], lines[b] = lines[b], lines[a]
    misfit = verify_lines(lines).misfit
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.REORDERED, a)


def test_a_line_of_another_chain_is_named():
    other = export(name="competition:2")
    for place in (1, 3):
        lines = export()
        lines[place] = other[place]
        misfit = verify_lines(lines).misfit
        assert misfit is not None
        assert (misfit.kind, misfit.seq) == (MisfitKind.FOREIGN, place)


def test_a_cut_end_is_found_by_the_end_that_was_written_down():
    whole, short = export(5), export(3)
    assert verify_lines(short).misfit is None
    misfit = verify_lines(short, head_of(whole)).misfit
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.CUT, 4)


def test_a_first_line_that_lies_about_the_end_is_noticed():
    lines = export()
    for said, seq in ((Head(5, "0" * 64), 5), (Head(4, "0" * 64), 4), (Head(9, head_of(lines).hash), 6)):
        changed = [first_line("competition:1", said), *lines[1:]]
        misfit = verify_lines(changed).misfit
        assert misfit is not None
        assert misfit.seq == seq
        assert verify_lines(changed, head_of(lines)).misfit is not None


def test_lines_that_are_no_event_are_named():
    for line in ("", "[]", "null", '{"payload": 1}', "[" * 100_000):
        misfit = verify_lines([*export()[:3], f"{line}\n"]).misfit
        assert misfit is not None
        assert (misfit.kind, misfit.seq) == (MisfitKind.EDITED, 3)


@pytest.mark.parametrize("lines", [[], [""], ["{}"], ["[1]"], export()[1:], [export()[0].replace(":1,", ": 1,")]])
def test_what_does_not_begin_like_an_export_is_refused(lines):
    with pytest.raises(ValueError, match="first line"):
        verify_lines(lines)


def test_an_end_is_written_and_read_as_text():
    head = head_of(export())
    assert Head.of_text(str(head)) == head
    for text in ("", "5", "x:y", "5:abc", "-1:" + "0" * 64):
        with pytest.raises(ValueError, match="end of a chain"):
            Head.of_text(text)
