"""Small YAML files of strangers, of which only the plain values at the top are of interest.

Composing YAML goes down by recursion in C: deep nesting ends the process, and no exception tells of it. Constructing it
writes out what is merged again and again. So depth is looked at first, and nothing is constructed.
"""

from __future__ import annotations

import yaml

DEEPEST = 50


def compose_flat(text: str | bytes) -> yaml.Node | None:
    """The nodes of YAML text; None where it is empty.

    Raises:
        yaml.YAMLError: it is not YAML, or is nested deeper than DEEPEST.
        ValueError: it holds bytes that are no text.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise yaml.YAMLError(f"it is nested deeper than {DEEPEST} levels")
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    return node


def plain_values(text: str | bytes) -> dict[str, str | int | None]:
    """The values at the top that are text, whole numbers or null, by their keys; none where the text is no mapping."""
    try:
        root = compose_flat(text)
    except (yaml.YAMLError, ValueError):
        return {}
    if not isinstance(root, yaml.MappingNode):
        return {}
    return {
        key.value: _plain(value)
        for key, value in root.value
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)
    }


def _plain(node: yaml.ScalarNode) -> str | int | None:
    text = str(node.value)
    if node.tag == "tag:yaml.org,2002:null":
        return None
    if node.tag == "tag:yaml.org,2002:int" and text.lstrip("+-").isdecimal() and len(text) <= 20:
        return int(text)
    return text
