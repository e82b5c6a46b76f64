"""Typed reading of the single values of one table of the YAML: every method records what is wrong and returns something
usable."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from podium.rules.bundle.dates import read_moment
from podium.rules.bundle.findings import Findings, Mark
from podium.rules.bundle.keys import LARGEST_WHOLE, Key, Level
from podium.rules.bundle.nodes import Node, Scalar, Table, is_null, kind_in_words
from podium.rules.bundle.spelling import did_you_mean, short

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "1": True, "0": False}
"""What counts as true or false, in small letters."""


class Values:
    """The values of one table at one level of the format, named by its `path` such as `phases[0]` (empty at the top).

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
        if entry is not None and not is_null(entry.value):
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
        value = FLAGS.get(node.text.strip().lower())
        if value is None:
            message = f'{self.named(key)} is "{short(node.text)}" where true or false belongs.'
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
            found = f'"{short(node.text)}"' if isinstance(node, Scalar) else kind_in_words(node)
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
            message = f'{self.named(key)} is "{short(node.text)}": {failure}.'
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
            message = f'{self.named(key)} is "{short(text)}" and is read as "{same}".'
            self.findings.note("choice-case", message, node.mark, f'Write "{same}" for other platforms.')
            return same
        message = f'{self.named(key)} is "{short(text)}"; it must be one of {", ".join(rule.choices)}.'
        hint = did_you_mean(text, rule.choices) or "Write one of these."
        self.findings.error("not-a-choice", message, node.mark, hint)
        return default

    def uuid(self, key: str) -> UUID | None:
        """A UUID, or None."""
        node = self._scalar(key, "a UUID")
        if node is None or not node.text.strip():
            return None
        value = parse_uuid(node.text)
        if value is None:
            message = f'{self.named(key)} is "{short(node.text)}", which is not a UUID.'
            self.findings.error("not-a-uuid", message, node.mark, f"It is: {self.level[key].meaning}")
        return value

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
