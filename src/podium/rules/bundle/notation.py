"""How we write YAML: for people to read and edit, and so that every text reads back letter by letter."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

# A line break of YAML 1.1 that is not "\n" would read back as one.
_ODD_BREAKS = frozenset("\r\x85\u2028\u2029")
# Folded texts are hard to edit, and nothing but width makes the emitter fold them.
_WIDTH = 2**31


class _Dumper(yaml.SafeDumper):
    """Indented lists, texts of several lines as blocks, lists of numbers on one line, no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


def dump_section(section: Mapping[str, object]) -> str:
    """A mapping of plain values as a piece of YAML that ends in a line end. Pieces may follow one another, with blank
    lines between them, as long as their keys differ.
    """
    return str(yaml.dump(section, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _ODD_BREAKS.intersection(text):
        style = '"'
    elif "\n" in text:
        # With space at an end a block would depend on what stands around it.
        style = "|" if text == text.strip() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_list(dumper: yaml.SafeDumper, items: list[object]) -> yaml.SequenceNode:
    is_short = all(isinstance(item, (bool, int)) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_short)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
