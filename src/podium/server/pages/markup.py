"""Organizers' Markdown and HTML, made safe to show.

Organizers are strangers to their readers' browsers: whatever they write passes an allow-list. Images from other hosts
would be blocked by our own content security policy, so a link stands in for them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = frozenset(
    {
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "pre", "hr", "br", "wbr", "div", "center"),
        *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "figure", "figcaption", "img", "a"),
        *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"),
        *("abbr", "b", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span"),
        *("strong", "sub", "sup", "u", "var"),
    }
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start", "type", "reversed"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "col": {"span"},
    "details": {"open"},
}
_SCHEMES = {"http", "https", "mailto", "data"}
_PICTURES = ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_DEEPEST = 6
# Formatting that is never closed is opened anew in each block that follows it, as HTML has it: 17 kB of such tags
# become a million elements. And each element looks through all that are open around it. So what the tags of a text
# could cost at most is counted before they are read.
_FORMATTING = re.compile(r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b", re.IGNORECASE)
_SIBLING = re.compile(r"<(?:p|li|dt|dd|tr|td|th|thead|tbody|tfoot|col|br|hr|img|wbr|option)\b", re.IGNORECASE)
_START = re.compile(r"<[a-z]", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z]", re.IGNORECASE)
_MOST_REOPENED = 1_000_000
_MOST_LOOKED_THROUGH = 100_000_000
# In one paragraph; the parser of Markdown looks for the end of each of them.
_MARKS = "[*_~<`"
_MOST_MARKS = 2_000


@lru_cache(maxsize=256)
def shown(text: str, form: str = "md", below: int = 2) -> SafeString:
    """The text as safe HTML.

    `form` is `md` (HTML in it is kept where it is harmless) or `html`. Headings move down so that the topmost stands
    just below level `below` of the page around it. What would take too long to read as HTML stands there as it was
    written.
    """
    raw = text if form == "html" else _markdown().render(text)
    if _costs_too_much(text, raw):
        return format_html('<pre tabindex="0">{}</pre>', text)
    clean = nh3.clean(
        raw,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )
    writer = _Writer(shift=_shift(clean, below))
    writer.feed(clean)
    writer.close()
    return mark_safe("".join(writer.parts))  # noqa: S308


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.core.ruler.before("inline", "marks", _leave_alone_what_has_too_many_marks)
    parser.core.ruler.push("align", _align_without_style)
    return parser


def _costs_too_much(text: str, raw: str) -> bool:
    """Whether the tags that stand in the text could make far more of it. Those that Markdown writes are all closed."""
    formatting = len(_FORMATTING.findall(text))
    containers = len(_START.findall(text)) - len(_SIBLING.findall(text)) - formatting
    tags = len(_TAG.findall(raw))
    return formatting * tags > _MOST_REOPENED or containers * tags > _MOST_LOOKED_THROUGH


def _leave_alone_what_has_too_many_marks(state: object) -> None:
    tokens: list[Token] = state.tokens  # type: ignore[attr-defined]
    for token in tokens:
        if token.type == "inline" and sum(map(token.content.count, _MARKS)) > _MOST_MARKS:
            token.type = "text"


def _align_without_style(state: object) -> None:
    """Write a cell's alignment as an attribute: our pages refuse inline styles."""
    tokens: list[Token] = state.tokens  # type: ignore[attr-defined]
    for token in tokens:
        style = token.attrs.pop("style", None) if token.type in {"th_open", "td_open"} else None
        if isinstance(style, str):
            token.attrs["align"] = style.removeprefix("text-align:")


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return None if value.strip().lower().startswith("data:") else value
    if tag == "img" and name in {"width", "height"}:
        return value if value.isdecimal() else None
    return value


def _shift(clean: str, below: int) -> int:
    levels = [level for level in range(1, _DEEPEST + 1) if f"<h{level}>" in clean]
    return below + 1 - levels[0] if levels else 0


class _Writer(HTMLParser):
    """Writes sanitised HTML again, with headings moved and what the page's policy would block replaced."""

    def __init__(self, shift: int) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._shift = shift

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.parts.append(_image({name: value or "" for name, value in attrs}))
            return
        if tag == "table":
            self.parts.append('<div class="wide">')
        # Long lines scroll, and somebody without a mouse must reach what scrolls.
        reach = ' tabindex="0"' if tag == "pre" else ""
        self.parts.append(f"<{self._name(tag)}{_written(attrs)}{reach}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self.parts.append(f"</{self._name(tag)}>")
        if tag == "table":
            self.parts.append("</div>")

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False))

    def _name(self, tag: str) -> str:
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdecimal():
            return f"h{min(max(int(tag[1]) + self._shift, 1), _DEEPEST)}"
        return tag


def _image(attributes: dict[str, str]) -> str:
    source = attributes.pop("src", "").strip()
    alt = attributes.pop("alt", "")
    try:
        parts = urlsplit(source)
    except ValueError:
        return escape(alt)
    if parts.scheme == "data":
        if not source.lower().startswith(_PICTURES):
            return escape(alt)
    elif parts.scheme or parts.netloc:
        if parts.scheme not in {"", "http", "https"} or not parts.netloc:
            return escape(alt)
        rel = 'rel="nofollow noopener noreferrer"'
        return f'<a href="{escape(source)}" {rel}>Picture on {escape(parts.netloc)}: {escape(alt) or "no title"}</a>'
    elif not source:
        return escape(alt)
    rest = _written(list(attributes.items()))
    return f'<img src="{escape(source)}" alt="{escape(alt)}" loading="lazy"{rest}>'


def _written(attributes: list[tuple[str, str | None]]) -> str:
    return "".join(f' {name}="{escape(value or "")}"' for name, value in attributes)
