import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.bundle.spec import FactSheetQuestion
from podium.rules.errors import UserError
from podium.rules.fact_sheet import LONGEST_ANSWER, check_answers

METHOD = FactSheetQuestion(key="method", title="Method", type="text", is_required=True)
NOTE = FactSheetQuestion(key="note", title="Note", type="text")
SIZE = FactSheetQuestion(key="size", title="Size", type="select", selection=("small", "large"))
MUST_SIZE = SIZE.model_copy(update={"is_required": True})
EXTRA = FactSheetQuestion(key="extra", title="Extra data", type="checkbox")
AGREED = FactSheetQuestion(key="agreed", title="I agree", type="checkbox", is_required=True)


def refused(questions, answers) -> str:
    with pytest.raises(UserError) as error:
        check_answers(questions, answers)
    assert error.value.code == "fact-sheet"
    return error.value.message


def test_answers_come_back_in_the_order_of_the_questions():
    answers = check_answers([METHOD, SIZE, EXTRA], {"extra": True, "size": "large", "method": " trees "})
    assert list(answers.items()) == [("method", "trees"), ("size", "large"), ("extra", True)]


def test_a_competition_without_questions_wants_no_answers():
    assert check_answers([], None) == {}
    assert check_answers([], {}) == {}


def test_what_need_not_be_answered_may_be_left_out():
    assert check_answers([NOTE, SIZE, EXTRA], None) == {"note": "", "size": "", "extra": False}


@pytest.mark.parametrize("answers", [None, {}, {"method": ""}, {"method": "  \n"}, {"method": None}])
def test_a_required_text_must_not_be_empty(answers):
    assert "Method: an answer is required" in refused([METHOD], answers)


def test_a_choice_must_be_among_those_offered():
    assert "small, large" in refused([SIZE], {"size": "medium"})


def test_the_empty_choice_is_not_listed_among_those_offered():
    # Sheets of the field begin a selection with "", the choice of nothing.
    sizes = SIZE.model_copy(update={"selection": ("", "small", "large")})
    assert "choose one of small, large" in refused([sizes], {"size": "huge"})


def test_an_optional_choice_may_stay_empty_and_a_required_one_not():
    assert check_answers([SIZE], {"size": ""}) == {"size": ""}
    assert "Size" in refused([MUST_SIZE], {"size": ""})


@pytest.mark.parametrize(
    ("answer", "ticked"), [(True, True), ("true", True), ("on", True), (False, False), ("", False)]
)
def test_boxes_are_read_from_forms_and_from_json(answer, ticked):
    assert check_answers([EXTRA], {"extra": answer}) == {"extra": ticked}


@pytest.mark.parametrize("answer", ["yes, please", 1, 0, [], {}, 1.5])
def test_a_box_is_true_or_false(answer):
    assert "true or false" in refused([EXTRA], {"extra": answer})


@pytest.mark.parametrize("answers", [None, {"agreed": False}, {"agreed": "false"}])
def test_a_required_box_must_be_ticked(answers):
    assert "I agree: this must be ticked" in refused([AGREED], answers)


def test_an_answer_to_no_question_is_refused():
    assert "'methode'" in refused([NOTE], {"methode": "trees"})


def test_answers_name_every_question_also_those_that_may_stay_empty():
    assert "'size'" in refused([NOTE, SIZE], {"note": "by hand"})
    assert check_answers([NOTE, SIZE], {"note": "by hand", "size": ""}) == {"note": "by hand", "size": ""}


@pytest.mark.parametrize("answer", [1, 1.5, ["a"], {"a": 1}, True])
def test_a_text_is_text(answer):
    assert "must be text" in refused([NOTE], {"note": answer})


def test_a_very_long_answer_is_refused_with_both_lengths():
    message = refused([NOTE], {"note": "x" * (LONGEST_ANSWER + 1)})
    assert "2000" in message
    assert "2001" in message


def test_a_nul_character_is_refused():
    assert "no text" in refused([NOTE], {"note": "a\x00b"})


def test_all_problems_are_named_at_once():
    message = refused([METHOD, SIZE, AGREED], {"size": "medium", "other": 1})
    assert all(part in message for part in ("Method", "Size", "I agree", "'other'"))


@given(
    st.dictionaries(
        st.sampled_from(["method", "size", "extra", "agreed", "x"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
    )
)
def test_whatever_is_sent_gives_clean_answers_or_a_refusal(answers):
    questions = [METHOD, SIZE, EXTRA, AGREED]
    try:
        checked = check_answers(questions, answers)
    except UserError:
        return
    assert list(checked) == [question.key for question in questions]
    assert checked["method"]
    assert checked["size"] in {"", "small", "large"}
    assert checked["agreed"] is True
    assert checked["extra"] in {True, False}
