"""The parts of model boards' pages that open pages fetch again after each change, kept as they were made for the first.

A part is made once for each state of what it shows and each way of looking at it, however many pages are open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString

from podium.server.leaderboards.kept_answers import KeptAnswers
from podium.server.modelboards.queries import DatasetRow

MOST_BYTES = 16 << 20
"""What a process keeps of them."""
_kept = KeptAnswers(MOST_BYTES)


def kept_part(state: object, make: Callable[[], str]) -> SafeString:
    """The part that was made of this state, or as `make` makes it now.

    The `repr` of the state must name all that the part is made of: the dataset and its stamp, the view that the address
    asks for, and what the reader may see that others may not.
    """
    key = hashlib.sha256(repr(state).encode("utf-8", "replace")).digest()
    known = _kept.get(key)
    if known is not None:
        return SafeString(known.decode())
    part = make()
    _kept.put(key, part.encode())
    return SafeString(part)


def board_stream(dataset: DatasetRow, stamp: int) -> str:
    """Where an open page of a board, which shows it as of a stamp, hears what is new."""
    return f"/live{reverse('model_board', args=[dataset.slug])}?{_after(stamp)}"


def list_stream(stamp: int) -> str:
    """The same for the list of datasets."""
    return f"/live{reverse('model_boards')}?{_after(stamp)}"


def predictions_stream(key: UUID, stamp: int) -> str:
    """The same for a set of predictions."""
    return f"/live/predictions/{key}/?{_after(stamp)}"


def _after(stamp: int) -> str:
    return urlencode({"after": f"-{stamp}"})
