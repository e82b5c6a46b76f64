"""What the checks need beside the bundle's own files: a look into its folders and zips."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from podium.rules.bundle.source import BundleSource


class Contents(Protocol):
    """Looks into the members of a bundle."""

    def size(self, name: str) -> int:
        """The size of a file, or of all files of a folder, in bytes."""

    def inside(self, name: str) -> AbstractContextManager[BundleSource]:
        """The files of a folder or zip. Raises TooLarge where it is too large to be looked into, BundleError where
        it cannot be used.
        """
