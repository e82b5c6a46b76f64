"""The people whom a bundle names: by user name or by e-mail address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from podium.rules.bundle.nodes import Listing, Node, Scalar, kind_in_words
from podium.rules.bundle.section import Section

LONGEST_ADDRESS = 254
MOST_NAMES = 100
MOST_ADDRESSES = 10_000
_E_MAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_BETWEEN = re.compile(r"[,;\n]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def read_address(section: Section, key: str) -> str:
    """The one e-mail address that the key gives; empty where there is none."""
    address = section.text(key)
    if address and not _E_MAIL.fullmatch(address):
        message = f'{section.named(key)} is "{address[:60]}", which is not an e-mail address.'
        section.findings.error("not-an-e-mail", message, section.mark(key), "Write it like a@example.org.")
    return address


def read_names(section: Section, key: str) -> tuple[str, ...]:
    """User names or e-mail addresses: a list, or one text with commas between them. Each counts once."""
    names: dict[str, None] = {}
    for name, node in _texts(section, key):
        if len(name) > LONGEST_ADDRESS or _UNPRINTABLE.search(name):
            message = f"{section.named(key)} has a name that is too long or has control characters."
            section.findings.error("not-a-name", message, node.mark, "Write user names or e-mail addresses.")
        else:
            names[name] = None
    return _no_more_than(MOST_NAMES, tuple(names), section, key)


def read_addresses(section: Section, key: str) -> tuple[str, ...]:
    """E-mail addresses in lower case: a list, or one text with commas or line ends between them. Each counts once."""
    addresses: dict[str, None] = {}
    for address, node in _texts(section, key):
        if len(address) > LONGEST_ADDRESS or not _E_MAIL.fullmatch(address) or _UNPRINTABLE.search(address):
            message = f'{section.named(key)} has "{address[:60]}", which is not an e-mail address.'
            section.findings.error("not-an-e-mail", message, node.mark, "Write each like a@example.org.")
        else:
            addresses[address.lower()] = None
    return _no_more_than(MOST_ADDRESSES, tuple(addresses), section, key)


def _no_more_than(most: int, names: tuple[str, ...], section: Section, key: str) -> tuple[str, ...]:
    if len(names) > most:
        message = f"{section.named(key)} names {len(names):,} people; at most {most:,} are possible."
        section.findings.error("list-long", message, section.mark(key), "Leave the others out.")
    return names[:most]


def _texts(section: Section, key: str) -> Iterator[tuple[str, Node]]:
    node = section.node(key)
    if node is None:
        return
    for item in node.items if isinstance(node, Listing) else (node,):
        if not isinstance(item, Scalar) or item.kind == "null":
            message = f"{section.named(key)} has {kind_in_words(item)} where a text belongs."
            section.findings.error("wrong-type", message, item.mark)
            continue
        for text in _BETWEEN.split(item.text):
            if text.strip():
                yield text.strip(), item
