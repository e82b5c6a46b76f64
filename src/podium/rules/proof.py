"""Proving that a chain of events is whole: from its stored rows, or from the lines of an export.

What is hashed is text, and the stored or exported text is what is looked at: one byte of it cannot change unnoticed. An
export is a text file of one JSON object per line. The first describes the chain and its end; each other is an event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_FORMAT = 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class MisfitKind(StrEnum):
    """In which way a chain is broken."""

    EDITED = "edited"
    """An event's content does not have its hash."""
    REPLACED = "replaced"
    """An event is sound by itself, and yet not the one that was there."""
    DROPPED = "dropped"
    REORDERED = "reordered"
    FOREIGN = "foreign"
    """An event of another chain."""
    CUT = "cut"
    """The end is missing."""
    EXTENDED = "extended"
    """There is more than the known end."""


@dataclass(frozen=True)
class Misfit:
    """The first place where a chain does not fit: at the event `seq`."""

    kind: MisfitKind
    seq: int
    message: str


@dataclass(frozen=True)
class Head:
    """The end of a chain as kept elsewhere; an empty chain has `seq` 0 and an empty hash. As text, `seq:hash`."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def of_text(cls, text: str) -> Head:
        """The opposite of `str`.

        Raises:
            ValueError: it is none.
        """
        seq, colon, digest = text.partition(":")
        if not colon or not seq.isdecimal() or len(digest) not in {0, 64}:
            raise ValueError(f"{text!r} is not the end of a chain, such as 12:9f86d0...")
        return cls(int(seq), digest)


@dataclass(frozen=True, slots=True)
class Link:
    """An event as it is stored: `at` and `payload` are the texts that were hashed."""

    chain: str
    seq: int
    kind: str
    at: str
    actor: str
    payload: str
    prev_hash: str
    hash: str


def link_hash(chain: str, seq: int, kind: str, at: str, actor: str, payload: str, prev_hash: str) -> str:
    """The sha256, in hex, of the canonical JSON of an event without its hash. `payload` is canonical JSON already."""
    return hashlib.sha256(_text(chain, seq, kind, at, actor, payload, prev_hash).encode()).hexdigest()


def _text(chain: str, seq: int, kind: str, at: str, actor: str, payload: str, prev_hash: str) -> str:
    # By hand, as it is made for each of a million events. The payload cannot pretend to be more than one: what follows
    # it begins at a known distance from the end.
    return (
        f'{{"actor":{_encode(actor)},"at":"{at}","chain":{_encode(chain)},"kind":{_encode(kind)},'
        f'"payload":{payload},"prev_hash":{_encode(prev_hash)},"seq":{seq}}}'
    )


def verify_links(links: Iterable[Link], head: Head | None = None, *, chain: str = "") -> Misfit | None:
    """The first misfit of a whole chain, read from its first event on, or None if all fits.

    Without `head`, a cut end and a chain rewritten from some event to its end cannot be noticed. `chain` is the name
    that the events must have; without it, the first one says it.
    """
    last: Link | None = None
    stream = iter(links)
    for link in stream:
        misfit = _misfit(last, link, stream, chain or (last or link).chain)
        if misfit:
            return misfit
        last = link
        if head and link.seq == head.seq and link.hash != head.hash:
            return Misfit(
                MisfitKind.REPLACED, link.seq, f"Event {link.seq} is not the one that the chain is known to end with."
            )
        if head and link.seq > head.seq:
            return Misfit(MisfitKind.EXTENDED, link.seq, f"The chain is known to end with event {head.seq}.")
    seq = last.seq if last else 0
    if head and seq < head.seq:
        return Misfit(
            MisfitKind.CUT, seq + 1, f"The chain ends with event {seq}; events {seq + 1} to {head.seq} are missing."
        )
    return None


def _misfit(last: Link | None, link: Link, rest: Iterable[Link], chain: str) -> Misfit | None:
    expected = last.seq + 1 if last else 1
    if link.chain != chain:
        return Misfit(
            MisfitKind.FOREIGN, expected, f"In the place of event {expected} of {chain} stands one of {link.chain}."
        )
    if link.seq != expected:
        if link.seq < expected or any(later.seq == expected for later in rest):
            return Misfit(MisfitKind.REORDERED, expected, f"Event {link.seq} stands in the place of {expected}.")
        return Misfit(MisfitKind.DROPPED, expected, f"Event {expected} is missing; event {link.seq} comes next.")
    digest = link_hash(link.chain, link.seq, link.kind, link.at, link.actor, link.payload, link.prev_hash)
    if digest != link.hash:
        return Misfit(MisfitKind.EDITED, expected, f"The content of event {expected} does not have its hash.")
    if link.prev_hash != (last.hash if last else ""):
        return Misfit(
            MisfitKind.REPLACED,
            expected,
            f"Event {expected} does not follow from event {expected - 1}: one was replaced.",
        )
    return None


@dataclass(frozen=True)
class Proven:
    """What an export, or a chain of the database, was found to be: whole where there is no `misfit`. `head` is the end
    that it says it has."""

    chain: str
    head: Head
    misfit: Misfit | None


def first_line(chain: str, head: Head) -> str:
    """The line that an export begins with."""
    return _encode({"podium_history": _FORMAT, "chain": chain, "events": head.seq, "head": head.hash})


def line_of(link: Link) -> str:
    """The line of an event in an export."""
    text = _text(link.chain, link.seq, link.kind, link.at, link.actor, link.payload, link.prev_hash)
    return f'{{"hash":{_encode(link.hash)},{text[1:]}'


def verify_lines(lines: Iterable[str], head: Head | None = None) -> Proven:
    """Prove an export by its lines, which may keep their line ends. `head` is the end that it must have, where it is
    known from elsewhere; otherwise its own first line says it.

    Raises:
        ValueError: it does not begin like an export.
    """
    stream = (line.rstrip("\n") for line in lines)
    chain, said = _read_first(next(stream, ""))
    misfit = verify_links(_links(chain, stream), head or said, chain=chain)
    if misfit is None and head is not None and said != head:
        misfit = Misfit(MisfitKind.REPLACED, said.seq, f"The first line says that the chain ends with {said}.")
    return Proven(chain, said, misfit)


def _read_first(line: str) -> tuple[str, Head]:
    try:
        said = json.loads(line)
        chain, head = said["chain"], Head(said["events"], said["head"])
        if said["podium_history"] == _FORMAT and line == first_line(chain, head):
            return chain, head
    except (ValueError, TypeError, KeyError):
        pass
    raise ValueError("this is no export of a history, or its first line was changed")


def _links(chain: str, lines: Iterator[str]) -> Iterator[Link]:
    for expected, line in enumerate(lines, 1):
        link = _read(line)
        # A line that does not say what it says in the one way of writing it was edited: its hash is then none.
        yield link or Link(chain, expected, "", "", "", "", "", "")


def _read(line: str) -> Link | None:
    try:
        said: dict[str, Any] = json.loads(line)
        payload = json.dumps(said.pop("payload"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        link = Link(payload=payload, **said)
        return link if isinstance(link.seq, int) and line_of(link) == line else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
