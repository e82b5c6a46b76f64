"""Many JSON values in one file, packed, of which a page can be read without the others: a zip of lists
of so many each. Knows no database: the process that scores writes what web processes read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

PER_PART = 500
MOST_WORST = 2000
_ABOUT = "about.json"
_LEVEL = 1


def write_items(path: Path, values: Iterable[Any], **about: Any) -> None:
    """Write values in their order, and whatever else is to be said of them all."""
    rest = iter(values)
    count = 0
    # One moment for all, so that the same values are the same file.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        while part := list(islice(rest, PER_PART)):
            name = zipfile.ZipInfo(f"{count // PER_PART}.json")
            archive.writestr(name, orjson.dumps(part), zipfile.ZIP_DEFLATED, _LEVEL)
            count += len(part)
        archive.writestr(zipfile.ZipInfo(_ABOUT), json.dumps({**about, "count": count}), zipfile.ZIP_DEFLATED)


class Items:
    """The values of one file that `write_items` wrote."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(file)
        self.about: dict[str, Any] = json.loads(self._archive.read(_ABOUT))
        self._parts: dict[int, list[Any]] = {}

    def __len__(self) -> int:
        return int(self.about["count"])

    def at(self, numbers: Sequence[int]) -> list[Any]:
        """The values of these numbers, which count from 0, in the order asked for."""
        return [self._part(number // PER_PART)[number % PER_PART] for number in numbers]

    def __iter__(self) -> Iterator[Any]:
        for part in range((len(self) + PER_PART - 1) // PER_PART):
            yield from self._read(part)

    def _part(self, number: int) -> list[Any]:
        if number not in self._parts:
            self._parts[number] = self._read(number)
        return self._parts[number]

    def _read(self, number: int) -> list[Any]:
        found: list[Any] = orjson.loads(self._archive.read(f"{number}.json"))
        return found
