"""Files of strangers: three formats, line numbers, and everything that may be wrong with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.metrics.scoring_material import json_lines

from podium.metrics.reading import tables
from podium.metrics.reading.items import References
from podium.metrics.registry import task_type, task_types
from podium.rules.errors import Problem

CLASSES = task_type("text_classification")
REFERENCES = b"id,label\n1,yes\n2,no\n3,yes\n"


def right(content: bytes = REFERENCES, slug: str = "text_classification", name: str = "r.csv") -> References:
    read = task_type(slug).read_references(content, name)
    assert read.value is not None, read.problems
    return read.value


def wrong_predictions(
    content: bytes, name: str = "p.csv", slug: str = "text_classification", references: References | None = None
) -> list[Problem]:
    read = task_type(slug).read_predictions(content, name, references or right())
    assert read.value is None
    assert read.total == len(read.problems) > 0
    return list(read.problems)


def codes(problems: list[Problem]) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.line) for problem in problems]


@pytest.mark.parametrize("name", ["p", "p.json", "p.jsonl"])
def test_the_only_item_of_a_file_is_no_mapping_of_ids(name: str) -> None:
    read = CLASSES.read_predictions(b'{"id": 7, "label": "yes"}', name, right(b"id,label\n7,yes\n"))
    assert (read.problems, read.value and list(read.value.values)) == ((), ["yes"])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"id,label\n3,no\n1,yes\n2,no\n", "p.csv"),
        (b"\xef\xbb\xbfid,label\r\n3,no\r\n1,yes\r\n2,no", "p.csv"),
        (b"id\tlabel\n3\tno\n1\tyes\n2\tno\n", "p.tsv"),
        (b"\n\nid,label\n\n3,no\n1,yes\n2,no\n\n", "p"),
        (b'ID,Prediction,comment\n3,no,"a, b"\n1,yes,\n2,no,\n', "p.csv"),
        (b'{"id": 3, "label": "no"}\n\n{"id": "1", "output": "yes"}\n{"id": 2, "predicted": "no"}\n', "p.jsonl"),
        (b'[{"id": 3, "label": "no"}, {"id": 1, "label": "yes"}, {"id": 2, "label": "no"}]', "p.json"),
        (b'{"predictions": [{"id": 3, "label": "no"}, {"id": 1, "label": "yes"}, {"id": 2, "label": "no"}]}', "p.json"),
        (b'{"3": "no", "1": "yes", "2": "no"}', "p.json"),
        (b'{"3": {"label": "no"}, "1": {"label": "yes"}, "2": {"label": "no"}}', ""),
    ],
)
def test_every_format_gives_the_same_in_the_order_of_the_references(content: bytes, name: str) -> None:
    read = CLASSES.read_predictions(content, name, right())
    assert read.problems == ()
    assert read.value is not None
    assert list(read.value.values) == ["yes", "no", "no"]


def test_missing_duplicate_and_unknown_items_are_all_named_at_once() -> None:
    problems = wrong_predictions(b"id,label\n1,yes\n1,no\n9,yes\n2,maybe\n")
    assert codes(problems) == [("missing-prediction", None), ("duplicate-id", 3), ("unknown-id", 4), ("wrong-label", 5)]
    assert str(problems[1]) == "p.csv:3: The item '1' stands here again. It was on line 2."
    assert str(problems[3]) == "p.csv:5: There is no label 'maybe'. Labels are no, yes."


def test_one_bad_line_among_very_many_is_named() -> None:
    many = 50_000
    gold = right(b"id,label\n" + b"".join(b"%d,a\n%d,b\n" % (n, n + many) for n in range(many)))
    lines = [b"%d,a" % number for number in range(2 * many)]
    lines[76_543] = b"76543,c"
    assert codes(wrong_predictions(b"id,label\n" + b"\n".join(lines), references=gold)) == [("wrong-label", 76_545)]


def test_problems_are_counted_beyond_those_listed() -> None:
    gold = right(b"id,label\n" + b"".join(b"%d,a\n" % number for number in range(500)))
    read = CLASSES.read_predictions(b"id,label\n" + b"".join(b"%d,x\n" % number for number in range(500)), "p", gold)
    assert (read.value, len(read.problems), read.total) == (None, 100, 500)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", "p.csv", [("empty", None)]),
        (b" \n\n", "p.json", [("empty", None)]),
        (b"id,label\n", "p.csv", [("empty", None)]),
        (b"[]", "p.json", [("empty", None)]),
        (b"id,label\n1,yes\n2,n\xff\n", "p.csv", [("not-utf-8", 3)]),
        (b"id,label\n1,yes,no\n2,no\n3,no\n", "p.csv", [("row-uneven", 2), ("missing-prediction", None)]),
        (b'id,label\n1,"yes\n2,no\n', "p.csv", [("csv-invalid", 3)]),
        (b"id,id,label\n1,1,yes\n", "p.csv", [("column-twice", 1)]),
        (b"name,label\n1,yes\n", "p.csv", [("column-missing", 2)]),
        (b"id,answer text\n1,yes\n", "p.csv", [("column-missing", 2)]),
        (b'{"id": 1, "label": "yes"}\n{"id": 2,\n', "p.jsonl", [("json-invalid", 2), ("missing-prediction", None)]),
        (b'{"id": 1, "label": "yes"}\n[2]\n', "p.jsonl", [("row-no-object", 2), ("missing-prediction", None)]),
        (b'[{"id": 1,\n "label": }]', "p.json", [("json-invalid", 2)]),
        (b"3", "p.json", [("json-no-list", 1)]),
        (b"[" * 100_000, "p.json", [("json-invalid", 1)]),
        (b'[\n{"id": NaN, "label": "yes"}]', "p.json", [("json-invalid", 2)]),
        (b'{"1": "yes",\n"2": "no",\n"1": "no", "3": "no"}', "p.json", [("duplicate-id", 3)]),
        (b'[{"id": 1, "label": "yes"},\n\n{"id": null, "label": "no"}]', "p.json", [("id-missing", 3)]),
        (b'[{"id": 1.5, "label": "yes"}]', "p.json", [("id-missing", 1)]),
    ],
)
def test_files_that_cannot_be_used_say_where(content: bytes, name: str, expected: list[tuple[str, int | None]]) -> None:
    found = codes(wrong_predictions(content, name))
    assert [each for each in expected if each not in found] == []


@pytest.mark.parametrize("label", [b"null", b"1.5", b'["yes"]', b'{"a": 1}', b'""', b'" "'])
def test_labels_of_other_types_are_refused(label: bytes) -> None:
    content = b'[{"id": 1, "label": "yes"},\n{"id": 2, "label": %s},\n{"id": 3, "label": "no"}]' % label
    assert ("wrong-type", 2) in codes(wrong_predictions(content, "p.json"))


def test_numbers_and_truth_values_are_labels_as_text() -> None:
    gold = right(b"id,label\n1,0\n2,true\n")
    read = CLASSES.read_predictions(b'[{"id": 1, "label": 0}, {"id": 2, "label": true}]', "p.json", gold)
    assert read.value is not None
    assert list(read.value.values) == ["0", "true"]


@pytest.mark.parametrize(
    "chances",
    [
        '{"yes": 0.5}',
        '{"yes": 0.5, "no": 0.6}',
        '{"yes": -0.1, "no": 1.1}',
        '{"yes": "NaN", "no": 1}',
        '{"yes": 1e999, "no": 0}',
        '{"yes": true, "no": 0}',
        '{"yes": null, "no": 1}',
        "[1, 0]",
        "null",
        '"x"',
    ],
)
def test_probabilities_must_be_such(chances: str) -> None:
    row = '{"id": %d, "label": "yes", "probabilities": %s}'
    sound = '{"yes": 1, "no": 0}'
    content = "\n".join(row % (number, chances if number == 2 else sound) for number in (1, 2, 3))
    found = codes(wrong_predictions(content.encode(), "p.jsonl"))
    assert ("wrong-probability", 2) in found or ("json-invalid", 2) in found


def test_probabilities_of_something_else_are_refused() -> None:
    content = b"id,label,probability:yes,probability:no,probability:maybe\n1,yes,1,0,0\n2,yes,1,0,0\n3,yes,1,0,0\n"
    assert codes(wrong_predictions(content)) == [("wrong-label", None)]


def test_probabilities_may_be_columns() -> None:
    content = b"id,label,probability:yes,probability:no\n1,yes,1,0\n2,yes,.5,.5\n3,yes,0.25,0.75\n"
    read = CLASSES.read_predictions(content, "p.csv", right())
    assert read.value is not None
    assert read.value.parts == {"no": [0, 0.5, 0.75], "yes": [1, 0.5, 0.25]}


def test_a_cluster_or_language_for_some_items_alone_is_refused() -> None:
    read = CLASSES.read_references(b"id,label,cluster,language\n1,yes,c,\n2,no,,en\n", "r.csv")
    assert codes(list(read.problems)) == [("language-missing", 2), ("cluster-missing", 3)]


def test_more_labels_than_can_be_compared_are_refused() -> None:
    content = b"id,label\n" + b"".join(b"%d,%d\n" % (number, number) for number in range(1001))
    assert codes(list(CLASSES.read_references(content, "r.csv").problems)) == [("labels-too-many", None)]


TAGS = b'{"id": 1, "tags": ["B-PER", "O"]}\n{"id": 2, "tags": ["O"]}'
SPANS = b'{"id": 1, "text": "Ann in Rome", "entities": [{"start": 0, "end": 3, "label": "PER"}]}'


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (b'["B-PER"]', "tags-uneven"),
        (b'["B-PER", "O", "O"]', "tags-uneven"),
        (b'["B-LOC", "O"]', "wrong-label"),
        (b'["PER", "O"]', "wrong-tag"),
        (b'["B-", "O"]', "wrong-tag"),
        (b'["X-PER", "O"]', "wrong-tag"),
        (b'["B-PER", 3]', "wrong-type"),
        (b'["B-PER", null]', "wrong-type"),
        (b'["B-PER", ["O"]]', "wrong-type"),
        (b"null", "wrong-type"),
        (b"7", "wrong-type"),
    ],
)
def test_tags_that_are_none(tags: bytes, expected: str) -> None:
    content = b'{"id": 2, "tags": ["O"]}\n{"id": 1, "tags": %s}' % tags
    gold = right(TAGS, "ner", "r.jsonl")
    assert (expected, 2) in codes(wrong_predictions(content, "p.jsonl", "ner", gold))


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        (b'[{"start": 3, "end": 3, "label": "PER"}]', "span-malformed"),
        (b'[{"start": -1, "end": 3, "label": "PER"}]', "span-malformed"),
        (b'[{"start": 0, "end": 12, "label": "PER"}]', "span-malformed"),
        (b'[{"start": 0.0, "end": 3, "label": "PER"}]', "span-malformed"),
        (b'[{"start": "0", "end": "3", "label": "PER"}]', "span-malformed"),
        (b'[{"start": true, "end": 3, "label": "PER"}]', "span-malformed"),
        (b'[{"start": 0, "end": 3}]', "span-malformed"),
        (b'[{"start": 0, "end": 3, "label": ""}]', "span-malformed"),
        (b"[[0, 3]]", "span-malformed"),
        (b"[null]", "span-malformed"),
        (b'[[0, 3, "PER"], [2, 5, "PER"]]', "span-overlap"),
        (b'[[0, 3, "PER"], [0, 3, "PER"]]', "span-overlap"),
        (b'[[0, 3, "LOC"]]', "wrong-label"),
        (b'{"start": 0}', "wrong-type"),
        (b'"x"', "wrong-type"),
        (b"null", "wrong-type"),
    ],
)
def test_spans_that_are_none(entities: bytes, expected: str) -> None:
    gold = right(SPANS, "ner", "r.jsonl")
    content = b'\n{"id": 1, "entities": %s, "tags": ["O"]}' % entities
    problems = codes(wrong_predictions(content, "p.jsonl", "ner", gold))
    assert (expected, 2) in problems or problems == [("column-missing", 2)]


def test_spans_far_out_are_refused_also_without_a_text() -> None:
    content = b'{"id": 1, "entities": [[0, 99999999999, "PER"]]}'
    assert codes(list(task_type("ner").read_references(content, "r.jsonl").problems)) == [("span-malformed", 1)]


@pytest.mark.parametrize(
    "entity", [b'["Ann"]', b'["", "PER"]', b'[0, "PER"]', b"null", b'{"text": "Ann"}', b'[0, 3, "PER"]']
)
def test_names_without_a_type_are_refused(entity: bytes) -> None:
    gold = right(b'{"id": 1, "entities": [["Ann", "PER"]]}', "ner", "r.jsonl")
    content = b'\n{"id": 1, "entities": [%s]}' % entity
    assert codes(wrong_predictions(content, "p.jsonl", "ner", gold)) == [("entity-malformed", 2)]


def test_predictions_have_the_form_of_references() -> None:
    gold = right(SPANS, "ner", "r.jsonl")
    assert codes(wrong_predictions(b'{"id": 1, "tags": ["O"]}', "p.jsonl", "ner", gold)) == [("column-missing", 1)]
    neither = task_type("ner").read_references(b'{"id": 1, "text": "x"}', "r.jsonl")
    assert codes(list(neither.problems)) == [("column-missing", 1)]


@pytest.mark.parametrize("answer", [b"null", b"true", b'["x"]', b"{}"])
def test_an_answer_is_a_text(answer: bytes) -> None:
    gold = right(b'{"id": 1, "answers": "x"}', "line_qa", "r.jsonl")
    found = codes(wrong_predictions(b'{"id": 1, "answer": %s}' % answer, "p.jsonl", "line_qa", gold))
    assert found in ([("wrong-type", 1)], [("column-missing", 1)])


@pytest.mark.parametrize("answers", [b"[]", b'""', b"[1]", b"true", b'{"x": 1}', b'[["x"]]'])
def test_right_answers_are_texts_and_there_is_one(answers: bytes) -> None:
    read = task_type("line_qa").read_references(b'{"id": 1, "answers": %s}' % answers, "r.jsonl")
    assert codes(list(read.problems)) == [("wrong-type", 1)]


@pytest.mark.parametrize("tolerance", ["x", "-1", "nan", "inf"])
def test_a_tolerance_is_a_number(tolerance: str) -> None:
    read = task_type("line_qa").read_references(f"id,answers,tolerance\n1,3,{tolerance}\n".encode(), "r.csv")
    assert codes(list(read.problems)) == [("not-a-number", 2)]


@pytest.mark.parametrize(
    ("relevant", "expected"),
    [
        (b"[]", "nothing-relevant"),
        (b'{"a": 0}', "nothing-relevant"),
        (b'{"a": 0.5}', "wrong-type"),
        (b'{"a": -1}', "wrong-type"),
        (b'{"a": true}', "wrong-type"),
        (b"3", "wrong-type"),
        (b"[null]", "wrong-type"),
    ],
)
def test_documents_that_help(relevant: bytes, expected: str) -> None:
    read = task_type("retrieval").read_references(b'{"id": 1, "relevant": %s}' % relevant, "r.jsonl")
    assert codes(list(read.problems)) == [(expected, 1)]


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        (b'["a", "b", "a"]', "duplicate-document"),
        (b'{"a": "x"}', "wrong-type"),
        (b'{"a": null}', "wrong-type"),
        (b'{"a": true}', "wrong-type"),
        (b"7", "wrong-type"),
        (b"[" + b",".join(b'"d%d"' % number for number in range(10_001)) + b"]", "wrong-type"),
    ],
)
def test_rankings_that_are_none(ranking: bytes, expected: str) -> None:
    gold = right(b'{"id": 1, "relevant": ["a"]}', "retrieval", "r.jsonl")
    assert (expected, 1) in codes(
        wrong_predictions(b'{"id": 1, "ranking": %s}' % ranking, "p.jsonl", "retrieval", gold)
    )


def test_sizes_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    gold = right()
    with monkeypatch.context() as limits:
        limits.setattr(tables, "MOST_BYTES", 10)
        assert codes(wrong_predictions(b"id,label\n1,yes\n", references=gold)) == [("too-large", None)]
    monkeypatch.setattr(tables, "MOST_ROWS", 1)
    for content, name in (
        (b"id,label\n1,yes\n2,no\n3,no\n", "p.csv"),
        (json_lines([{"id": 1, "label": "no"}] * 3), "p.jsonl"),
    ):
        assert "too-many" in [code for code, _ in codes(wrong_predictions(content, name, references=gold))]
    monkeypatch.setattr(tables, "LONGEST_CELL", 50)
    assert codes(wrong_predictions(b"id,label\n1," + b"x" * 100 + b"\n", references=gold)) == [("csv-invalid", 2)]


def test_a_cell_may_span_lines_and_the_next_row_is_where_it_is() -> None:
    gold = right(b'id,answers\n1,"x\ny"\n2,z\n', "line_qa", "r.csv")
    assert gold.gold.values == [["x\ny"], ["z"]]
    found = codes(wrong_predictions(b'id,answer\n1,"x\n\ny"\n7,z\n', "p.csv", "line_qa", gold))
    assert ("unknown-id", 5) in found


READERS: list[Callable[[bytes, str], object]] = [
    *(each.read_references for each in task_types()),
    *(
        (lambda content, name, each=each, gold=gold: each.read_predictions(content, name, gold))
        for each in task_types()
        if (gold := each.read_references(*reversed(each.sample("references"))).value) is not None
    ),
]


@pytest.mark.parametrize("first", ["first", '"first"'])
def test_problems_far_down_a_file_have_their_lines(first: str) -> None:
    # Rows are taken ten thousand at a time. Line 1 is the header, 20,003 is empty, and the item after it has a comma.
    rows = [f"{number},yes" for number in range(1, 20_001)]
    content = "\n".join(["id,label", f"{first},yes", *rows, "", "x,yes,no", "7,no", "y,no"])
    read = CLASSES.read_references(content.encode(), "r.csv")
    assert [(each.code, each.line) for each in read.problems] == [("row-uneven", 20_004), ("duplicate-id", 20_005)]


def test_problems_before_what_is_no_csv_are_told_too() -> None:
    content = b"id,label\n1,yes,no\n2," + b"x" * (tables.LONGEST_CELL + 1) + b"\n"
    read = CLASSES.read_references(content, "r.csv")
    assert [(each.code, each.line) for each in read.problems] == [("row-uneven", 2), ("csv-invalid", 3)]


@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.jsonl", "x.json", "x"]), st.sampled_from(READERS))
def test_no_bytes_at_all_make_reading_fail(content: bytes, name: str, read: Callable[[bytes, str], object]) -> None:
    assert read(content, name)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
_ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "label",
                "tags",
                "entities",
                "answers",
                "answer",
                "references",
                "translation",
                "relevant",
                "ranking",
                "transcript",
                "probabilities",
                "cluster",
                "language",
                "tolerance",
                "text",
            ]
        ),
        _VALUES,
        max_size=6,
    ),
    max_size=4,
)


@given(_ROWS, st.sampled_from(READERS))
def test_no_json_at_all_makes_reading_fail(rows: list[dict[str, object]], read: Callable[[bytes, str], object]) -> None:
    assert read(json_lines(rows), "x.jsonl")
