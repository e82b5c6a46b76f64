"""Boards as the ready bytes of their JSON, kept as long as nothing about them changes.

Who may see a board is asked of the database at every request; only what it shows is kept, under its version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db.models import OuterRef, QuerySet, Subquery, Value

from podium import __version__
from podium.rules.access import Action
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.leaderboards.kept_answers import KeptAnswers
from podium.server.leaderboards.models import BoardVersion, Leaderboard
from podium.server.leaderboards.queries.contract import BoardPage, contract_json, leaderboard_json
from podium.server.leaderboards.queries.sight import check_shown
from podium.server.prepared_queries import prepared

MOST_BYTES = 32 << 20
"""What a process keeps of boards."""
_kept = KeptAnswers(MOST_BYTES)


@dataclass(frozen=True)
class ReadyBoard:
    """A board under the entity tag (with its quotes) that it has until it shows something else. `content` is None for
    whoever has it already."""

    etag: str
    content: bytes | None


@dataclass(frozen=True)
class Asked:
    """Who asks for a board, and for which part: the whole where `page` is None. `known` is what If-None-Match says."""

    person: Person | None
    secret_key: UUID | None = None
    page: BoardPage | None = None
    known: str = ""


def ready_phase_board(asked: Asked, phase_id: int) -> ReadyBoard:
    """The first board of a phase as `contract_json` makes it; two queries where it is kept.

    Raises:
        NotFound, NotAllowed: as `contract_json`.
    """
    found = _shown(asked, _first_board(phase=phase_id))

    def make() -> dict[str, Any]:
        return contract_json(phase_id, asked.person, secret_key=asked.secret_key, page=asked.page)

    if found is None:
        return _made(make)
    return _ready(asked, found.standing, ("phase", phase_id, found.board_id, found.version), make)


def ready_leaderboard(asked: Asked, leaderboard_id: int) -> ReadyBoard:
    """One leaderboard as `leaderboard_json` makes it; one query more than `ready_phase_board`.

    Raises:
        NotFound, NotAllowed: as `leaderboard_json`.
    """
    found = _shown(asked, _leaderboard(pk=leaderboard_id))

    def make() -> dict[str, Any]:
        return leaderboard_json(asked.person, leaderboard_id, secret_key=asked.secret_key, page=asked.page)

    if found is None:
        return _made(make)
    versions = tuple(_versions(competition=found.standing.competition_id, board=leaderboard_id))
    return _ready(asked, found.standing, ("leaderboard", leaderboard_id, versions), make)


@prepared
def _first_board(phase: int) -> QuerySet[Leaderboard, Any]:
    held = BoardVersion.objects.filter(leaderboard=OuterRef("pk"), phase=phase).values("version")
    boards = Leaderboard.objects.filter(competition__phases=phase).order_by("index").annotate(held=Subquery(held))
    return boards.values_list("pk", "competition_id", "hidden", "held")[:1]


@prepared
def _leaderboard(pk: int) -> QuerySet[Leaderboard, Any]:
    return Leaderboard.objects.filter(pk=pk).values_list("pk", "competition_id", "hidden", Value(0))


@prepared
def _versions(competition: int, board: int) -> QuerySet[Phase, Any]:
    held = BoardVersion.objects.filter(leaderboard=board, phase=OuterRef("pk")).values("version")
    phases = Phase.objects.filter(competition_id=competition).order_by("index")
    return phases.annotate(held=Subquery(held)).values_list("pk", "held")


@dataclass(frozen=True)
class _Shown:
    """A board that somebody may see, in its version: None where nothing was ever written to it."""

    standing: Standing
    board_id: int
    version: int | None


def _shown(asked: Asked, rows: list[tuple[Any, ...]]) -> _Shown | None:
    """The board in the only row, if the person may see it; raises NotAllowed where it is hidden from them."""
    if not rows:
        return None
    board_id, competition_id, hidden, version = rows[0]
    standing = standing_of(asked.person, competition_id, secret_key=asked.secret_key)
    if not standing.may(Action.SEE_BOARD):
        return None
    check_shown(asked.person, standing, hidden=hidden)
    return _Shown(standing, board_id, version)


def _ready(
    asked: Asked, standing: Standing, board: tuple[object, ...], make: Callable[[], dict[str, Any]]
) -> ReadyBoard:
    rights = (standing.may(Action.SEE_HIDDEN_BOARD), standing.may(Action.SEE_ANY_SUBMISSION))
    key = (*board, rights, asked.page)
    # Another release may write the same board otherwise.
    etag = f'"{hashlib.sha256(repr((__version__, key)).encode()).hexdigest()[:32]}"'
    if _names(asked.known, etag):
        return ReadyBoard(etag, None)
    content = _kept.get(key)
    if content is None:
        content = _dumped(make())
        _kept.put(key, content)
    return ReadyBoard(etag, content)


def _made(make: Callable[[], dict[str, Any]]) -> ReadyBoard:
    """What there is no version of: it raises the reason, unless it has come to be there this moment."""
    content = _dumped(make())
    return ReadyBoard(f'"{hashlib.sha256(content).hexdigest()[:32]}"', content)


def _names(known: str, etag: str) -> bool:
    """Whether a list of entity tags has this one, be it weak."""
    return any(each.strip().removeprefix("W/") == etag for each in known.split(","))


def _dumped(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
