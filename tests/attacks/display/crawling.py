"""Look at every page that somebody can reach, and find what a browser would do that it should not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

_LINKS = {"href", "src", "action", "formaction", "data"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
_MOST_PAGES = 250


@dataclass
class Page(HTMLParser):
    """What a page holds that acts, and where it leads."""

    text: str
    faults: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.text)
        self.close()
        if found := _CONTROL.search(self.text):
            self.faults.append(
                f"the character {found.group()!r} in {self.text[max(0, found.start() - 100) : found.end()]!r}"
            )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        source = given.get("src", "")
        if tag == "script" and not source.startswith("/static/") and given.get("type") != "application/json":
            self.faults.append(f"a script: {given}")
        if tag in {"style", "base", "object", "embed", "svg onload"} or (tag == "link" and "attack" in str(given)):
            self.faults.append(f"<{tag}> {given}")
        for name, value in given.items():
            if name.startswith("on") or (
                name in _LINKS and value.strip().lower().startswith(("javascript:", "data:text"))
            ):
                self.faults.append(f"<{tag} {name}={value[:80]!r}>")
            if name in _LINKS and urlsplit(value).netloc == "attack.example" and tag not in {"a"}:
                self.faults.append(f"<{tag}> of another site")
            if name in _LINKS and tag in {"a", "iframe", "img", "object"}:
                self.links.append(value)


def crawl(
    client: httpx.Client, begin: list[str], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, httpx.Response]]:
    """Every address of the site that can be reached from those, as far as it is wanted."""
    waiting, seen = list(begin), set(begin)
    host = urlsplit(str(client.base_url)).netloc
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        yield address, answer
        if answer.headers.get("content-type", "").startswith("text/html") and is_page(answer):
            for link in Page(answer.text).links:
                there = urlsplit(urljoin(str(answer.url), link))
                target = there.path + (f"?{there.query}" if there.query else "")
                if there.netloc == host and target not in seen and wanted(there.path):
                    assert len(seen) < _MOST_PAGES, sorted(seen)
                    seen.add(target)
                    waiting.append(target)


def is_page(answer: httpx.Response) -> bool:
    """Whether a browser shows it as one of ours; what a program wrote comes with a sandbox of its own."""
    return "sandbox" not in answer.headers.get("content-security-policy", "")


def faults(answer: httpx.Response) -> list[str]:
    """What is wrong with an answer."""
    kind, policy = answer.headers.get("content-type", ""), answer.headers.get("content-security-policy", "")
    found = []
    if answer.headers.get("x-content-type-options") != "nosniff":
        found.append("a browser may guess what it is")
    if kind.startswith("text/html"):
        if not is_page(answer):
            if "allow-same-origin" in policy or "allow-top-navigation" in policy:
                found.append(f"the sandbox has holes: {policy}")
            return found
        if (
            "script-src 'self'" not in policy
            and "default-src 'self'" not in policy
            and "default-src 'none'" not in policy
        ):
            found.append(f"any script would run: {policy}")
        if "unsafe-inline" in policy.split("style-src")[0] or "unsafe-eval" in policy:
            found.append(f"scripts in pages would run: {policy}")
        found += Page(answer.text).faults
    elif kind.startswith(("image/svg", "application/xhtml", "text/xml", "application/javascript")):
        attached = answer.headers.get("content-disposition", "").startswith("attachment")
        if not attached and not str(answer.url.path).startswith("/static/"):
            found.append(f"shown as {kind}")
    disposition = answer.headers.get("content-disposition", "")
    if _CONTROL.search(disposition):
        found.append(f"a name with control characters: {disposition!r}")
    return found
