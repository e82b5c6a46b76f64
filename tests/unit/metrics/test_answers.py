"""Answers as text: SQuAD, ROUGE, ANLS, VQA, word error rates and numbers, against published values and other tools."""

from __future__ import annotations

import random

import pytest
from rouge_score.rouge_scorer import RougeScorer
from tests.unit.metrics.scoring_material import score

from podium.metrics.line_qa.scoring import number_of, numerically
from podium.metrics.scored import compare
from podium.metrics.similarity.edits import anls
from podium.metrics.similarity.rouge import f_measure, rouge_l
from podium.metrics.similarity.squad import best, normalized, token_f1, words
from podium.metrics.similarity.vqa import normalized as vqa_normalized
from podium.metrics.similarity.vqa import soft_accuracy

VOCABULARY = [
    "the",
    "a",
    "an",
    "cat",
    "sat",
    "on",
    "don't",
    "U.S.",
    "3.5",
    "state-of-the-art",
    "«ville»",
    "naïve",
    "École",
]
VOCABULARY += ["东京", "the\x0bcat", "—", "and,", "end."]


def test_the_normalisation_of_squad() -> None:
    assert normalized("The  Beyonce, an A-team!") == "beyonce ateam"


@pytest.mark.parametrize(
    ("predicted", "right", "f1"),
    [("the cat sat", "cat sat down", 0.8), ("Beyonce", "Beyonce and Bruno Mars", 0.4), ("x", "y", 0), ("x", "", 0)],
)
def test_the_f1_of_squad(predicted: str, right: str, f1: float) -> None:
    assert token_f1(words(predicted), words(right)) == pytest.approx(f1)


def test_an_answer_of_articles_alone_matches_another() -> None:
    # The script of version 2.0; version 1.1 calls it an exact match with F1 0.
    assert best("a", ["the"]) == (True, 1.0)


def test_the_mean_of_three_answers() -> None:
    right = [{"answers": [each]} for each in ("Paris", "42", "blue whale")]
    ours = [{"answer": each} for each in ("paris", "42.", "shark")]
    totals = score("document_qa", right, ours).totals
    assert 100 * (totals["exact_match"] or 0) == pytest.approx(66.6667, abs=5e-5)
    assert 100 * (totals["f1"] or 0) == pytest.approx(66.6667, abs=5e-5)


def test_the_nearest_right_answer_counts() -> None:
    assert best("in 1887", ["the year 1887", "1887"]) == (False, pytest.approx(2 / 3))


def test_quick_words_are_those_of_the_long_way() -> None:
    """Text of plain ASCII takes a shorter way, which must not be seen."""
    draw = random.Random(1)
    for _ in range(300):
        text = " ".join(draw.choices(VOCABULARY, k=8))
        # A letter beyond ASCII, standing alone, sends the same text the long way.
        assert words(f"{text} ß")[:-1] == words(text)


def test_no_answer_where_there_is_none() -> None:
    right = [{"answers": []}, {"answers": None}, {"answers": ""}, {"answers": ["x"]}]
    ours = [{"answer": ""}, {"answer": "y"}, {"answer": None}, {"answer": "x"}]
    scored = score("document_qa", right, ours)
    assert scored.totals["no_answer_accuracy"] == pytest.approx(2 / 3)
    assert scored.totals["has_answer_f1"] == 1
    assert scored.totals["answer_rate"] == 0.5
    assert [row[:3] for row in scored.tables[0].rows] == [
        ("has an answer", 1, 1.0),
        ("has none", 3, pytest.approx(2 / 3)),
    ]


def test_a_split_without_items_has_no_number() -> None:
    scored = score("document_qa", [{"answers": ["x"]}] * 3, [{"answer": "x"}] * 3)
    assert scored.totals["no_answer_accuracy"] is None
    assert scored.interval("no_answer_accuracy", dataset="d", submission="s") is None
    assert compare(scored, scored, "no_answer_accuracy", dataset="d", submissions=("a", "b")) is None
    assert scored.tables == ()


def test_questions_on_one_document_count_as_such() -> None:
    draw = random.Random(2)
    hard = [draw.random() for _ in range(30)]
    right = [{"answers": ["x"], "cluster": f"d{number // 10}"} for number in range(300)]
    ours = [{"answer": "x" if draw.random() < hard[number // 10] else "y"} for number in range(300)]
    together, alone = (
        score("document_qa", rows, ours).interval("exact_match", dataset="d", submission="s")
        for rows in (right, [{"answers": ["x"]} for _ in right])
    )
    assert together is not None
    assert alone is not None
    assert (together.units, alone.units) == (30, 300)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


@pytest.mark.parametrize("seed", range(5))
def test_rouge_l_as_the_tool_has_it(seed: int) -> None:
    draw = random.Random(seed)
    tool = RougeScorer(["rougeL"], use_stemmer=False)
    plain = [word for word in VOCABULARY if word.isascii() and word]
    for _ in range(60):
        ours, right = (" ".join(draw.choices(plain, k=draw.randint(1, 20))) for _ in range(2))
        assert rouge_l(ours, [right]) == pytest.approx(tool.score(right, ours)["rougeL"].fmeasure, abs=1e-12)


def test_the_f_measure_of_the_perl_script() -> None:
    # ROUGE-1.5.5: 11 of 27 and of 16 unigrams (.40741, .68750) make F .51163; 8 of 26 and of 15 bigrams make .39024.
    assert f_measure(11, 16, 27) == pytest.approx(0.51163, abs=5e-6)
    assert f_measure(8, 15, 26) == pytest.approx(0.39024, abs=5e-6)


def test_rouge_without_words() -> None:
    assert (rouge_l("", []), rouge_l("x", []), rouge_l("", ["x"])) == (1, 0, 0)
    assert rouge_l("Владимир читает", ["владимир пишет"]) == 0.5


@pytest.mark.parametrize(
    ("predicted", "answers", "expected"),
    [
        ("Danube", ["danube"], 1.0),
        ("Danub", ["Danube"], 1 - 1 / 6),
        ("Rhine", ["Danube"], 0.0),  # five edits of six: below one half
        ("ab", ["ax"], 0.0),  # exactly one half does not count
        ("two", ["2", "Two"], 1.0),
        ("", [], 1.0),
        ("x", [], 0.0),
    ],
)
def test_anls_by_hand(predicted: str, answers: list[str], expected: float) -> None:
    assert anls(predicted, answers) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("same", "of", "expected"),
    # Leaving out each person: those with the answer see one less. With ten people, 1 same: 9 * 1/3 / 10 = .3;
    # 2: (2 * 1/3 + 8 * 2/3) / 10 = .6; 3: (3 * 2/3 + 7) / 10 = .9; 4 and more: 1.
    [(0, 10, 0), (1, 10, 0.3), (2, 10, 0.6), (3, 10, 0.9), (4, 10, 1), (10, 10, 1), (1, 1, 1), (0, 1, 0)],
)
def test_soft_accuracy_by_hand(same: int, of: int, expected: float) -> None:
    assert soft_accuracy("Red.", ["red"] * same + ["blue"] * (of - same)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The Two dogs!", "2 dogs"),
        ("1,000.5", "1000.5"),
        ("don't", "dont"),
        ("None", "0"),
        ("a.b", "ab"),
        ("left/right", "left right"),
    ],
)
def test_answers_about_pictures_are_made_plain(text: str, plain: str) -> None:
    assert vqa_normalized(text) == plain


def test_word_error_rates_of_jiwer() -> None:
    def wer(said: str, heard: str) -> float | None:
        return score("multimodal_speech", [{"transcript": said}], [{"transcript": heard}]).totals["wer"]

    assert wer("This is a test", "This test") == 0.5
    long = "i am a considerably longer and very much incorrect hypothesis"
    assert wer("i am a short ground truth", long) == pytest.approx(7 / 6)


def test_error_rates_are_ratios_of_sums() -> None:
    # 1 of 4 words and 2 of 2: 3 of 6, where the mean of utterances would be 5 / 8.
    right = [{"transcript": "a b c d"}, {"transcript": "a b"}]
    scored = score("multimodal_speech", right, [{"transcript": "a b c x"}, {"transcript": ""}])
    assert scored.totals["wer"] == 0.5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,024", 1024),
        ("$3.50", 3.5),
        ("12 %", 12),
        ("-.5", -0.5),
        ("1e3", 1000),
        ("1,02", None),
        ("four", None),
        ("", None),
        ("e5", None),
        ("1e999", None),
        ("nan", None),
        ("²", None),
    ],
)
def test_texts_that_are_numbers(text: str, value: float | None) -> None:
    assert number_of(text) == value


def test_numbers_within_the_tolerance_are_right() -> None:
    assert numerically("3.14", ["3.14159"], 0.01) == 1
    assert numerically("3.1", ["3.14159"], 0.01) == 0
    assert numerically("1024.0", ["1,024"], 0) == 1
    assert numerically("about 3", ["3"], 0) == 0
    right = [{"answers": ["3.14159"], "tolerance": 0.01}, {"answers": ["blue"]}, {"answers": ["7"]}]
    totals = score("line_qa", right, [{"answer": "3.14"}, {"answer": "3.14"}, {"answer": 8}]).totals
    assert totals["numeric_accuracy"] == 0.5
