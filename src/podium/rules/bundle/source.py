"""What the reader of a bundle needs from the place where the bundle lies: a zip, a folder, or memory."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, Protocol

from podium.rules.errors import Problem

MemberKind = Literal["file", "folder"]


class BundleSource(Protocol):
    """The members of a bundle. Names are relative, use `/`, and never lead out of the bundle."""

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What is worth knowing about the container itself, such as a name that occurs twice."""

    def names(self) -> Collection[str]:
        """The names of all files, without folders."""

    def kind(self, name: str) -> MemberKind | None:
        """Whether `name` is a file or a folder; None where there is no such member.

        Raises BundleError where the member exists but must not be used, such as a link that leaves the bundle.
        """

    def head(self, name: str, size_bytes: int) -> bytes:
        """The first bytes of a file, fewer where it is shorter. Raises BundleError where it is damaged."""

    def read(self, name: str, *, limit_bytes: int) -> bytes:
        """A whole file. Raises TooLarge where it is longer than the limit, BundleError where it is damaged."""
