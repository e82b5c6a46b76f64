"""What is kept of a scoring: numbers per item, from which every total, interval and test comes without any text.

A few hundred kilobytes where predictions were megabytes. The form is NumPy's archive of arrays (no pickles) with one
JSON document for names.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from podium.metrics.reading.items import References
from podium.stats.arrays import Floats, Ints

Array = NDArray[np.generic]
_ABOUT = "about"
_VERSION = 1


@dataclass(frozen=True)
class Kept:
    """Columns of numbers, one value (or row) per item in the order of the references.

    `items` is the digest of the ids; `clusters` and `languages` number the names in `cluster_count` and
    `language_names`; `names` holds lists of words that columns refer to, such as labels.
    """

    task_type: str
    items: str
    count: int
    columns: Mapping[str, Array]
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clusters: Ints | None = None
    languages: Ints | None = None
    language_names: tuple[str, ...] = ()

    def floats(self, column: str) -> Floats:
        """A column as floating-point numbers."""
        return self.columns[column].astype(np.float64)

    def ints(self, column: str) -> Ints:
        """A column as whole numbers."""
        return self.columns[column].astype(np.int64)

    def of_language(self, number: int) -> tuple[Kept, Ints]:
        """The items of one language, and which of all items they are."""
        assert self.languages is not None
        chosen = np.flatnonzero(self.languages == number)
        clusters = None if self.clusters is None else self.clusters[chosen]
        columns = {name: column[chosen] for name, column in self.columns.items()}
        return Kept(self.task_type, self.items, len(chosen), columns, self.names, clusters), chosen

    def to_bytes(self) -> bytes:
        """To be stored."""
        about = {
            "version": _VERSION,
            "task_type": self.task_type,
            "items": self.items,
            "count": self.count,
            "names": {name: list(words) for name, words in self.names.items()},
            "language_names": list(self.language_names),
        }
        arrays: dict[str, Array] = {f"column:{name}": column for name, column in self.columns.items()}
        arrays[_ABOUT] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
        if self.clusters is not None:
            arrays["clusters"] = self.clusters.astype(np.uint32)
        if self.languages is not None:
            arrays["languages"] = self.languages.astype(np.uint16)
        out = io.BytesIO()
        np.savez_compressed(out, allow_pickle=False, **arrays)
        return out.getvalue()

    @staticmethod
    def from_bytes(content: bytes) -> Kept:
        """What was stored.

        Raises:
            ValueError: these bytes are nothing of ours.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                about = json.loads(bytes(arrays[_ABOUT]))
                if about["version"] != _VERSION:
                    raise ValueError(f"kept scores of version {about['version']}")
                columns = {
                    name.removeprefix("column:"): arrays[name] for name in arrays.files if name.startswith("column:")
                }
                groups = {
                    name: arrays[name].astype(np.int64) if name in arrays.files else None
                    for name in ("clusters", "languages")
                }
        except (KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError("these are no kept scores") from error
        return Kept(
            about["task_type"],
            about["items"],
            about["count"],
            columns,
            about["names"],
            groups["clusters"],
            groups["languages"],
            tuple(about["language_names"]),
        )


def kept_of(
    task_type: str,
    references: References,
    columns: Mapping[str, Array],
    names: Mapping[str, Sequence[str]] | None = None,
) -> Kept:
    """Columns with all that the references say of items: their digest, clusters and languages."""
    clusters = languages = None
    words: tuple[str, ...] = ()
    if references.clusters is not None:
        _, clusters = numbered(references.clusters)
    if references.languages is not None:
        words, languages = numbered(references.languages)
    return Kept(task_type, references.digest(), len(references), columns, names or {}, clusters, languages, words)


def numbered(words: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """The different words in order, and which of them each is."""
    different = tuple(sorted(set(words)))
    place = {word: number for number, word in enumerate(different)}
    return different, np.fromiter(map(place.__getitem__, words), dtype=np.int64, count=len(words))
