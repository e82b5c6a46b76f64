"""What the files of a bundle are called: readably, and each differently."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

_LONGEST_SLUG = 60
_LONGEST_STEM = 200
_NOT_IN_SLUG = re.compile(r"[^\w]+")


class MemberNames:
    """Hands out paths in a bundle. The same file asked for again in the same folder gets the same path.

    Names that are different already stay as they are, so that a bundle made of an imported one has its names. Letter
    case alone tells no two apart, because it does not on every disk.
    """

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def path(self, folder: str, file_name: str, content: str) -> str:
        """A path for the file `file_name` in `folder` ("" is the top); `content` is what tells files apart."""
        name = PurePosixPath(file_name)
        stem, suffix = name.stem[:_LONGEST_STEM], name.suffix[:_LONGEST_STEM]
        number = 1
        while True:
            path = f"{folder}/{stem}{f'-{number}' if number > 1 else ''}{suffix}".removeprefix("/")
            if self._taken.setdefault(path.casefold(), content) == content:
                return path
            number += 1


def slug(title: str, otherwise: str) -> str:
    """The title as a part of a file's name: letters, digits and hyphens."""
    plain = _NOT_IN_SLUG.sub("-", unicodedata.normalize("NFKC", title).lower())
    return plain[:_LONGEST_SLUG].strip("-_") or otherwise
