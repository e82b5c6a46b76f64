import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.history import (
    Event,
    EventKind,
    append,
    canonical_json,
    event_hash,
    scores_path,
    text_hash,
    verify,
)
from podium.rules.proof import Head, MisfitKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def chain(length: int, name: str = "competition:1") -> list[Event]:
    events: list[Event] = []
    for number in range(length):
        events.append(
            append(
                events[-1] if events else None,
                chain=name,
                kind=EventKind.SUBMISSION_RECEIVED,
                at=NOON + timedelta(seconds=number),
                actor="u-7",
                payload={"submission": number, "score": number / 3},
            )
        )
    return events


def head_of(events: list[Event]) -> Head:
    return Head(events[-1].seq, events[-1].hash)


def test_canonical_json_is_sorted_compact_and_keeps_characters():
    assert (
        canonical_json({"b": [1, 1.0, True, None], "a": "Zoë", "B": {}}) == '{"B":{},"a":"Zoë","b":[1,1.0,true,null]}'
    )


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {1: "a"}, {None: 1}, [{"a": {2.0: 1}}], NOON, b"bytes", {"a": {1, 2}}, "\ud800"],
)
def test_what_has_no_one_way_of_writing_is_refused(value):
    with pytest.raises(ValueError):
        canonical_json(value)


def test_a_value_that_contains_itself_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ValueError):
        canonical_json(endless)


def test_any_mapping_is_written_like_a_dict():
    assert canonical_json(MappingProxyType({"b": 1, "a": MappingProxyType({})})) == '{"a":{},"b":1}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_canonical_json_survives_being_read_and_written_again(value):
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text


def test_the_hash_is_the_sha256_of_the_canonical_fields():
    # Written out by hand from the definition.
    text = (
        '{"actor":"u-7","at":"2026-03-01T12:00:00.000000+00:00","chain":"competition:1","kind":"entry-added",'
        '"payload":{"entry":5},"prev_hash":"","seq":1}'
    )
    digest = event_hash(
        chain="competition:1", seq=1, kind="entry-added", at=NOON, actor="u-7", payload={"entry": 5}, prev_hash=""
    )
    assert digest == hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_does_not_depend_on_the_zone_a_time_is_given_in():
    fields = {"chain": "c", "seq": 1, "kind": "k", "actor": "", "payload": {}, "prev_hash": ""}
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert event_hash(at=NOON, **fields) == event_hash(at=elsewhere, **fields)


def test_an_event_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        event_hash(chain="c", seq=1, kind="k", at=NOON.replace(tzinfo=None), actor="", payload={}, prev_hash="")


def test_events_are_linked_and_numbered_from_one():
    first, second = chain(2)
    assert (first.seq, first.prev_hash) == (1, "")
    assert (second.seq, second.prev_hash) == (2, first.hash)


def test_an_event_cannot_follow_one_of_another_chain():
    with pytest.raises(ValueError, match="cannot follow"):
        append(chain(1)[0], chain="site:0", kind=EventKind.USER_REGISTERED, at=NOON, actor="", payload={})


@given(st.integers(0, 12))
def test_an_untouched_chain_fits(length):
    events = chain(length)
    assert verify(events) is None
    assert verify(iter(events), head_of(events) if events else Head(0, "")) is None


@pytest.mark.parametrize(
    "change",
    [
        {"payload": {"submission": 3, "score": 0.5}},
        {"payload": {"submission": float("nan")}},
        {"actor": "u-8"},
        {"at": NOON},
        {"kind": "submission-deleted"},
        {"hash": "0" * 64},
        {"prev_hash": "0" * 64},
    ],
)
def test_an_edited_event_is_named(change):
    events = chain(6)
    events[3] = replace(events[3], **change)
    misfit = verify(events)
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.EDITED, 4)


def test_an_event_with_its_hash_made_anew_does_not_link_to_the_next():
    events = chain(6)
    events[3] = append(
        events[2], chain="competition:1", kind=EventKind.SUBMISSION_RECEIVED, at=NOON, actor="u-7", payload={}
    )
    misfit = verify(events)
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.REPLACED, 5)


@given(length=st.integers(2, 10), data=st.data())
def test_a_dropped_event_is_named(length, data):
    events = chain(length)
    place = data.draw(st.integers(0, length - 2))
    head = head_of(events)
    del events[place]
    misfit = verify(events, head)
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.DROPPED, place + 1)


@given(length=st.integers(2, 10), data=st.data())
def test_exchanged_events_are_named(length, data):
    events = chain(length)
    a, b = sorted(data.draw(st.lists(st.integers(0, length - 1), min_size=2, max_size=2, unique=True)))
    events[a], events[b] = events[b], events[a]
    misfit = verify(events)
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.REORDERED, a + 1)


def test_a_repeated_event_is_named():
    events = chain(4)
    misfit = verify([*events[:2], events[1], *events[2:]])
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.REORDERED, 3)


@given(length=st.integers(1, 8), data=st.data())
def test_a_cut_end_is_noticed_with_the_known_head(length, data):
    events = chain(length)
    kept = data.draw(st.integers(0, length - 1))
    misfit = verify(events[:kept], head_of(events))
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.CUT, kept + 1)


def test_more_than_the_known_head_is_noticed():
    events = chain(4)
    misfit = verify(events, head_of(events[:3]))
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.EXTENDED, 4)


def test_a_chain_rewritten_to_its_end_is_noticed_with_the_known_head():
    events = chain(4)
    last = append(
        events[2], chain="competition:1", kind=EventKind.ENTRY_REMOVED, at=NOON, actor="", payload={"entry": 1}
    )
    misfit = verify([*events[:3], last], head_of(events))
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.REPLACED, 4)


def test_an_event_of_another_chain_is_noticed():
    events = chain(3)
    misfit = verify([*events[:2], chain(3, "competition:2")[2]])
    assert misfit is not None
    assert (misfit.kind, misfit.seq) == (MisfitKind.FOREIGN, 3)


def test_a_text_is_named_by_a_hash_that_depends_on_the_salt():
    # RFC 4231, test case 2
    assert text_hash(b"Jefe", "what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert text_hash(b"other", "what do ya want for nothing?") != text_hash(b"Jefe", "what do ya want for nothing?")


@pytest.mark.parametrize(
    ("phase_index", "number", "path"),
    [
        (0, 1, "input/history/000/001/output/scores.txt"),
        (0, 2, "input/history/000/002/output/scores.txt"),
        (12, 345, "input/history/012/345/output/scores.txt"),
    ],
)
def test_earlier_scores_lie_where_old_programs_look(phase_index, number, path):
    assert str(scores_path(phase_index, number)) == path


@pytest.mark.parametrize(("phase_index", "number"), [(-1, 1), (0, 0)])
def test_a_place_that_cannot_exist_is_refused(phase_index, number):
    with pytest.raises(ValueError):
        scores_path(phase_index, number)
