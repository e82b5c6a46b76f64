"""Typed reading of one table of the YAML, with the lists and tables that stand in it."""

from __future__ import annotations

from podium.rules.bundle.keys import Key, Level
from podium.rules.bundle.nodes import Entry, Listing, Node, Scalar, Table, is_null, kind_in_words, plain_value
from podium.rules.bundle.spelling import did_you_mean, short
from podium.rules.bundle.values import FLAGS, Values

_LISTS_OF_VALUES = frozenset({"tasks", "computation_indexes"})


class Section(Values):
    """One table at one level of the format: its values, and the lists and tables in it."""

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
            named = [(name, entry.value, f"{key}.{short(name)}") for name, entry in node.entries.items()]
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
                hint = did_you_mean(name, self.level.names) or "Remove it, or correct its name."
            code = "key-elsewhere" if name in self.level.elsewhere else "key-unknown"
            message = f"{self.named(short(name))} is not a key of {self.level.name} and is ignored."
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


def _asks_for_nothing(node: Node, default: object) -> bool:
    if not isinstance(node, Scalar):
        return node.size == 1
    text = node.text.strip().lower()
    asked = FLAGS.get(text) if isinstance(default, bool) else text
    return is_null(node) or not text or asked == (default if isinstance(default, bool) else str(default))


def _is_nothing(node: Node) -> bool:
    return is_null(node) or (not isinstance(node, Scalar) and node.size == 1)
