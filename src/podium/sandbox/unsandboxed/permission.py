"""Whether an administrator has said, in words, that every program may do on this machine what the worker may."""

from __future__ import annotations

from collections.abc import Mapping

from podium.rules.errors import SandboxUnavailable
from podium.rules.unsandboxed import PERMISSION, VARIABLE


def require_permission(environment: Mapping[str, str]) -> None:
    """Return where the permission is given.

    Raises:
        SandboxUnavailable: it is not; the message says what it would mean.
    """
    if environment.get(VARIABLE) != PERMISSION:
        raise SandboxUnavailable(
            "The sandbox `none` isolates nothing: every program can read and change whatever the worker can.",
            f"Use another, or set {VARIABLE}={PERMISSION}.",
        )
