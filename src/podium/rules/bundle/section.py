"""Typed reading of one table of the YAML: every method records what is wrong and returns something usable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from uuid import UUID

from podium.rules.bundle.dates import read_moment
from podium.rules.bundle.findings import Findings, Mark
from podium.rules.bundle.keys import LARGEST_WHOLE, Key, Level
from podium.rules.bundle.nodes import Entry, Listing, Node, Scalar, Table, kind_in_words, plain_value

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
_LISTS_OF_VALUES = frozenset({"tasks", "computation_indexes"})
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "1": True, "0": False}


class Section:
    """One table at one level of the format, named by its `path` such as `phases[0]` (empty at the top).

    A key that is missing, null or wrong reads as its default, so that reading goes on and finds everything; the
    findings say whether the result may be used.
    """

    def __init__(self, table: Table, level: Level, path: str, findings: Findings) -> None:
        self.table = table
        self.level = level
        self.path = path
        self.findings = findings

    def named(self, key: str) -> str:
        """The key as messages call it, such as `"phases[0].start"`."""
        return f'"{self.path}.{key}"' if self.path else f'"{key}"'

    def mark(self, key: str | None = None) -> Mark:
        """Where the value of the key stands, or the table where there is none."""
        entry = self.table.entries.get(key) if key else None
        return entry.value.mark if entry else self.table.mark

    def node(self, key: str) -> Node | None:
        """The value, or None where the key is missing or null. A missing key that is required is an error."""
        rule = self.level[key]
        entry = self.table.entries.get(key)
        if entry is not None and not _is_null(entry.value):
            return entry.value
        if rule.required:
            state = "is empty" if entry else "is missing"
            self.findings.error("key-missing", f"{self.named(key)} {state}.", self.mark(key), f"It is: {rule.meaning}")
        return None

    def text(self, key: str) -> str:
        """A text as written, without spaces around it; any single value will do, so that `title: 2024` is a title."""
        rule = self.level[key]
        node = self._scalar(key, "a text")
        if node is None:
            return str(rule.default or "")
        text = node.text.strip()
        if _UNPRINTABLE.search(text):
            self.findings.error(
                "text-characters", f"{self.named(key)} has control characters.", node.mark, "Remove them."
            )
        self._check_length(rule, text, node.mark)
        if not text and rule.required:
            self.findings.error("key-missing", f"{self.named(key)} is empty.", node.mark, f"It is: {rule.meaning}")
        return text or str(rule.default or "")

    def _check_length(self, rule: Key, text: str, mark: Mark) -> None:
        has = f"{self.named(rule.name)} has {len(text)} characters"
        if rule.limit and len(text) > rule.limit:
            self.findings.error("text-long", f"{has}; at most {rule.limit} are possible.", mark, "Shorten it.")
        elif rule.portable and len(text) > rule.portable:
            message = f"{has}; Codabench takes at most {rule.portable}."
            self.findings.note("text-long-elsewhere", message, mark, "Here it is kept whole.")

    def flag(self, key: str) -> bool:
        """True or false; the texts "true" and "false", and 1 and 0, count as well."""
        node = self._scalar(key, "true or false")
        if node is None:
            return bool(self.level[key].default)
        value = _FLAGS.get(node.text.strip().lower())
        if value is None:
            message = f'{self.named(key)} is "{_short(node.text)}" where true or false belongs.'
            self.findings.error("not-a-flag", message, node.mark, "Write true or false.")
        return bool(value)

    def whole(self, key: str) -> int | None:
        """A whole number within the bounds of the key; its default (which may be None) where it is missing."""
        rule = self.level[key]
        default = rule.default if isinstance(rule.default, int) else None
        node = self._scalar(key, "a whole number")
        if node is None:
            return default
        value = self.whole_of(node, self.named(key), rule)
        return default if value is None else value

    def limit(self, key: str) -> int | None:
        """A number of submissions: the default where the key is missing, None (no limit) where it is 0 or null."""
        if key in self.table.entries and self.node(key) is None:
            return None
        return self.whole(key) or None

    def whole_of(self, node: Node, name: str, rule: Key | None = None) -> int | None:
        """A whole number in any node, named `name` in messages; None, and an error, where it is none."""
        least, limit = (rule.least, rule.limit) if rule else (0, LARGEST_WHOLE)
        if not isinstance(node, Scalar) or node.kind == "flag" or not _WHOLE.fullmatch(node.text.strip()):
            found = f'"{_short(node.text)}"' if isinstance(node, Scalar) else kind_in_words(node)
            message = f"{name} is {found} where a whole number belongs."
            self.findings.error("not-a-whole-number", message, node.mark, "Write digits, such as 5.")
            return None
        value = int(Decimal(node.text.strip()))
        if not least <= value <= limit:
            message = f"{name} is {value}; it must be from {least} to {limit}."
            hint = f"It is: {rule.meaning}" if rule else ""
            self.findings.error("number-out-of-range", message, node.mark, hint)
            return None
        return value

    def moment(self, key: str) -> datetime | None:
        """A date in UTC, or None where there is none or it cannot be read."""
        node = self._scalar(key, "a date")
        if node is None or node.text.strip().lower() in ("", "null", "none"):
            if node is not None and self.level[key].required:
                self.findings.error("key-missing", f"{self.named(key)} is empty.", node.mark, "Write a date.")
            return None
        try:
            moment = read_moment(node.text)
        except ValueError as failure:
            message = f'{self.named(key)} is "{_short(node.text)}": {failure}.'
            self.findings.error(
                "not-a-date", message, node.mark, "Write it like 2026-01-31 or 2026-01-31 14:00:00+02:00."
            )
            return None
        if moment.note:
            message = f'{self.named(key)} is "{node.text.strip()}", which {moment.note}.'
            self.findings.note("date-order", message, node.mark, "Write year-month-day to be sure.")
        return moment.value

    def choice(self, key: str) -> str | None:
        """One of the choices of the key, or its default."""
        rule = self.level[key]
        default = str(rule.default) if rule.default is not None else None
        node = self._scalar(key, "a text")
        if node is None or not node.text.strip():
            return default
        text = node.text.strip()
        if text in rule.choices:
            return text
        same = next((choice for choice in rule.choices if choice.lower() == text.lower()), None)
        if same is not None:
            message = f'{self.named(key)} is "{_short(text)}" and is read as "{same}".'
            self.findings.note("choice-case", message, node.mark, f'Write "{same}" for other platforms.')
            return same
        message = f'{self.named(key)} is "{_short(text)}"; it must be one of {", ".join(rule.choices)}.'
        hint = _did_you_mean(text, rule.choices) or "Write one of these."
        self.findings.error("not-a-choice", message, node.mark, hint)
        return default

    def uuid(self, key: str) -> UUID | None:
        """A UUID, or None."""
        node = self._scalar(key, "a UUID")
        if node is None or not node.text.strip():
            return None
        value = parse_uuid(node.text)
        if value is None:
            message = f'{self.named(key)} is "{_short(node.text)}", which is not a UUID.'
            self.findings.error("not-a-uuid", message, node.mark, f"It is: {self.level[key].meaning}")
        return value

    def items(self, key: str) -> tuple[Node, ...]:
        """The items of a list; nothing where it is missing. A required list must have an item.

        A single value counts as a list of one, with a note, where the list is one of values.
        """
        node = self.node(key)
        if node is None:
            return ()
        if isinstance(node, Listing):
            if not node.items and self.level[key].required:
                message = f"{self.named(key)} is an empty list."
                self.findings.error("list-empty", message, node.mark, "It needs at least one item.")
            return node.items
        if isinstance(node, Scalar) and node.text.strip() and key in _LISTS_OF_VALUES:
            self._note_list_of_one(key, node)
            return (node,)
        message = f"{self.named(key)} is {kind_in_words(node)} where a list belongs."
        self.findings.error("not-a-list", message, node.mark, 'Start each item by "- " on a line of its own.')
        return ()

    def sections(self, key: str, level: Level) -> list[Section]:
        """The items of a list of tables; what is not a table is an error and left out.

        A table that could be an item counts as a list of one, with a note.
        """
        node = self.node(key)
        if isinstance(node, Table) and any(rule.required and rule.name in node.entries for rule in level.keys):
            self._note_list_of_one(key, node)
            items: tuple[Node, ...] = (node,)
        else:
            items = self.items(key)
        found = [self._section(item, level, f"{key}[{place}]") for place, item in enumerate(items)]
        return [section for section in found if section is not None]

    def _note_list_of_one(self, key: str, node: Node) -> None:
        message = f"{self.named(key)} is a single item and is read as a list of one."
        self.findings.note("list-of-one", message, node.mark, 'Start the item by "- " for other platforms.')

    def named_sections(self, key: str, level: Level) -> list[tuple[str, Section]]:
        """The tables of a table of tables, each with its key. A list of tables counts as well, with the places as keys.
        What is required must have an item; what is not a table is an error and left out.
        """
        node = self.node(key)
        if isinstance(node, Listing):
            named = [(str(place), item, f"{key}[{place}]") for place, item in enumerate(node.items)]
        elif isinstance(node, Table):
            named = [(name, entry.value, f"{key}.{_short(name)}") for name, entry in node.entries.items()]
        else:
            if node is not None:
                message = f"{self.named(key)} is {kind_in_words(node)} where a table of keys belongs."
                self.findings.error("not-a-table", message, node.mark, f"It is: {self.level[key].meaning}")
            return []
        if not named and self.level[key].required:
            self.findings.error("list-empty", f"{self.named(key)} is empty.", self.mark(key), "It needs an item.")
        found = [(name, self._section(item, level, path)) for name, item, path in named]
        return [(name, section) for name, section in found if section is not None]

    def within(self, key: str, level: Level) -> Section | None:
        """The one table that stands under the key; None where there is none."""
        node = self.node(key)
        return None if node is None else self._section(node, level, key)

    def extensions(self) -> dict[str, object]:
        """What stands under `podium`, as plain values."""
        node = self.node("podium")
        if isinstance(node, Table):
            return {key: plain_value(entry.value) for key, entry in node.entries.items()}
        if node is not None:
            message = f"{self.named('podium')} is {kind_in_words(node)} where a table of keys belongs."
            self.findings.error("not-a-table", message, node.mark)
        return {}

    def note_unknown_keys(self) -> None:
        """A note for each key that means nothing here, with what was probably meant, or that has no effect."""
        for name, entry in self.table.entries.items():
            if name in self.level:
                self._note_unused(self.level[name], entry)
                continue
            if name in self.level.elsewhere and _is_nothing(entry.value):
                continue
            hint = self.level.elsewhere.get(name, "")
            if not hint and not self.findings.is_full("note"):
                hint = _did_you_mean(name, self.level.names) or "Remove it, or correct its name."
            code = "key-elsewhere" if name in self.level.elsewhere else "key-unknown"
            message = f"{self.named(_short(name))} is not a key of {self.level.name} and is ignored."
            self.findings.note(code, message, entry.key.mark, hint)

    def _note_unused(self, key: Key, entry: Entry) -> None:
        if key.kind != "unused" or _asks_for_nothing(entry.value, key.default):
            return
        self.findings.note("key-unused", f"{self.named(key.name)} has no effect.", entry.key.mark, key.meaning)

    def _section(self, node: Node, level: Level, name: str) -> Section | None:
        path = f"{self.path}.{name}" if self.path else name
        if isinstance(node, Table):
            return Section(node, level, path, self.findings)
        message = f'"{path}" is {kind_in_words(node)} where a table of keys belongs.'
        names = [rule.name for rule in level.keys if rule.required]
        hint = f"It needs: {', '.join(names)}." if names else ""
        self.findings.error("not-a-table", message, node.mark, hint)
        return None

    def _scalar(self, key: str, expected: str) -> Scalar | None:
        node = self.node(key)
        if node is None or isinstance(node, Scalar):
            return node
        message = f"{self.named(key)} is {kind_in_words(node)} where {expected} belongs."
        self.findings.error("wrong-type", message, node.mark)
        return None


def parse_uuid(text: str) -> UUID | None:
    """The UUID that the text writes, with or without hyphens; None where it is none."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def parse_decimal(text: str) -> Decimal | None:
    """The finite number that the text writes; None where it is none."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def closest(text: str, names: Iterable[str]) -> str | None:
    """The name most like `text`, letter case aside; None where none is."""
    by_lower = {name.lower(): name for name in names}
    found = get_close_matches(text.lower()[:100], by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def _did_you_mean(text: str, names: Iterable[str]) -> str:
    name = closest(text, names)
    return f'Did you mean "{name}"?' if name else ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _asks_for_nothing(node: Node, default: object) -> bool:
    if not isinstance(node, Scalar):
        return node.size == 1
    text = node.text.strip().lower()
    asked = _FLAGS.get(text) if isinstance(default, bool) else text
    return _is_null(node) or not text or asked == (default if isinstance(default, bool) else str(default))


def _is_nothing(node: Node) -> bool:
    return _is_null(node) or (not isinstance(node, Scalar) and node.size == 1)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.kind == "null"
