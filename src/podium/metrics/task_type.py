"""What a task type is: the words and fields of its files, its metrics, and where its code is.

A description holds no code, so that a site can list all task types without importing what scores them.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, cast

from podium.metrics.reading.items import Predictions, Read, Reader, References, read_predictions, read_references
from podium.rules.errors import UserError

if TYPE_CHECKING:
    from podium.metrics.scored import Scored, Scorer

Aggregation = Literal["mean", "ratio", "corpus", "ranking"]
"""How items make the total: mean of item scores, ratio of sums, a function of sums, or of the order of items."""
Direction = Literal["desc", "asc"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number. `low` and `high` bound it (None: no bound); direction `asc` says that lower is better.

    `unit` is empty for a share between 0 and 1.
    """

    name: str
    title: str
    summary: str
    aggregation: Aggregation
    direction: Direction = "desc"
    low: float | None = 0.0
    high: float | None = 1.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a CSV file, or one key of the objects in JSON and JSON Lines."""

    name: str
    kind: str
    summary: str
    required: bool = True
    aliases: tuple[str, ...] = ()


ID = Field("id", "text", "The item, once per file.", aliases=("item", "item_id", "sentence_id", "question_id"))
CLUSTER = Field(
    "cluster",
    "text",
    "What items belong together, such as questions on one document.",
    required=False,
    aliases=("document", "document_id", "group"),
)
LANGUAGE = Field("language", "text", "The item's language, such as `en`.", required=False, aliases=("lang",))


@dataclass(frozen=True)
class TaskType:
    """One kind of benchmark. Its first metric is what boards rank by unless their owner says otherwise.

    `reader` and `scorer` are `module:name` of a `Reader` and of a `Scorer`; `package` holds `page.md` and `sample/`.
    `languages` is empty where any will do.
    """

    slug: str
    title: str
    summary: str
    unit: str
    references: tuple[Field, ...]
    predictions: tuple[Field, ...]
    metrics: tuple[Metric, ...]
    reader: str
    scorer: str
    package: str
    aliases: tuple[str, ...] = ()
    modality: tuple[str, ...] = ("text",)
    languages: tuple[str, ...] = ()
    extra: str = ""
    """The optional part of Podium that it needs, if any: `pip install podium[...]`."""
    prefaces: tuple[str, ...] = ()
    """Packages whose `page.md` comes before its own."""

    @property
    def primary(self) -> Metric:
        """The metric to rank by unless somebody says otherwise."""
        return self.metrics[0]

    def metric(self, name: str) -> Metric:
        """The metric of this name.

        Raises:
            UserError: there is none; those that exist are named.
        """
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise UserError(
            "metric-unknown",
            f"{self.title} has no metric {name[:60]!r}.",
            f"It has {', '.join(metric.name for metric in self.metrics)}.",
        )

    def page(self) -> str:
        """What the task type is, in Markdown."""
        pages = (files(package).joinpath("page.md") for package in (*self.prefaces, self.package))
        return "\n".join(page.read_text(encoding="utf-8") for page in pages)

    def sample(self, of: Literal["references", "predictions"]) -> tuple[str, bytes]:
        """A small file of either kind that fits the other: its name and content."""
        for found in sorted(files(self.package).joinpath("sample").iterdir(), key=lambda each: each.name):
            if found.name.partition(".")[0] == of:
                return found.name, found.read_bytes()
        raise FileNotFoundError(f"{self.package} has no sample of {of}")

    def read_references(self, content: bytes, name: str) -> Read[References]:
        """References from a CSV, JSON Lines or JSON file of this name, or what is wrong with them, line by line."""
        return read_references(self._reader(), self.references, content, name)

    def read_predictions(self, content: bytes, name: str, references: References) -> Read[Predictions]:
        """Predictions for all items of the references, in their order, or what is wrong with them, line by line."""
        return read_predictions(self._reader(), self.predictions, content, name, references)

    def score(self, references: References, predictions: Predictions) -> Scored:
        """Everything that text has to be looked at for. Imports NumPy: not for a web process.

        Raises:
            UserError: `extra-missing` where an optional part of Podium has to be installed first.
        """
        from podium.metrics.scored import scored_of

        return scored_of(self, self.load_scorer().keep(references, predictions))

    def restore(self, kept: bytes) -> Scored:
        """The same from what `Scored.to_bytes` gave, without any text.

        Raises:
            ValueError: the bytes are of another task type, or damaged.
        """
        from podium.metrics.kept import Kept
        from podium.metrics.scored import scored_of

        return scored_of(self, Kept.from_bytes(kept))

    def load_scorer(self) -> Scorer:
        """The code that scores, imported now."""
        return cast("Scorer", _load(self.scorer))

    def _reader(self) -> Reader:
        return cast("Reader", _load(self.reader))


def _load(path: str) -> object:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
