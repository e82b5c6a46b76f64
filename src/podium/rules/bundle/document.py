"""From YAML text to a tree of nodes with places, safe against hostile text.

The tree is built from the flat stream of events of libyaml and not by its composer: that one recurses in C and
takes the whole process down on fifty thousand opening brackets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.resolver import Resolver

from podium.rules.bundle.findings import Findings, Mark
from podium.rules.bundle.nodes import Entry, Listing, Node, Scalar, ScalarKind, Table

MAX_TEXT_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 100_000

_PREFIX = "tag:yaml.org,2002:"
_KINDS: dict[str, ScalarKind] = {
    "str": "text",
    "int": "whole",
    "float": "number",
    "bool": "flag",
    "null": "null",
    "timestamp": "moment",
    # `<<` and `=` mean something only as keys; as values they are what they look like.
    "merge": "text",
    "value": "text",
    # What Python 2 wrote for plain texts when it exported a competition.
    "python/unicode": "text",
    "python/str": "text",
    "python/long": "whole",
}


class _Refused(Exception):
    """The text cannot be read on; the reason stands in the findings."""


def parse_yaml(text: str, findings: Findings) -> Node | None:
    """The root of the document, or None where it cannot be read; whatever is wrong goes into `findings`.

    Refused are syntax errors, several documents, tags beyond plain YAML, a table with the same key twice, nesting
    beyond MAX_DEPTH levels and texts that aliases blow up beyond MAX_NODES nodes.
    """
    composer = _Composer(findings)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            composer.take(event)
    except _Refused:
        return None
    except yaml.YAMLError as failure:
        _report_syntax(failure, findings)
        return None
    if composer.root is None:
        findings.error("yaml-empty", f"{findings.file} is empty.", hint="Write the description of the competition.")
    return composer.root


def _report_syntax(failure: yaml.YAMLError, findings: Findings) -> None:
    mark = None
    problem = "it is not valid YAML"
    if isinstance(failure, yaml.MarkedYAMLError):
        place = failure.problem_mark or failure.context_mark
        mark = Mark(place.line + 1, place.column + 1) if place else None
        problem = ", ".join(part for part in (failure.context, failure.problem) if part) or problem
    elif isinstance(failure, yaml.reader.ReaderError):
        problem = "it contains a character that YAML does not allow"
    hint = (
        'Check the line: indentation by spaces, a space after each colon, quotes around text with ": " or " #" in it.'
    )
    if "\\t" in problem:
        hint = "Replace the tab by spaces."
    findings.error("yaml-syntax", f"The YAML cannot be read here: {problem}.", mark, hint)


@dataclass
class _Frame:
    """A list or table that is still open."""

    is_table: bool
    mark: Mark
    anchor: str | None
    nodes: list[Node] = field(default_factory=list)
    plain_keys: set[int] = field(default_factory=set)


class _Composer:
    def __init__(self, findings: Findings) -> None:
        self.root: Node | None = None
        self._findings = findings
        self._resolver = Resolver()
        self._open: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._next_document: Mark | None = None
        self._nodes = 0

    def take(self, event: yaml.Event) -> None:
        if self._next_document is not None and not isinstance(event, yaml.DocumentStartEvent):
            self._pass_empty(event, self._next_document)
        elif isinstance(event, yaml.ScalarEvent):
            self._count(1, _mark(event))
            self._place(self._scalar(event), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            target = self._target(event)
            self._count(target.size, _mark(event))
            self._place(target, None)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            frame = self._open.pop()
            self._place(self._table(frame) if frame.is_table else self._listing(frame), frame.anchor)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._next_document = _mark(event) if self.root is not None else None

    def _pass_empty(self, event: yaml.Event, start: Mark) -> None:
        """A line of three dashes at the end begins a document of nothing, which may be passed over."""
        ends = isinstance(event, (yaml.DocumentEndEvent, yaml.StreamEndEvent))
        if not ends and not (isinstance(event, yaml.ScalarEvent) and not event.value and event.implicit[0]):
            self._refuse("yaml-documents", "A second document starts here.", start, 'Remove the "---" line.')

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        self._check_tag(event.tag, ("seq", "map"), _mark(event))
        if len(self._open) >= MAX_DEPTH:
            self._refuse_depth(_mark(event))
        self._count(1, _mark(event))
        self._open.append(_Frame(isinstance(event, yaml.MappingStartEvent), _mark(event), event.anchor))

    def _place(self, node: Node, anchor: str | None) -> None:
        if node.depth > MAX_DEPTH:
            self._refuse_depth(node.mark)
        if anchor is not None:
            self._anchors[anchor] = node
        if self._open:
            self._open[-1].nodes.append(node)
        else:
            self.root = node

    def _count(self, nodes: int, mark: Mark) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            message = f"With all aliases written out, the YAML has more than {MAX_NODES:,} values."
            self._refuse("yaml-aliases", message, mark, "Write less, or use fewer aliases.")

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        tag: str = event.tag or ""
        self._check_tag(event.tag, tuple(_KINDS), _mark(event))
        plain = not tag and event.implicit[0]
        if plain:
            tag = _plain_tag(self._resolver, event.value)
            if self._open and self._open[-1].is_table:
                self._open[-1].plain_keys.add(len(self._open[-1].nodes))
        kind = _KINDS.get(tag.removeprefix(_PREFIX), "text")
        return Scalar(event.value, kind, _mark(event))

    def _target(self, event: yaml.AliasEvent) -> Node:
        node = self._anchors.get(event.anchor or "")
        if node is not None:
            return node
        if any(frame.anchor == event.anchor for frame in self._open):
            self._refuse("yaml-aliases", f'The alias "*{event.anchor}" contains itself.', _mark(event))
        hint = f'Define it before with "&{event.anchor}".'
        self._refuse("yaml-aliases", f'The alias "*{event.anchor}" names no anchor.', _mark(event), hint)
        raise _Refused

    def _listing(self, frame: _Frame) -> Listing:
        size, depth = _measure(frame.nodes)
        return Listing(tuple(frame.nodes), frame.mark, size, depth)

    def _table(self, frame: _Frame) -> Table:
        entries: dict[str, Entry] = {}
        merged: list[Table] = []
        for position in range(0, len(frame.nodes), 2):
            key, value = frame.nodes[position], frame.nodes[position + 1]
            if not isinstance(key, Scalar):
                self._findings.error("yaml-key", "A key must be a single text.", key.mark)
            elif key.text == "<<" and position in frame.plain_keys:
                merged.extend(self._merged_tables(value))
            elif key.text in entries:
                first = entries[key.text].key.mark.line
                message = f'The key "{key.text}" stands on line {first} and again on line {key.mark.line}.'
                self._findings.error("yaml-duplicate-key", message, key.mark, "Keep one of the two.")
            else:
                entries[key.text] = Entry(key, value)
        for table in merged:
            for name, entry in table.entries.items():
                entries.setdefault(name, entry)
        size, depth = _measure(frame.nodes)
        return Table(entries, frame.mark, size, depth)

    def _merged_tables(self, value: Node) -> list[Table]:
        candidates = value.items if isinstance(value, Listing) else (value,)
        tables = [candidate for candidate in candidates if isinstance(candidate, Table)]
        if len(tables) != len(candidates):
            self._findings.error("yaml-merge", '"<<" must name a table of keys, or a list of such.', value.mark)
        return tables

    def _check_tag(self, tag: str | None, allowed: tuple[str, ...], mark: Mark) -> None:
        if tag not in (None, "!") and (tag or "").removeprefix(_PREFIX) not in allowed:
            self._refuse("yaml-tag", f'The YAML tag "{tag}" is not supported.', mark, "Write the plain value.")

    def _refuse_depth(self, mark: Mark) -> None:
        self._refuse("yaml-depth", f"The YAML is nested more than {MAX_DEPTH} levels deep.", mark, "Flatten it.")

    def _refuse(self, code: str, message: str, mark: Mark, hint: str = "") -> None:
        self._findings.error(code, message, mark, hint)
        raise _Refused


def _measure(nodes: list[Node]) -> tuple[int, int]:
    size = 1 + sum(node.size for node in nodes)
    return size, 1 + max((node.depth for node in nodes), default=0)


def _plain_tag(resolver: Any, text: str) -> str:
    """The YAML 1.1 type of a value without quotes; the type stubs leave this method of PyYAML out."""
    return str(resolver.resolve(yaml.ScalarNode, text, (True, False)))


def _mark(event: yaml.Event) -> Mark:
    place = event.start_mark
    return Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
