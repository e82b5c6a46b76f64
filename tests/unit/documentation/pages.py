"""The project's pages of Markdown and the pieces of them that can be checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("examples/*.md"), *DOCS.rglob("*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^    (.+)$", re.MULTILINE)
_FILE = re.compile(r"^`(\w[^`\n]*/[^`\n]+)`", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class FencedBlock:
    """A fenced block: its language, its text, and the file it belongs in, which a line before it begins with."""

    language: str
    text: str
    file: str


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def links(page: Path) -> list[str]:
    """The targets of all links."""
    return _LINK.findall(page.read_text(encoding="utf-8"))


def shell_lines(page: Path) -> list[str]:
    """What a reader may type: indented lines, lines of untyped and shell blocks, and code in running text."""
    text = page.read_text(encoding="utf-8")
    fenced = [block for language, block in _FENCE.findall(text) if language in {"", "sh", "bash", "console"}]
    prose = _FENCE.sub("", text)
    return [
        *(line.strip() for block in fenced for line in block.splitlines()),
        *_INDENTED.findall(prose),
        *_INLINE.findall(prose),
    ]


def fenced_blocks(page: Path) -> list[FencedBlock]:
    text = page.read_text(encoding="utf-8")
    return [
        FencedBlock(found[1], found[2], (_FILE.findall(text[: found.start()]) or [""])[-1])
        for found in _FENCE.finditer(text)
    ]
