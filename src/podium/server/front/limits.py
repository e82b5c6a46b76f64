"""How much of the server one client may take: sizes in bytes, durations in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope

MEBIBYTE = 1 << 20


def _one_upload_part(_: Scope) -> int:
    return 64 * MEBIBYTE


@dataclass(frozen=True)
class BridgeLimits:
    """What the bridge allows one request and its response."""

    max_body_bytes: Callable[[Scope], int] = _one_upload_part
    """The longest body of a request, by its scope; more is answered with 413."""
    body_idle_s: float = 30.0
    """How long a client may send nothing in the middle of a body before it gets 408."""
    body_total_s: float = 3600.0
    """How long a whole body may take."""
    body_memory_bytes: int = 128 * 1024
    """A longer body lies in a temporary file instead of in memory."""
    disk_floor_bytes: int = 0
    """Bodies are refused with 507 where taking them would leave less than this free in the spool folder."""
    block_bytes: int = 256 * 1024
    """Responses are sent in blocks of about this size."""
    window_bytes: int = MEBIBYTE
    """How much of a response waits in memory for its reader."""
    reader_patience_s: float = 0.5
    """How long, in all, a thread waits for a slow reader of one response; the rest goes to a temporary file."""
    max_spooled_response_bytes: int = 4096 * MEBIBYTE
    """A response is broken off when more than this of it had to be put into a temporary file."""
    max_waiting: int = 512
    """Requests that may wait for a thread; more are answered with 503."""


@dataclass(frozen=True)
class ConnectionLimits:
    """What the HTTP protocol allows one connection."""

    max_head_bytes: int = 64 * 1024
    """The request line and all header fields together, trailers included; more is answered with 431."""
    head_s: float = 20.0
    """How long a client may take to send the head of a request, counted from its first byte or the connection."""
    stall_s: float = 60.0
    """A connection whose peer reads nothing of what is waiting for it is cut after this long."""
