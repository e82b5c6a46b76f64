"""BLEU and chrF against sacreBLEU: its own test's values, and random data."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF
from tests.unit.metrics.scoring_material import score

from podium.metrics.scored import Scored, compare
from podium.metrics.translation import bleu
from podium.rules.errors import UserError

# Of sacreBLEU's own tests: three sentences, two references each.
FIRST = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]
SECOND = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]
OURS = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]


def translated(ours: list[str], right: list[list[str]], language: str | None = None) -> Scored:
    rows = [{"references": each, **({"language": language} if language else {})} for each in right]
    return score("translation", rows, [{"translation": each} for each in ours])


def test_the_bleu_of_sacrebleus_test() -> None:
    totals = translated(OURS, [list(each) for each in zip(FIRST, SECOND, strict=True)]).totals
    assert totals["bleu"] == pytest.approx(48.530827, abs=5e-7)


@pytest.mark.parametrize(("tokenize", "expected"), [("none", 49.1919566), ("intl", 43.91623493), ("13a", 48.530827)])
def test_the_sums_give_the_bleu_of_other_tokens_too(tokenize: str, expected: float) -> None:
    judge = BLEU(tokenize=tokenize, effective_order=True)
    rows = []
    for ours, *right in zip(OURS, FIRST, SECOND, strict=True):
        found = judge.sentence_score(ours, right)
        rows.append([*found.counts, *found.totals, found.sys_len, found.ref_len])
    assert float(bleu.score(np.sum(rows, axis=0, dtype=float))) == pytest.approx(expected, abs=5e-7)


WORDS = [
    "the",
    "The",
    "cat,",
    "cat",
    "dog",
    "bit",
    "man.",
    "man",
    "it's",
    "U.S.",
    "3.5%",
    "(yes)",
    "—",
    "naïve",
    "東京",
]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("answers", [1, 3])
def test_random_sentences_as_sacrebleu_has_them(seed: int, answers: int) -> None:
    draw = random.Random(seed)
    shortest = seed % 2  # with sentences that are empty, and without

    def sentence(least: int) -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(least, 15)))

    right = [[sentence(1) for _ in range(answers)] for _ in range(25)]
    ours = [draw.choice(each) if draw.random() < 0.4 else sentence(shortest) for each in right]
    totals = translated(ours, right).totals
    columns = [list(each) for each in zip(*right, strict=True)]
    assert totals["bleu"] == pytest.approx(BLEU().corpus_score(ours, columns).score, abs=1e-9)
    assert totals["chrf"] == pytest.approx(CHRF().corpus_score(ours, columns).score, abs=1e-9)


@pytest.mark.parametrize(("ours", "right"), [([""], [["a b c d"]]), (["x y"], [["a b"]]), (["a"], [["a"]])])
def test_hardly_anything_to_compare(ours: list[str], right: list[list[str]]) -> None:
    totals = translated(ours, right).totals
    columns = [list(each) for each in zip(*right, strict=True)]
    assert totals["bleu"] == pytest.approx(BLEU().corpus_score(ours, columns).score, abs=1e-9)
    assert totals["chrf"] == pytest.approx(CHRF().corpus_score(ours, columns).score, abs=1e-9)


def test_chinese_is_cut_by_its_own_rules() -> None:
    ours, right = ["我今天去北京。"], [["我明天去北京。"]]
    assert translated(ours, right, "zh").totals["bleu"] == pytest.approx(
        BLEU(tokenize="zh").corpus_score(ours, [right[0]]).score, abs=1e-9
    )
    assert (translated(ours, right).totals["bleu"] or 0) < (translated(ours, right, "zh").totals["bleu"] or 0)


def test_systems_are_compared_by_a_paired_bootstrap() -> None:
    draw = random.Random(3)
    right = [[" ".join(draw.choices(WORDS, k=12))] for _ in range(120)]

    def system(noise: float) -> Scored:
        return translated(
            [" ".join(w if draw.random() > noise else "zz" for w in each[0].split()) for each in right], right
        )

    better, worse, twin = system(0.2), system(0.4), system(0.2)
    found = compare(better, worse, "bleu", dataset="d", submissions=("a", "b"))
    assert found is not None
    assert (found.method, found.distinguishable) == ("paired-bootstrap", True)
    assert found.low < found.estimate < found.high
    same = compare(better, twin, "chrf", dataset="d", submissions=("a", "c"))
    assert same is not None
    assert same.low < 0 < same.high


def test_without_sacrebleu_a_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics.bleu", None)
    with pytest.raises(UserError, match=r"podium\[translation\]"):
        translated(OURS, [[each] for each in FIRST])
