"""The one back end that isolates nothing, and the words by which an administrator asks for it."""

from __future__ import annotations

from typing import Final

UNSANDBOXED: Final = "none"
"""Its name."""

VARIABLE: Final = "PODIUM_ALLOW_UNSANDBOXED"
PERMISSION: Final = "yes-i-trust-every-submission"
"""What the variable has to say."""
