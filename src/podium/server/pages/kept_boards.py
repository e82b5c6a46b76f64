"""The part of a board's page that open pages fetch again after each change, kept as it was made for the first of them.

Who may see the board is asked of the database at every request, before this. The key names everything that the part is
made of: the newest event of the competition and the version of the board, what the reader may see, how they look at it,
and who they are where a row of the board is theirs. Files of detailed results arrive without an event: where a board
leads to them, they are looked for at every request, and their submissions are part of the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

import orjson
from django.utils.safestring import SafeString

from podium.rules.access import Action
from podium.server.accounts.people import Person
from podium.server.charts.queries import Drawn
from podium.server.leaderboards.kept_answers import KeptAnswers
from podium.server.leaderboards.queries import BoardSight, owns_entry
from podium.server.pages.board_state import BoardState
from podium.server.submissions.queries.following import Place

MOST_BYTES = 16 << 20
"""What a process keeps of them."""
_kept = KeptAnswers(MOST_BYTES)
_PARTS = b"parts"
_RIGHTS = (Action.SEE_HIDDEN_BOARD, Action.SEE_ANY_SUBMISSION, Action.SEE_HIDDEN_OUTPUT)


@dataclass(frozen=True)
class BoardPart:
    """The part, and whether it stays as it is until the key changes: it does not where it depends on the time or on
    people who stand on no board. `parts` are the submissions that ran for its rows, `detailed` those of them whose
    detailed results it leads to; None where the board leads to none."""

    html: SafeString
    lasting: bool
    parts: tuple[int, ...]
    detailed: frozenset[int] | None


@dataclass(frozen=True)
class Look:
    """Who looks at which board, and how, with so many `rows` on a page; `place` is how far what happens there was read
    before the board is. `drawn` are the charts below it, `coming` says that newer ones are on their way."""

    sight: BoardSight
    person: Person | None
    state: BoardState
    rows: int
    place: Place
    drawn: tuple[Drawn, ...]
    coming: bool


def kept_part(
    look: Look, make: Callable[[], BoardPart], detailed: Callable[[Collection[int]], frozenset[int] | None]
) -> SafeString:
    """The part as it was made for the same look, or as `make` makes it now. `detailed` tells of which submissions, of
    these, the board leads to detailed results now; None where it leads to none."""
    if not look.place.live:
        # Nothing was ever written to the board, so that nothing tells its next state from this one.
        return make().html
    key = _key(look)
    parts = _kept.get(key + _PARTS)
    known = _kept.get(_with(key, None if parts is None else detailed(orjson.loads(parts))))
    if known is not None:
        return SafeString(known.decode())
    part = make()
    if part.lasting:
        if part.detailed is not None:
            _kept.put(key + _PARTS, orjson.dumps(part.parts))
        _kept.put(_with(key, part.detailed), part.html.encode())
    return part.html


def _with(key: bytes, detailed: frozenset[int] | None) -> bytes:
    return key if detailed is None else key + hashlib.sha256(repr(sorted(detailed)).encode()).digest()


def _key(look: Look) -> bytes:
    """What the part is made of, as a hash: addresses are as long as their readers want them to be."""
    plan, standing = look.sight.plan, look.sight.standing
    own = look.person is not None and owns_entry(plan, look.person.id)
    made_of = (
        (plan.leaderboard_id, plan.phase_id, str(look.place)),
        [standing.may(action) for action in _RIGHTS],
        look.person.id if own and look.person is not None else None,
        (look.state, look.rows),
        [(chart.kind, chart.digest) for chart in look.drawn],
        look.coming,
    )
    return hashlib.sha256(repr(made_of).encode()).digest()
