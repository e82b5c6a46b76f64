"""Chains as they are proved and exported: read from the database as they are stored, in portions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from podium.rules.errors import NotFound
from podium.rules.proof import Head, Link, Misfit, MisfitKind, Proven, first_line, line_of, verify_links
from podium.server.history.models import Chain, Event
from podium.server.history.services import ChainName

# So that no view of the past is held open for long, which would keep SQLite from tidying up.
_PORTION = 5000


def chain_names() -> list[ChainName]:
    """Every chain, the site's own first."""
    rows = Chain.objects.order_by("-kind", "subject").values_list("kind", "subject")
    return [ChainName(kind, subject) for kind, subject in rows]


def chain_of_text(text: str) -> ChainName:
    """The chain of a name such as `competition:7`, or of the number of a competition.

    Raises:
        NotFound: there is none.
    """
    kind, _, subject = text.rpartition(":")
    found = ChainName(kind or "competition", int(subject)) if subject.isdecimal() and len(subject) < 19 else None
    if found is None or not Chain.objects.filter(kind=found.kind, subject=found.subject).exists():
        raise NotFound("no-such-chain", f"There is no history {text}.", "Name it like competition:7, or site:0.")
    return found


def head_of_chain(name: ChainName) -> Head:
    """The end of a chain as its row says it; of none, that of an empty chain."""
    row = Chain.objects.filter(kind=name.kind, subject=name.subject).values_list("head_seq", "head_hash").first()
    return Head(*row) if row else Head(0, "")


def head_of_competition(competition_id: int) -> Head:
    """The end of a competition's chain now."""
    return head_of_chain(ChainName.competition(competition_id))


def head_line(competition_id: int) -> str:
    """The chain and its end, as the first line of its own export has them: the comment of every zip of results."""
    name = ChainName.competition(competition_id)
    return first_line(str(name), head_of_chain(name))


def prove_chain(name: ChainName) -> Proven:
    """Recompute a chain from its stored events, and compare its end with what its row says.

    Events that are appended meanwhile are left for the next time.
    """
    head = head_of_chain(name)
    misfit = verify_links(links_of(name, upto=head.seq), head, chain=str(name))
    if misfit is None:
        newest = Event.objects.filter(chain__kind=name.kind, chain__subject=name.subject).order_by("-seq")
        beyond = newest.values_list("seq", flat=True).first() or 0
        if beyond > head_of_chain(name).seq:
            message = f"The chain is known to end with event {head.seq}."
            misfit = Misfit(MisfitKind.EXTENDED, head.seq + 1, message)
    return Proven(str(name), head, misfit)


def links_of(name: ChainName, *, upto: int) -> Iterator[Link]:
    """The events of a chain as they are stored, in order, up to a number."""
    text = str(name)
    chain = Chain.objects.filter(kind=name.kind, subject=name.subject).values_list("pk", flat=True).first()
    rows = Event.objects.filter(chain=chain, seq__lte=upto).order_by("seq")
    fields = ("seq", "kind", "at", "actor", "payload", "prev_hash", "hash")
    last = -1
    while portion := list(rows.filter(seq__gt=last).values_list(*fields)[:_PORTION]):
        for seq, kind, at, actor, payload, prev_hash, digest in portion:
            yield Link(text, seq, kind, _stored(at), actor, payload, prev_hash, digest)
        last = portion[-1][0]


def export_lines(name: ChainName) -> Iterator[str]:
    """The lines of a chain's export, without line ends: all events up to the end that its first line names."""
    head = head_of_chain(name)
    yield first_line(str(name), head)
    for link in links_of(name, upto=head.seq):
        yield line_of(link)


def _stored(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")
