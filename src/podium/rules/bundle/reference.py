"""The reference page of competition.yaml, version 2, in Markdown, made from the table of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.rules.bundle.differences import DIFFERENCES
from podium.rules.bundle.extensions import EXTENSIONS
from podium.rules.bundle.keys import FACT_SHEET_QUESTION, LARGEST_WHOLE, LEVELS, Key, Level
from podium.rules.bundle.schema import LISTED_TABLES, WHOLE_LISTS

_INTRODUCTION = """\
# competition.yaml, key by key

Every key of version 2 of the format, level by level. `podium schema --markdown` prints this page, from the table by
which bundles are read. What it cannot say (how a bundle is laid out, rules between keys, dates, what is forgiven and
what is not) stands in [The competition bundle](bundle.md).

"File" is the name of a file in the bundle, relative to the folder of `competition.yaml`. Where a UUID is possible too,
it names a data set that the site has already; a file or folder of that name goes first. A key whose value is empty or
`null` counts as not there; for the two submission limits `null` means no limit. On Codabench an empty value of a file
is an error. The last column says where else Codabench differs.
"""
_KINDS: Mapping[str, str] = {
    "text": "text",
    "whole": "whole number",
    "flag": "true or false",
    "moment": "date",
    "uuid": "UUID",
    "file": "file",
    "member": "file, folder or UUID",
    "list": "list",
    "table": "table",
    "version": "number",
    "unused": "no effect",
}
_JSON_KINDS: Mapping[object, str] = {
    "object": "table",
    "array": "list of texts",
    "number": "number",
    "boolean": "true or false",
}


def reference_page() -> str:
    """The whole page, with a line end at its end."""
    return "\n".join([_INTRODUCTION, *(line for level in LEVELS for line in _section(level))])


def _section(level: Level) -> Iterator[str]:
    yield f"## {_heading(level)}\n"
    yield "| key | type | default | meaning | Codabench |"
    yield "|---|---|---|---|---|"
    differences = DIFFERENCES.get(level.name, {})
    for key in level.keys:
        difference = "Not read." if key.name == "podium" else differences.get(key.name, "")
        yield _row(f"`{key.name}`", _type(level, key), _default(key), key.meaning, difference)
    yield ""
    extensions = EXTENSIONS.get(level.name, {})
    if extensions:
        yield f"Under `podium` of {level.name}:\n"
        yield "| key | type | default | meaning |"
        yield "|---|---|---|---|"
        for name, shape in extensions.items():
            default = f"`{_written(shape['default'])}`" if "default" in shape else ""
            yield _row(f"`{name}`", _type_of_shape(shape), default, str(shape["description"]))
        yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _heading(level: Level) -> str:
    return level.name[0].upper() + level.name[1:]


def _type(level: Level, key: Key) -> str:
    if key.kind == "choice":
        return _one_of(key.choices)
    if key.kind == "list":
        return _list_type(level, key)
    if key.name == "fact_sheet":
        return f"table of {_link(FACT_SHEET_QUESTION)}, by key"
    if key.kind == "text" and key.limit:
        return f"text, at most {key.limit} characters"
    if key.kind == "whole" and key.limit != LARGEST_WHOLE:
        return f"whole number, at most {key.limit}"
    return _KINDS[key.kind]


def _list_type(level: Level, key: Key) -> str:
    inner = LISTED_TABLES.get((level.name, key.name))
    if inner is not None:
        return f"list, each {_link(inner)}"
    return "list of whole numbers" if (level.name, key.name) in WHOLE_LISTS else "list of texts"


def _link(level: Level) -> str:
    return f"[{level.name}](#{level.name.replace(' ', '-')})"


def _default(key: Key) -> str:
    if key.required:
        return "required"
    if key.default is None or key.default == "":
        return ""
    return f"`{str(key.default).lower() if isinstance(key.default, bool) else key.default}`"


def _type_of_shape(shape: Mapping[str, object]) -> str:
    choices = shape.get("enum")
    if isinstance(choices, list):
        return _one_of([str(choice) for choice in choices])
    return _JSON_KINDS[shape["type"]]


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _one_of(choices: list[str] | tuple[str, ...]) -> str:
    named = ", ".join(f"`{choice}`" for choice in choices)
    return f"one of {named}" if len(choices) > 1 else named
