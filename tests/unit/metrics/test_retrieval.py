"""Rankings against trec_eval, and the examples of scikit-learn's documentation.

The per-query files of trec_eval's own test are large; what is tested of them is that totals are means over queries.
"""

from __future__ import annotations

import random

import pytest
import pytrec_eval
from tests.unit.metrics.scoring_material import score

from podium.metrics.retrieval.ranking import average_precision, ndcg


def test_the_gain_of_the_documentation() -> None:
    # ndcg_score([[10, 0, 0, 1, 5]], [[.1, .2, .3, 4, 70]]) = .69569
    grades = {f"d{place}": grade for place, grade in enumerate([10, 0, 0, 1, 5])}
    assert ndcg(["d4", "d3", "d2", "d1", "d0"], grades, 5) == pytest.approx(0.69569, abs=5e-6)


def test_the_average_precision_of_the_documentation() -> None:
    # average_precision_score([0, 0, 1, 1], [.1, .4, .35, .8]) = .8333
    assert average_precision(["d3", "d1", "d2", "d0"], {"d2": 1, "d3": 1}) == pytest.approx(0.8333, abs=5e-5)


@pytest.mark.parametrize("seed", range(6))
def test_random_rankings_as_trec_eval_has_them(seed: int) -> None:
    draw = random.Random(seed)
    documents = [f"d{number}" for number in range(150)]
    right, ours, qrels, run = [], [], {}, {}
    for query in range(20):
        grades = {each: draw.randint(0, 3) for each in draw.sample(documents, draw.randint(1, 30))}
        grades[draw.choice(documents)] = 1
        # Few different scores, so that trec_eval's order of equal ones matters.
        scores = {each: round(draw.random(), 1) for each in draw.sample(documents, draw.randint(1, 140))}
        right.append({"relevant": grades})
        ours.append({"ranking": scores})
        qrels[str(query)], run[str(query)] = grades, scores
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "map", "recall.10,100", "recip_rank"}).evaluate(run)
    scored = score("retrieval", right, ours)
    for name, theirs in (
        ("ndcg_10", "ndcg_cut_10"),
        ("map", "map"),
        ("recall_10", "recall_10"),
        ("recall_100", "recall_100"),
    ):
        expected = [found[str(query)][theirs] for query in range(20)]
        assert scored.per_item[name].tolist() == pytest.approx(expected, abs=1e-6)  # trec_eval keeps 32 bits of some
    ranks = [found[str(query)]["recip_rank"] for query in range(20)]
    assert scored.per_item["mrr_10"].tolist() == pytest.approx([rank if rank >= 0.1 else 0 for rank in ranks], abs=1e-6)
    assert scored.totals["map"] == pytest.approx(sum(found[str(query)]["map"] for query in range(20)) / 20, abs=1e-6)


def test_a_list_ranks_as_it_stands() -> None:
    scored = score("retrieval", [{"relevant": ["a", "b"]}], [{"ranking": ["x", "b", "y", "a"]}])
    # Hits at ranks 2 and 4: AP = (1/2 + 2/4) / 2
    assert (scored.totals["map"], scored.totals["mrr_10"], scored.totals["recall_10"]) == (0.5, 0.5, 1)


def test_nothing_ranked_finds_nothing() -> None:
    scored = score("retrieval", [{"relevant": ["a"]}], [{"ranking": []}])
    assert set(scored.totals.values()) == {0}
