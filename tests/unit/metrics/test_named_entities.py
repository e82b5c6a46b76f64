"""Against conlleval's published counts, and seqeval and nervaluate on random data.

The data of the CoNLL-2000 example may not be redistributed, so what is tested of it is the arithmetic of its counts:
sentences that have just as many right, predicted and gold phrases of each type.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from nervaluate.evaluator import Evaluator
from tests.unit.metrics.scoring_material import score, tagged

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from seqeval.metrics import classification_report, f1_score, precision_score, recall_score

# conlleval's example output: 961 tokens, 459 phrases, 539 found, 371 correct; precision, recall and F1 by type. Counts
# of the three types that it is known for, as the percentages give them: right, predicted, gold.
CONLL_2000 = {"NP": (206, 317, 262), "VP": (69, 100, 87), "PP": (89, 107, 90)}


def phrases(right: int, predicted: int, gold: int, kind: str) -> tuple[list[list[str]], list[list[str]]]:
    """Sentences of one token, with so many phrases."""
    pairs = (
        [(f"B-{kind}", f"B-{kind}")] * right
        + [("O", f"B-{kind}")] * (predicted - right)
        + [(f"B-{kind}", "O")] * (gold - right)
    )
    return [[ours] for ours, _ in pairs], [[theirs] for _, theirs in pairs]


@pytest.mark.parametrize(
    ("kind", "percentages"),
    [("NP", (64.98, 78.63, 71.16)), ("VP", (69.00, 79.31, 73.80)), ("PP", (83.18, 98.89, 90.36))],
)
def test_the_counts_of_conlleval_by_type(kind: str, percentages: tuple[float, float, float]) -> None:
    scored = tagged(*phrases(*CONLL_2000[kind], kind))
    found = [scored.totals[name] for name in ("precision", "recall", "entity_f1")]
    assert [round(100 * (value or 0), 2) for value in found] == list(percentages)


def test_the_counts_of_conlleval_over_all_types() -> None:
    # 371 of 539 is 68.83 %, of 459 80.83 %, and F1 742 / 998 = 74.35 %.
    scored = tagged(*phrases(371, 539, 459, "NP"))
    found = [scored.totals[name] for name in ("precision", "recall", "entity_f1")]
    assert [round(100 * (value or 0), 2) for value in found] == [68.83, 80.83, 74.35]


@pytest.mark.parametrize(
    ("tags", "entities"),
    [
        ("I-PER I-PER O", 1),  # an I after O, or at the beginning, starts
        ("B-PER I-LOC", 2),  # and so does one of another type
        ("B-PER B-PER", 2),
        ("O O", 0),
        ("B-PER I-PER B-PER I-PER O I-PER", 3),
        ("S-PER S-PER", 2),
        ("B-PER E-PER I-PER", 2),  # an E ends
        ("B-PER I-PER E-PER", 1),
        ("U-PER B-PER L-PER", 2),
    ],
)
def test_where_entities_start_by_the_rules_of_conlleval(tags: str, entities: int) -> None:
    scored = tagged([tags.split(), ["B-PER", "B-LOC"]], [tags.split(), ["O", "O"]])
    assert scored.per_item["gold"].tolist() == [entities, 2]
    assert scored.per_item["right"].tolist() == [entities, 0]


def test_no_entity_runs_on_into_the_next_sentence() -> None:
    scored = tagged([["B-PER"], ["I-PER"]], [["B-PER"], ["I-PER"]])
    assert scored.per_item["gold"].tolist() == [1, 1]


def random_tags(rng: np.random.Generator, sentences: int, legal: bool) -> list[list[str]]:
    rows = []
    for length in rng.integers(1, 14, sentences):
        tags = []
        for _ in range(length):
            kind = ("PER", "LOC", "ORG")[int(rng.integers(3))]
            tags.append(("O", f"B-{kind}", f"I-{kind}")[int(rng.choice(3, p=[0.5, 0.25, 0.25]))])
        if legal:
            for place, tag in enumerate(tags):
                before = tags[place - 1] if place else "O"
                if tag[0] == "I" and before[2:] != tag[2:]:
                    tags[place] = "B" + tag[1:]
        rows.append(tags)
    return rows


def disturbed(rng: np.random.Generator, rows: Sequence[Sequence[str]]) -> list[list[str]]:
    kinds = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
    return [[tag if rng.random() < 0.8 else kinds[int(rng.integers(7))] for tag in row] for row in rows]


@pytest.mark.parametrize("seed", range(8))
def test_entities_as_seqeval_has_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    right = [*random_tags(rng, 120, legal=False), ["B-PER", "B-LOC", "B-ORG"]]
    ours = disturbed(rng, right)
    scored = tagged(right, ours)
    for name, function in (("precision", precision_score), ("recall", recall_score), ("entity_f1", f1_score)):
        assert scored.totals[name] == pytest.approx(function(right, ours), abs=1e-12)
    report = classification_report(right, ours, output_dict=True, zero_division=0)
    for kind, items, _, precision, recall, f1 in scored.tables[0].rows:
        expected = report[kind]
        assert (items, precision, recall, f1) == pytest.approx(
            (expected["support"], expected["precision"], expected["recall"], expected["f1-score"]), abs=1e-12
        )


def as_spans(tags: Sequence[str]) -> list[dict[str, object]]:
    """The entities of legal BIO tags, by reading from left to right."""
    found: list[dict[str, object]] = []
    for place, tag in enumerate(tags):
        if tag[0] == "B":
            found.append({"start": place, "end": place, "label": tag[2:]})
        elif tag[0] == "I":
            found[-1]["end"] = place
    return found


def legal(rows: Sequence[list[str]]) -> list[list[str]]:
    for row in rows:
        for place, tag in enumerate(row):
            before = row[place - 1] if place else "O"
            if tag[0] == "I" and before[2:] != tag[2:]:
                row[place] = "B" + tag[1:]
    return list(rows)


@pytest.mark.parametrize("form", ["tags", "entities"])
@pytest.mark.parametrize("seed", range(6))
def test_spans_as_nervaluate_has_them(seed: int, form: str) -> None:
    rng = np.random.default_rng(100 + seed)
    right = [*random_tags(rng, 100, legal=True), ["B-PER", "B-LOC", "B-ORG"]]
    ours = legal(disturbed(rng, right))
    evaluator = Evaluator(
        [as_spans(row) for row in right], [as_spans(row) for row in ours], ["PER", "LOC", "ORG"], loader="dict"
    )
    expected = evaluator.evaluate()["overall"]
    if form == "tags":
        totals = tagged(right, ours).totals
    else:  # ends count one further here
        gold, found = (
            [{"entities": [{**span, "end": span["end"] + 1} for span in as_spans(row)]} for row in rows]  # type: ignore[operator]
            for rows in (right, ours)
        )
        totals = score("named_entity_recognition", gold, found).totals
    names = {"entity_f1": "strict", "exact_f1": "exact", "partial_f1": "partial", "type_f1": "ent_type"}
    assert {name: totals[name] for name in names} == pytest.approx(
        {name: expected[scheme].f1 for name, scheme in names.items()}, abs=1e-12
    )
    assert totals["precision"] == pytest.approx(expected["strict"].precision, abs=1e-12)


def test_token_accuracy_counts_tokens_not_sentences() -> None:
    scored = tagged([["O", "O", "B-PER"], ["O"]], [["O", "O", "O"], ["O"]])
    assert scored.totals["token_accuracy"] == 0.75
    assert scored.totals["entity_f1"] == 0


def test_nothing_to_find_and_nothing_found_is_zero_and_no_error() -> None:
    scored = tagged([["O"], ["O", "O"], ["B-PER"]], [["O"], ["O", "O"], ["O"]])
    assert scored.totals["entity_f1"] == 0
    assert scored.interval("entity_f1", dataset="d", submission="s") is None


def test_the_interval_resamples_sentences() -> None:
    rng = np.random.default_rng(9)
    right = random_tags(rng, 150, legal=True)
    ours = disturbed(rng, right)
    scored = tagged(right, ours)
    interval = scored.interval("entity_f1", dataset="d", submission="s")
    assert interval is not None
    drawn = []
    for _ in range(250):
        at = rng.integers(0, 150, 150)
        drawn.append(f1_score([right[each] for each in at], [ours[each] for each in at]))
    assert (interval.low, interval.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.015)


def test_names_without_a_place_count_as_often_as_both_sides_have_them() -> None:
    right = [{"entities": [["Ann  Lee", "PER"], ["Rome", "LOC"], ["Rome", "LOC"]]}, {"entities": []}]
    ours = [
        {"entities": [{"text": "Ann Lee", "label": "PER"}, ["Rome", "LOC"], ["Rome", "PER"], ["Oslo", "LOC"]]},
        {"entities": [["Ann", "PER"]]},
    ]
    scored = score("ner", right, ours)
    # Right: Ann Lee and one Rome, of five predicted and three there; by name alone both Romes are.
    assert scored.totals["precision"] == pytest.approx(2 / 5)
    assert scored.totals["recall"] == pytest.approx(2 / 3)
    assert scored.totals["entity_f1"] == pytest.approx(4 / 8)
    assert scored.totals["exact_f1"] == pytest.approx(6 / 8)
    assert [scored.totals[name] for name in ("partial_f1", "type_f1", "token_accuracy")] == [None] * 3
    assert [row[:3] for row in scored.tables[0].rows] == [("LOC", 2, 2), ("PER", 1, 3)]


@pytest.mark.parametrize("form", ["tags", "spans", "mentions"])
def test_other_types_are_wrong_where_the_owner_wants_it_so(form: str) -> None:
    rows = {
        "tags": ({"tags": ["B-PER", "O"]}, {"tags": ["B-PER", "B-DATE"]}),
        "spans": ({"entities": [[0, 1, "PER"]]}, {"entities": [[0, 1, "PER"], [1, 2, "DATE"]]}),
        "mentions": ({"entities": [["Ann", "PER"]]}, {"entities": [["Ann", "PER"], ["May", "DATE"]]}),
    }
    right, ours = rows[form]
    scored = score("ner", [right], [ours], opened=True)
    assert (scored.totals["precision"], scored.totals["recall"]) == (0.5, 1)
    assert [row[:3] for row in scored.tables[0].rows] == [("PER", 1, 1), ("DATE", 0, 1)]
