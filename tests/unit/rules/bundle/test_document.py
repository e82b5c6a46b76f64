from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.rules.bundle.document import MAX_NODES, parse_yaml
from podium.rules.bundle.findings import Findings, Mark
from podium.rules.bundle.nodes import Listing, Node, Scalar, Table, plain_value


def parse(text: str) -> tuple[Node | None, list[tuple[str, int | None]]]:
    findings = Findings("competition.yaml")
    node = parse_yaml(text, findings)
    return node, [(problem.code, problem.line) for problem in findings.sorted()]


def parsed(text: str) -> object:
    node, problems = parse(text)
    assert problems == []
    assert node is not None
    return plain_value(node)


def test_every_node_knows_its_line_and_column() -> None:
    node, _ = parse("a: 1\nlist:\n  - x\n  - deep: y\n")

    assert isinstance(node, Table)
    assert node.entries["a"].value.mark == Mark(1, 4)
    items = node.entries["list"].value
    assert isinstance(items, Listing)
    assert [item.mark for item in items.items] == [Mark(3, 5), Mark(4, 5)]
    assert isinstance(items.items[1], Table)
    assert items.items[1].entries["deep"].key.mark == Mark(4, 5)


def test_a_value_is_kept_as_it_was_written_beside_its_kind() -> None:
    node, _ = parse("[2024-12-31 14:30:00, 1_000, yes, '7', ~, 1.50]")

    assert isinstance(node, Listing)
    assert [(item.text, item.kind) for item in node.items if isinstance(item, Scalar)] == [
        ("2024-12-31 14:30:00", "moment"),
        ("1_000", "whole"),
        ("yes", "flag"),
        ("7", "text"),
        ("~", "null"),
        ("1.50", "number"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", ("yaml-duplicate-key", 3)),
        ("a: [1, 2\n", ("yaml-syntax", 2)),
        ("a:\n\t- b\n", ("yaml-syntax", 2)),
        ("a: b: c\n", ("yaml-syntax", 1)),
        ("", ("yaml-empty", None)),
        ("# only a comment\n", ("yaml-empty", None)),
        ("a: 1\n---\nb: 2\n", ("yaml-documents", 2)),
        ("a: !!python/object/apply:os.system [ls]\n", ("yaml-tag", 1)),
        ("a: !thing 1\n", ("yaml-tag", 1)),
        ("a: &x [*x]\n", ("yaml-aliases", 1)),
        ("a: *nowhere\n", ("yaml-aliases", 1)),
        ("[1, 2]: a\n", ("yaml-key", 1)),
        ("<<: 3\n", ("yaml-merge", 1)),
        ("a: \x07\n", ("yaml-syntax", None)),
        ("[" * 50_000, ("yaml-depth", 1)),
        ("- " * 50_000, ("yaml-depth", 1)),
        ("? " * 50_000, ("yaml-depth", 1)),
    ],
)
def test_each_fault_is_one_problem_with_its_line(text: str, problem: tuple[str, int | None]) -> None:
    assert parse(text)[1] == [problem]


def test_a_key_written_twice_names_both_lines() -> None:
    findings = Findings("competition.yaml")
    parse_yaml("title: a\nimage: b\ntitle: c\n", findings)

    (problem,) = findings.sorted()
    assert problem.place == "competition.yaml:3:1"
    assert problem.message == 'The key "title" stands on line 1 and again on line 3.'


def test_a_million_laughs_are_refused_without_being_written_out() -> None:
    levels = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    assert [code for code, _ in parse("\n".join(levels))[1]] == ["yaml-aliases"]


def test_many_merges_of_a_large_table_are_refused_early() -> None:
    large = "base: &b {" + ", ".join(f"k{n}: {n}" for n in range(1000)) + "}\n"
    # Each merge counts for its 1000 keys and 1000 values.
    merges = "list:\n" + "  - <<: *b\n" * (MAX_NODES // 2000 + 1)

    assert [code for code, _ in parse(large + merges)[1]] == ["yaml-aliases"]


def test_aliases_repeat_what_the_anchor_names() -> None:
    assert parsed("a: &x {k: [1, 2]}\nb: *x\n") == {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}}


def test_merge_keys_fill_in_what_is_not_written() -> None:
    text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nall: {<<: [*one, *two], a: 0}\n"

    # As the YAML type repository says: own keys first, then the earlier of the merged tables.
    assert parsed(text) == {"one": {"a": 1, "b": 1}, "two": {"b": 2, "c": 2}, "all": {"a": 0, "b": 1, "c": 2}}


def test_a_quoted_merge_sign_is_an_ordinary_key() -> None:
    assert parsed("'<<': 3\n") == {"<<": 3}


def json_like(text: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    numbers = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | text,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=15,
    )


@settings(deadline=None)
@given(json_like(st.text(max_size=12)), st.booleans())
def test_what_pyyaml_writes_is_read_as_it_was(value: object, flow: bool) -> None:
    text = yaml.safe_dump({"value": value}, default_flow_style=flow, allow_unicode=False)

    assert parsed(text) == {"value": value}


# U+0085 ends a line in YAML 1.1. Written as it is, PyYAML leaves it bare between quotes, where by the specification it
# is folded into a space: what was written is not there any more. Escaped, as above, it survives.
@settings(deadline=None)
@given(json_like(st.text(st.characters(codec="utf-8", exclude_characters="\x85"), max_size=12)), st.booleans())
def test_letters_of_all_scripts_are_read_as_they_were(value: object, flow: bool) -> None:
    text = yaml.safe_dump({"value": value}, default_flow_style=flow, allow_unicode=True)

    assert parsed(text) == {"value": value}


def test_a_next_line_character_between_quotes_is_a_line_break() -> None:
    # YAML 1.1, sections 4.1.4 and 5.4: one line break between words folds into one space.
    assert parsed("a: 'one\x85two'\n") == {"a": "one two"}


@settings(deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!<>|'\"#? \n\t,0123", max_size=60))
def test_any_text_is_a_tree_or_a_problem(text: str) -> None:
    node, problems = parse(text)

    assert (node is None) <= bool(problems)


def test_fifty_thousand_brackets_do_not_end_the_process() -> None:
    code = (
        "from podium.rules.bundle.document import parse_yaml\n"
        "from podium.rules.bundle.findings import Findings\n"
        "for part in ('[', '- ', '? ', '{a: '):\n"
        "    assert parse_yaml(part * 50_000, Findings('x')) is None\n"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
