"""The list of datasets, and which of them a reader looks for, all of it in the address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from podium.metrics.registry import task_type
from podium.rules.errors import UserError
from podium.server.modelboards.queries import DATASETS_PER_PAGE, DatasetRow
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words, number
from podium.server.pages.parts import Place

_LONGEST = 200
_MOST_DIGITS = 9


@dataclass(frozen=True)
class ListView:
    """Which datasets are looked for; what is empty leaves none out."""

    words: str = ""
    task: str = ""
    language: str = ""
    modality: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> ListView:
        """What an address asks for."""
        page = query.get("page", "")
        right = page.isascii() and page.isdecimal() and len(page) <= _MOST_DIGITS
        words, task, language, modality = (
            _plain(query.get(name, "")) for name in ("q", "task", "language", "modality")
        )
        return cls(words, task, language, modality, max(int(page), 1) if right else 1)

    def known(self, tasks: Collection[str], languages: Collection[str], modalities: Collection[str]) -> ListView:
        """The same without what no dataset has."""
        return replace(
            self,
            task=self.task if self.task in tasks else "",
            language=self.language if self.language in languages else "",
            modality=self.modality if self.modality in modalities else "",
        )

    @property
    def filtered(self) -> bool:
        """Whether datasets may be left out."""
        return bool(self.words or self.task or self.language or self.modality)

    def at_page(self, page: int) -> str:
        """The address of another page of the same."""
        view = replace(self, page=page)
        asked = {"q": view.words, "task": view.task, "language": view.language, "modality": view.modality}
        asked["page"] = str(view.page) if view.page > 1 else ""
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{reverse('model_boards')}?{query}" if query else reverse("model_boards")

    def pages(self, total: int) -> list[Place]:
        """Links to the pages before and after, of so many datasets."""
        last = max(1, -(-total // DATASETS_PER_PAGE))
        page = min(self.page, last)
        before = [Place("Datasets before", self.at_page(page - 1))] if page > 1 else []
        return before + ([Place("Datasets after", self.at_page(page + 1))] if page < last else [])


def modalities_of(name: str) -> tuple[str, ...]:
    """What a task type's items are made of, such as text and images; nothing of one that is not known here."""
    try:
        return task_type(name).modality
    except UserError:
        return ()


def types_of(view: ListView, used: Sequence[str]) -> list[str] | None:
    """The task types, of those used, that are looked for; None where that leaves none out."""
    if not view.task and not view.modality:
        return None
    return [
        name
        for name in used
        if (not view.task or name == view.task) and (not view.modality or view.modality in modalities_of(name))
    ]


@dataclass(frozen=True)
class DatasetItem:
    """A line of the list of datasets; `first` are the first models as (rank, name, score)."""

    id: int
    url: str
    name: str
    line: str
    about: str
    first: tuple[tuple[str, str, str], ...]
    changed: SafeString


def dataset_items(rows: Sequence[DatasetRow]) -> list[DatasetItem]:
    """The lines of the list."""
    return [
        DatasetItem(
            id=row.id,
            url=reverse("model_board", args=[row.slug]),
            name=row.name,
            line=row.description.partition("\n")[0][:300],
            about=" · ".join(_about(row)),
            first=tuple((f"{each.rank:,}", each.model, number(each.score)) for each in row.top),
            changed=wording.ago(row.changed_at),
        )
        for row in rows
    ]


def _about(row: DatasetRow) -> list[str]:
    items = wording.counted(row.item_count, "item") if row.item_count else ""
    told = [in_words(row.task_type), ", ".join(row.languages), wording.counted(row.model_count, "model"), items]
    return [each for each in told if each]


def _plain(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()[:_LONGEST]
