"""Keep what a program writes, within bounds: the beginning, the end, and how much is missing between them."""

from __future__ import annotations

from collections import deque


class HeadAndTail:
    """The first and the last bytes of a stream that may never end. Memory stays near `limit_bytes`."""

    def __init__(self, limit_bytes: int) -> None:
        self._head_room = limit_bytes // 4
        self._tail_limit = limit_bytes - self._head_room
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        room = self._head_room - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if not chunk:
            return
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size > self._tail_limit:
            self._drop(self._tail_size - self._tail_limit)

    def _drop(self, excess: int) -> None:
        oldest = self._tail.popleft()
        kept = oldest[excess:]
        if kept:
            self._tail.appendleft(kept)
        self._tail_size -= len(oldest) - len(kept)
        self._dropped += len(oldest) - len(kept)

    def text(self) -> str:
        """What was kept, as text; bytes that are not UTF-8 show as a replacement character."""
        tail = b"".join(self._tail)
        if not self._dropped:
            return (bytes(self._head) + tail).decode("utf-8", errors="replace")
        cut = f"\n[... {self._dropped} bytes are not shown here ...]\n"
        return self._head.decode("utf-8", errors="replace") + cut + tail.decode("utf-8", errors="replace")
