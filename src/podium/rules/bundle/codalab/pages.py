"""The pages and the terms, which CodaLab lists in one table of titles and files."""

from __future__ import annotations

from podium.rules.bundle.files import BundleFiles
from podium.rules.bundle.keys import Key, Level
from podium.rules.bundle.nodes import Table, kind_in_words
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import PageSpec

DEFAULT_TERMS = "The organizers gave no terms.\n"
_TERMS = "terms"
_LONGEST_TITLE = 256


def read_pages(competition: Section, files: BundleFiles) -> tuple[str, str, tuple[PageSpec, ...]]:
    """The file and the text of the terms, and the pages in the order of the table, those without a text left out."""
    node = competition.node("html")
    if node is None:
        return "", "", ()
    if not isinstance(node, Table):
        message = f'"html" is {kind_in_words(node)} where a table of titles and files belongs.'
        competition.findings.error("not-a-table", message, node.mark, "It needs: terms.")
        return "", "", ()
    section = Section(node, _level(node), "html", competition.findings)
    terms_title = _title_of_terms(section)
    terms_file, terms = files.page(section, terms_title, may_be_empty=True) if terms_title else ("", "")
    if not terms.strip() and (terms_file or terms_title is None or section.node(terms_title) is None):
        terms_file, terms = "", DEFAULT_TERMS
        message = 'The bundle has no terms: the competition says "The organizers gave no terms."'
        competition.findings.note("terms-missing", message, section.mark(terms_title), "Name a file under html.terms.")
    pages: list[PageSpec] = []
    for title in node.entries:
        if title == terms_title:
            continue
        _check_title(section, title)
        file, content = files.page(section, title, may_be_empty=True)
        if content.strip():
            pages.append(PageSpec(index=len(pages), title=title, file=file, content=content))
        elif file or section.node(title) is None:
            _note_empty(section, title)
    return terms_file, terms, tuple(pages)


def _title_of_terms(section: Section) -> str | None:
    """The key of the terms: `terms`, else, with a note, the first title that speaks of terms."""
    titles = section.table.entries
    if _TERMS in titles:
        return _TERMS
    found = next((title for title in titles if title.strip().casefold().startswith(_TERMS)), None)
    if found is not None:
        message = f'The page "{found[:60]}" is taken as the terms, as there is no page "{_TERMS}".'
        mark = titles[found].key.mark
        section.findings.note("terms-by-title", message, mark, f"Call it {_TERMS} for other platforms.")
    return found


def _level(node: Table) -> Level:
    """The titles of pages are free, so that every table has its own level."""
    pages = [Key(title, "file", "A page.") for title in node.entries if title != _TERMS]
    return Level("the pages", (Key(_TERMS, "file", "The terms a participant accepts."), *pages))


def _check_title(section: Section, title: str) -> None:
    mark = section.table.entries[title].key.mark
    if not title.strip() or len(title) > _LONGEST_TITLE:
        message = f"The title of a page has from 1 to {_LONGEST_TITLE} characters."
        section.findings.error("page-title", message, mark, "Give it a short title.")
    elif not title.isprintable():
        section.findings.error("text-characters", "The title of a page has control characters.", mark, "Remove them.")


def _note_empty(section: Section, title: str) -> None:
    message = f"{section.named(title)} has no text and is left out."
    section.findings.note("page-empty", message, section.mark(title), "Write a text, or remove the page.")
