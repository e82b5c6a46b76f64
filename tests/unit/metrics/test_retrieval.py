"""Rankings against trec_eval, and the examples of scikit-learn's documentation.

The documents of trec_eval's own test are news that may not be redistributed; what is tested of it is its published
output: rankings that have just as many relevant documents among the first ten and hundred.
"""

from __future__ import annotations

import random

import pytest
import pytrec_eval
from tests.unit.metrics.scoring_material import score

from podium.metrics.retrieval.ranking import average_precision, ndcg, reciprocal_rank


def test_the_gain_of_the_documentation() -> None:
    # ndcg_score([[10, 0, 0, 1, 5]], [[.1, .2, .3, 4, 70]]) = .69569
    grades = {f"d{place}": grade for place, grade in enumerate([10, 0, 0, 1, 5])}
    assert ndcg(["d4", "d3", "d2", "d1", "d0"], grades, 5) == pytest.approx(0.69569, abs=5e-6)


def test_the_average_precision_of_the_documentation() -> None:
    # average_precision_score([0, 0, 1, 1], [.1, .4, .35, .8]) = .8333
    assert average_precision(["d3", "d1", "d2", "d0"], {"d2": 1, "d3": 1}) == pytest.approx(0.8333, abs=5e-5)


# Of topics 301, 302 and 303: how many documents are relevant, the first rank of one, and how many are among the
# first 10 and 100.
TOPICS = [(474, 6, 2, 23), (77, 1, 7, 42), (10, 19, 0, 9)]


def ranked(relevant: int, first: int, in_10: int, in_100: int) -> tuple[list[str], dict[str, int]]:
    """A ranking of a hundred documents with just these figures."""
    hits = {first}
    hits |= set(range(first + 1, first + in_10)) if in_10 else set()
    hits |= set(range(max(first, 10) + 1, max(first, 10) + 1 + in_100 - len(hits)))
    ranking = [f"r{rank}" if rank in hits else f"x{rank}" for rank in range(1, 101)]
    assert sum(rank <= 10 for rank in hits) == in_10
    assert len(hits) == in_100
    further = [f"f{number}" for number in range(relevant - in_100)]
    return ranking, dict.fromkeys([*(f"r{rank}" for rank in hits), *further], 1)


def test_the_output_of_the_test_of_trec_eval() -> None:
    # recip_rank .4064 = (1/6 + 1 + 1/19) / 3; recall.10 .0317 = (2/474 + 7/77 + 0) / 3; recall.100 .4980.
    made = [ranked(*topic) for topic in TOPICS]
    assert sum(reciprocal_rank(*each, 1000) for each in made) / 3 == pytest.approx(0.4064, abs=5e-5)
    scored = score("retrieval", [{"relevant": grades} for _, grades in made], [{"ranking": each} for each, _ in made])
    assert scored.totals["recall_10"] == pytest.approx(0.0317, abs=5e-5)
    assert scored.totals["recall_100"] == pytest.approx(0.4980, abs=5e-5)
    # Its map (.1785) and ndcg_cut_10 (.3016) depend on every rank; random rankings are compared with it below.


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
