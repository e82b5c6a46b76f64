import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.errors import ProgramError
from podium.rules.scores import LARGEST_BYTES, LONGEST_KEY, MOST_SCORES, check_scores, parse_scores, scores_txt


def from_json(text: str | bytes) -> dict[str, float]:
    return parse_scores(text.encode() if isinstance(text, str) else text, None)


def from_txt(text: str | bytes) -> dict[str, float]:
    return parse_scores(None, text.encode() if isinstance(text, str) else text)


def refused_json(text: str | bytes) -> ProgramError:
    with pytest.raises(ProgramError) as error:
        from_json(text)
    assert error.value.code == "scores-invalid"
    assert error.value.hint
    return error.value


def refused_txt(text: str | bytes) -> ProgramError:
    with pytest.raises(ProgramError) as error:
        from_txt(text)
    assert error.value.code == "scores-invalid"
    assert error.value.hint
    return error.value


def test_scores_are_read_in_the_order_written():
    assert list(from_json('{"b": 1, "a": -0.5, "c": 1e-3}').items()) == [("b", 1.0), ("a", -0.5), ("c", 0.001)]


def test_every_score_is_a_float():
    assert all(type(value) is float for value in from_json('{"a": 1, "b": 2.0}').values())


def test_json_goes_before_text():
    assert parse_scores(b'{"a": 1}', b"a: 2") == {"a": 1.0}


def test_bad_json_is_not_saved_by_text():
    with pytest.raises(ProgramError):
        parse_scores(b"", b"a: 2")


def test_no_file_at_all_says_what_to_write_and_where():
    with pytest.raises(ProgramError) as error:
        parse_scores(None, None)
    assert error.value.code == "scores-missing"
    assert "scores.json" in error.value.hint
    assert "output folder" in error.value.hint


def test_a_byte_order_mark_does_no_harm():
    assert from_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1.0}
    assert from_txt(b"\xef\xbb\xbfa: 1") == {"a": 1.0}


def test_keys_may_hold_any_letters():
    assert from_json('{"précision (%)": 1}') == {"précision (%)": 1.0}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 5000])
def test_what_is_not_finite_is_refused_by_the_name_of_its_key(number):
    assert "'loss' is not a finite number" in refused_json(f'{{"accuracy": 1, "loss": {number}}}').message


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ('"0.9"', "the text '0.9'"),
        ('""', "empty"),
        ("true", "true"),
        ("false", "false"),
        ("null", "null"),
        ("[1]", "a list"),
        ('{"a": 1}', "an object"),
    ],
)
def test_what_is_no_number_is_refused_by_the_name_of_its_key(value, named):
    message = refused_json(f'{{"accuracy": {value}}}').message
    assert "'accuracy'" in message
    assert named in message


def test_a_number_in_quotation_marks_gets_a_hint():
    assert "without quotation marks" in refused_json('{"accuracy": "0.9"}').hint


@pytest.mark.parametrize(
    ("text", "kind"), [("[1, 2]", "a list"), ("0.9", "a number"), ('"a: 1"', "the text"), ("null", "null")]
)
def test_anything_but_an_object_is_refused(text, kind):
    assert kind in refused_json(text).message


def test_a_repeated_key_is_refused():
    assert "'a' occurs twice" in refused_json('{"a": 1, "b": 2, "a": 1}').message
    assert "'a' occurs twice" in refused_txt("a: 1\na: 1").message


def test_broken_json_names_line_and_column():
    assert refused_json('{\n  "a": 1,\n  b: 2\n}').message.startswith("scores.json:3:3:")


@pytest.mark.parametrize("text", ["", "  \n", "{", "{'a': 1}", '{"a": 1,}', '{"a": 1} {"b": 2}', '{"a": 01}'])
def test_what_is_not_json_is_refused(text):
    assert "not JSON" in refused_json(text).message


def test_what_is_not_utf_8_is_refused_with_the_byte():
    assert "byte 3" in refused_json(b'{"\xff": 1}').message
    assert "UTF-8" in refused_json('{"a": 1}'.encode("utf-16")).message


def test_an_object_without_scores_is_refused():
    assert "holds no scores" in refused_json("{}").message
    assert "holds no scores" in refused_txt("\n# nothing\n").message


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused_and_does_no_harm(opening):
    refused_json(opening * 100_000)


def test_a_file_of_ten_megabytes_is_refused():
    assert str(LARGEST_BYTES) in refused_json(b" " * (10 << 20)).message
    assert str(LARGEST_BYTES) in refused_txt(b"a: 1\n" * (2 << 20)).message


def test_the_largest_file_is_still_read():
    body = b'{"a": 1}'
    assert from_json(body + b" " * (LARGEST_BYTES - len(body))) == {"a": 1.0}


@pytest.mark.parametrize("read", [refused_json, refused_txt])
def test_the_longest_number_takes_no_time(read):
    digits = "9" * (LARGEST_BYTES - 20)
    begin = time.process_time()
    read(f'{{"a": {digits}}}' if read is refused_json else f"a: {digits}")
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("key", ["", " a", "a\\n", "\\u0000", "\\ud800", "\\u202e"])
def test_a_key_that_cannot_be_shown_is_refused(key):
    assert "key" in refused_json(f'{{"{key}": 1}}').message


def test_keys_have_a_greatest_length():
    assert from_json(json.dumps({"k" * LONGEST_KEY: 1}))
    assert str(LONGEST_KEY) in refused_json(json.dumps({"k" * (LONGEST_KEY + 1): 1})).message


def test_there_is_a_greatest_number_of_scores():
    assert len(from_json(json.dumps({f"k{i}": i for i in range(MOST_SCORES)}))) == MOST_SCORES
    too_many = {f"k{i}": i for i in range(MOST_SCORES + 1)}
    assert str(MOST_SCORES) in refused_json(json.dumps(too_many)).message
    assert str(MOST_SCORES) in refused_txt("".join(f"{key}: 1\n" for key in too_many)).message


def test_messages_stay_short_and_on_one_line_whatever_was_written():
    message = refused_json(json.dumps({"a": "x\n" * 10_000})).message
    assert len(message) < 250
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "correct:1.0\naudit_score:0.5",
        "correct: 1.0\naudit_score: 0.5\n",
        "correct : 1\r\naudit_score :  .5  \r\n",
        "---\n# scores\ncorrect: 1.  # all of them\n\naudit_score: 5e-1\n...\n",
    ],
)
def test_scores_txt_has_a_key_and_a_value_a_line(text):
    assert list(from_txt(text).items()) == [("correct", 1.0), ("audit_score", 0.5)]


def test_the_last_colon_parts_key_and_value():
    assert from_txt("task 1: accuracy: 0.5") == {"task 1: accuracy": 0.5}


def test_a_line_without_colon_is_named():
    error = refused_txt("accuracy: 0.5\nduration 3.5\n")
    assert error.message.startswith("scores.txt:2:")
    assert "'duration 3.5'" in error.message


@pytest.mark.parametrize("value", ["nan", "NaN", ".nan", "inf", "-inf", "+.inf", "Infinity", "1e999"])
def test_text_that_stands_for_no_finite_number_is_refused(value):
    assert "'accuracy' is not a finite number" in refused_txt(f"accuracy: {value}").message


@pytest.mark.parametrize("value", ["", "high", "1_000", "0x10", "1,5", "٣", "true", "[1]", "'1'", "1 2", "1e", "."])
def test_text_that_is_no_number_is_refused(value):
    assert "'accuracy'" in refused_txt(f"accuracy: {value}").message


def test_yaml_that_would_run_code_is_only_text():
    refused_txt("!!python/object/apply:os.system ['true']")


def test_scores_that_come_by_http_are_checked_alike():
    assert check_scores({"a": 1, "b": 0.5}) == {"a": 1.0, "b": 0.5}
    bad: list[dict[str, object]] = [
        {},
        {"a": True},
        {"a": "1"},
        {"a": None},
        {"a": [1]},
        {"a": float("nan")},
        {"a": 10**400},
    ]
    for scores in bad:
        with pytest.raises(ProgramError) as error:
            check_scores(scores)
        assert error.value.code == "scores-invalid"


def test_the_history_keeps_the_order_of_the_scores():
    assert scores_txt({"correct": 1.0, "audit_score": 1 / 3}) == "correct:1.0\naudit_score:0.3333333333333333\n"


keys = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="#"), min_size=1, max_size=20)
finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(keys, finite, min_size=1, max_size=20))
def test_whatever_is_written_as_text_or_json_reads_back(scores):
    assert list(from_txt(scores_txt(scores)).items()) == list(scores.items())
    assert list(from_json(json.dumps(scores)).items()) == list(scores.items())


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_give_finite_scores_or_a_refusal(content, as_json):
    try:
        scores = parse_scores(content, None) if as_json else parse_scores(None, content)
    except ProgramError:
        return
    assert all(abs(value) <= 1.7976931348623157e308 for value in scores.values())
