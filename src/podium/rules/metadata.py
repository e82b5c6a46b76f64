"""The `metadata.yaml` or `metadata` file of a program or a submission: the command that runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from podium.rules.errors import ProgramError
from podium.rules.flat_yaml import compose_flat

FILE_NAMES = ("metadata.yaml", "metadata")
"""Where it is looked for, the first that exists counts."""
LARGEST_BYTES = 64 << 10


@dataclass(frozen=True)
class ProgramMetadata:
    """What the file says. `command` is None where it names none, which is not the same as having no file."""

    command: str | None


def read_metadata(content: bytes) -> ProgramMetadata:
    """Read the file's content.

    Bundles of the early days are not always YAML (a description with a colon in it, tabs): then the line that begins
    with `command:` counts.

    Raises:
        ProgramError: `no-command` where the file is too large or its command is not a line of text.
    """
    if len(content) > LARGEST_BYTES:
        raise ProgramError(
            "no-command",
            f"The metadata file has {len(content)} bytes; at most {LARGEST_BYTES} are read.",
            "It needs one line: `command: python3 program.py ...`.",
        )
    text = content.decode("utf-8-sig", errors="replace")
    found = _as_yaml(text)
    if found is _NOT_YAML:
        found = next((line.split(":", 1)[1] for line in text.splitlines() if line.startswith("command:")), None)
    if found is None:
        return ProgramMetadata(command=None)
    if not isinstance(found, str):
        raise ProgramError(
            "no-command",
            "The command in the metadata file is not a line of text.",
            "Write it as `command: python3 program.py ...`.",
        )
    return ProgramMetadata(command=found.strip() or None)


_NOT_YAML = object()


def _as_yaml(text: str) -> Any:
    """The value of `command`, None where the mapping has none, _NOT_YAML where the text is no plain mapping."""
    try:
        root = compose_flat(text)
    except (yaml.YAMLError, ValueError):
        return _NOT_YAML
    if not isinstance(root, yaml.MappingNode):
        return _NOT_YAML
    for key, value in root.value:
        if isinstance(key, yaml.ScalarNode) and key.value == "command":
            if not isinstance(value, yaml.ScalarNode):
                return []
            return None if value.tag == "tag:yaml.org,2002:null" else value.value
    return None
