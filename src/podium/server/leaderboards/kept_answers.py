"""Answers that are kept in memory, as long as there is room for them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

BESIDE = 512
"""What an answer takes beside its bytes, with the key: there may be many that are short."""


class KeptAnswers:
    """The bytes of answers by what they answer; those that were asked for longest ago go first.

    All of them together are at most `most_bytes`, and one is at most one part in `share` of that, so that a long one
    does not push out all others. May be used from several threads.
    """

    def __init__(self, most_bytes: int, *, share: int = 4) -> None:
        self._most_bytes = most_bytes
        self._most_of_one = most_bytes // share
        self._held: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def size_bytes(self) -> int:
        """What all of them take."""
        return self._bytes

    def get(self, key: Hashable) -> bytes | None:
        """The answer, if it is kept."""
        with self._lock:
            content = self._held.get(key)
            if content is not None:
                self._held.move_to_end(key)
            return content

    def put(self, key: Hashable, content: bytes) -> None:
        """Keep an answer, and let go of others where there is no room."""
        if len(content) > self._most_of_one:
            return
        with self._lock:
            before = self._held.pop(key, None)
            self._bytes += len(content) + BESIDE - (0 if before is None else len(before) + BESIDE)
            self._held[key] = content
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._held.popitem(last=False)[1]) + BESIDE
