"""Predictions become results: scored once, on the board, with what stands behind them."""

from __future__ import annotations

import json
import threading

import pytest
from tests.integration.server.modelboards.scored_material import (
    ITEMS,
    SENTIMENT,
    answers,
    gold,
    labels,
    send,
    sentiment,
)
from tests.integration.server.own_jobs import do_jobs

from podium.rules.errors import Conflict, NotAllowed, NotFound, OutOfSpace, TooLarge, UserError
from podium.rules.modelboards.declared import read_declared
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.configuration import configuration
from podium.server.duties.internal import carry_out, sweep_internal_jobs
from podium.server.duties.kinds import KINDS
from podium.server.history.models import Event
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.services import take_next
from podium.server.jobs.internal.work import Work
from podium.server.modelboards.models import Badge, Dataset, Predictions, PredictionsState, Result
from podium.server.modelboards.queries import (
    board_rows,
    comparison_of,
    dataset_named,
    flagged,
    items_of,
    my_predictions,
    predictions_of,
    source_items,
    statistics_of,
    tables_of,
)
from podium.server.modelboards.queries.boards import BoardRow
from podium.server.modelboards.services import (
    DatasetWishes,
    PredictionsWishes,
    SentFile,
    add_dataset,
    add_result,
    ask_comparison,
    put_references,
    score_again,
    show_items,
    submit_predictions,
)
from podium.server.removal.people import erase

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_here")]


def board(person: Person | None = None) -> list[BoardRow]:
    dataset = dataset_named(SENTIMENT)
    return board_rows([dataset], person)[dataset.id]


def kinds() -> list[str]:
    return list(Event.objects.filter(chain__kind="model-board").order_by("pk").values_list("kind", flat=True))


def test_references_make_a_dataset_one_to_score_on(owner: Person) -> None:
    sentiment(owner)
    found = dataset_named(SENTIMENT)
    assert (found.metric, found.lower_is_better, found.item_count) == ("accuracy", False, ITEMS)
    assert kinds() == ["dataset-added", "references-accepted"]


def test_predictions_are_scored_and_ranked(owner: Person, sender: Person) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", answers(81))
    assert predictions_of(sent.key, sender).state == PredictionsState.WAITING
    do_jobs()
    (row,) = board(sender)
    # 81 right of 263; the interval is Newcombe's of 1998.
    assert row.score == pytest.approx(81 / 263)
    assert (row.ci_low, row.ci_high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert (row.rank, row.badge, row.count, row.predictions) == (1, Badge.SCORED, ITEMS, sent.key)
    assert row.metrics["accuracy"].method == "wilson"
    assert set(row.metrics) >= {"accuracy", "macro_f1", "log_loss"}
    assert row.metrics["log_loss"].score is None
    assert kinds()[2:] == ["predictions-sent", "result-scored"]


def test_tables_and_confusion_are_kept(owner: Person, sender: Person) -> None:
    sentiment(owner)
    send(sender, "Tulu", answers(81))
    do_jobs()
    (row,) = board()
    found = tables_of(dataset_named(SENTIMENT), [row.id])[row.id]
    # 81 of 262 items of `yes` are right; the one of `no` is called `yes`.
    assert found.confusion == {"labels": ["no", "yes"], "counts": [[0, 1], [181, 81]]}
    assert [each["name"] for each in found.tables] == ["class"]


def test_the_same_again_is_the_same(owner: Person, sender: Person) -> None:
    sentiment(owner)
    first = send(sender, "Tulu", answers(81))
    assert send(sender, "Tulu", answers(81)).key == first.key
    do_jobs()
    again = send(sender, "Tulu", answers(81))
    assert (again.key, again.job) == (first.key, None)
    assert Result.objects.count() == Predictions.objects.count() == 1


def test_other_predictions_are_a_new_revision_and_the_first_ones_come_back(owner: Person, sender: Person) -> None:
    sentiment(owner)
    send(sender, "Tulu", answers(81))
    do_jobs()
    send(sender, "Tulu", answers(90))
    do_jobs()
    assert [(row.score, row.revisions) for row in board()] == [(pytest.approx(90 / 263), 2)]
    send(sender, "Tulu", answers(81))
    do_jobs()
    assert [(row.score, row.revisions) for row in board()] == [(pytest.approx(81 / 263), 3)]


def test_what_was_sent_later_counts_whichever_is_scored_first(owner: Person, sender: Person) -> None:
    sentiment(owner)
    send(sender, "Tulu", answers(81))
    send(sender, "Tulu", answers(90))
    first, second = take_next(KINDS), take_next(KINDS)
    assert first is not None
    assert second is not None
    for order in (second, first):
        carry_out(KINDS[order.kind], Work(order, threading.Event()), threading.Event())
    assert [row.score for row in board()] == [pytest.approx(90 / 263)]
    assert Result.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (labels([*gold()[:-1], ("s0", "yes")]), "duplicate-id", ITEMS + 1),
        (labels([*gold()[:-1], ("elsewhere", "yes")]), "unknown-id", ITEMS + 1),
        (labels(gold()[:-1]), "missing-prediction", None),
        (labels([*gold()[:-1], (f"s{ITEMS - 1}", "perhaps")]), "wrong-label", ITEMS + 1),
        (b'id,label\n"s0', "csv-invalid", 2),
        (b"id,label\ns0,\xff\xfe", "not-utf-8", 2),
        (b"id,colour\ns0,red", "column-missing", 2),
        (b"\0\0\0", "empty", None),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    owner: Person, sender: Person, content: bytes, code: str, line: int | None
) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", content)
    do_jobs()
    found = predictions_of(sent.key, sender)
    assert found.state == PredictionsState.REFUSED
    assert code in {problem.code for problem in found.problems}
    if line is not None:
        assert line in {problem.line for problem in found.problems if problem.code == code}
    assert board() == []
    assert kinds()[-1] == "predictions-refused"


def test_a_dataset_without_references_takes_no_predictions(owner: Person) -> None:
    add_dataset(owner, DatasetWishes(SENTIMENT, "text_classification"))
    with pytest.raises(Conflict, match="no references"):
        send(owner, "Tulu", answers(81))
    with pytest.raises(NotFound, match="Dataset not found"):
        submit_predictions(owner, "Another", SentFile("a.csv", b"id,label"), PredictionsWishes("Tulu"))


def test_an_empty_or_a_too_large_file_is_refused(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    sentiment(owner)
    with pytest.raises(UserError, match="is empty"):
        send(owner, "Tulu", b"")
    monkeypatch.setattr(configuration(), "modelboard_file_bytes", 100)
    with pytest.raises(TooLarge, match="PODIUM_MODELBOARD_FILE_BYTES"):
        send(owner, "Tulu", answers(81))


def test_a_full_quota_is_told(owner: Person, sender: Person) -> None:
    sentiment(owner)
    User.objects.filter(pk=sender.id).update(quota_bytes=10)
    with pytest.raises(OutOfSpace):
        send(sender, "Tulu", answers(81))


def test_a_stranger_takes_nobodys_place(owner: Person, sender: Person, stranger: Person) -> None:
    sentiment(owner)
    send(sender, "Tulu", answers(81))
    with pytest.raises(NotAllowed, match="being scored"):
        send(stranger, "Tulu", answers(90))
    do_jobs()
    with pytest.raises(NotAllowed, match="Somebody else"):
        send(stranger, "Tulu", answers(90))
    with pytest.raises(NotAllowed):
        add_result(stranger, SENTIMENT, read_declared({"model": "Tulu", "score": 0.99}))
    assert [row.score for row in board()] == [pytest.approx(81 / 263)]


def test_a_name_that_was_taken_meanwhile_stays_with_whoever_took_it(
    owner: Person, sender: Person, stranger: Person
) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", answers(81))
    add_result(stranger, SENTIMENT, read_declared({"model": "Tulu", "score": 0.5}))
    do_jobs()
    assert [row.score for row in board()] == [0.5]
    assert [problem.code for problem in predictions_of(sent.key, sender).problems] == ["not-your-result"]


def test_what_was_scored_here_is_not_declared_away(owner: Person) -> None:
    sentiment(owner)
    send(owner, "Tulu", answers(81))
    do_jobs()
    with pytest.raises(Conflict, match="scored here"):
        add_result(owner, SENTIMENT, read_declared({"model": "Tulu", "score": 0.99}))


def test_a_declared_result_gives_way_to_a_scored_one(owner: Person, sender: Person) -> None:
    sentiment(owner)
    add_result(sender, SENTIMENT, read_declared({"model": "Tulu", "score": 0.99}))
    send(sender, "Tulu", answers(81))
    do_jobs()
    assert [(row.badge, row.revisions) for row in board()] == [("scored", 2)]


def test_the_same_answers_of_another_model_are_told_to_the_owner_alone(
    owner: Person, sender: Person, stranger: Person
) -> None:
    sentiment(owner)
    first = send(sender, "Tulu", answers(81))
    do_jobs()
    # The same in another order and form.
    lines = answers(81).decode().split("\n")[1:]
    pairs = [line.split(",") for line in reversed(lines)]
    copied = "\n".join(json.dumps({"id": name, "label": label}) for name, label in pairs)
    second = send(stranger, "Copycat", copied.encode(), "answers.jsonl")
    do_jobs()
    dataset = dataset_named(SENTIMENT)
    assert [(each.model, each.note) for each in flagged(dataset, owner)] == [
        ("Copycat", "The same file was sent as Tulu.")
    ]
    assert flagged(dataset, stranger) == flagged(dataset, None) == []
    assert predictions_of(second.key, stranger).note == ""
    assert predictions_of(first.key, owner).note == ""
    assert len(board()) == 2


def test_predictions_are_seen_by_whom_they_concern(owner: Person, sender: Person, stranger: Person) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", answers(81))
    do_jobs()
    assert predictions_of(sent.key, owner).key == predictions_of(sent.key, sender).key == sent.key
    for other in (stranger, None):
        with pytest.raises(NotFound):
            predictions_of(sent.key, other)
    assert [each.key for each in my_predictions(sender)] == [sent.key]
    assert [row.predictions for row in board(stranger)] == [None]


def test_new_references_score_everything_again(owner: Person, sender: Person) -> None:
    sentiment(owner)
    send(sender, "Tulu", answers(81))
    send(owner, "Other", answers(90))
    do_jobs()
    # Now `no` is right everywhere but on the last: what was wrong is right.
    turned = labels([(name, "no" if label == "yes" else "yes") for name, label in gold()])
    put_references(owner, SENTIMENT, SentFile("gold2.csv", turned))
    do_jobs()
    assert {row.model: row.score for row in board()} == {
        "Tulu": pytest.approx((263 - 81) / 263),
        "Other": pytest.approx((263 - 90) / 263),
    }
    assert [row.model for row in board()] == ["Tulu", "Other"]
    assert Result.objects.exclude(superseded_at=None).count() == 2


def test_what_does_not_fit_new_references_leaves_the_board_and_comes_back(owner: Person, sender: Person) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", answers(81))
    do_jobs()
    put_references(owner, SENTIMENT, SentFile("gold2.csv", labels([*gold(), ("one more", "yes")])))
    do_jobs()
    assert board() == []
    assert kinds()[-2:] == ["predictions-refused", "result-withdrawn"]
    assert [problem.code for problem in predictions_of(sent.key, sender).problems] == ["missing-prediction"]
    with pytest.raises(NotAllowed):
        send(person_called("thief"), "Tulu", answers(81))
    put_references(owner, SENTIMENT, SentFile("gold.csv", labels(gold())))
    do_jobs()
    assert [(row.model, row.score) for row in board()] == [("Tulu", pytest.approx(81 / 263))]


def person_called(name: str) -> Person:
    from tests.integration.server.modelboards.scored_material import person

    return person(name)


def test_wrong_references_change_nothing(owner: Person, sender: Person, stranger: Person) -> None:
    sentiment(owner)
    send(sender, "Tulu", answers(81))
    do_jobs()
    put_references(owner, SENTIMENT, SentFile("gold2.csv", b"id,label\ns0,yes\ns0,no"))
    do_jobs()
    assert [row.score for row in board()] == [pytest.approx(81 / 263)]
    with pytest.raises(NotAllowed, match="Only the owner"):
        put_references(stranger, SENTIMENT, SentFile("gold.csv", labels(gold())))


def test_the_same_references_again_change_nothing(owner: Person) -> None:
    sentiment(owner)
    again = put_references(owner, SENTIMENT, SentFile("gold.csv", labels(gold())))
    assert (again.number, again.job) == (1, None)


def test_another_metric_ranks_what_was_scored(owner: Person, sender: Person) -> None:
    sentiment(owner)
    send(sender, "Tulu", answers(81))
    do_jobs()
    (before,) = board()
    add_dataset(owner, DatasetWishes(SENTIMENT, "text_classification", metric="Macro F1"))
    (after,) = board()
    assert dataset_named(SENTIMENT).metric == "macro_f1"
    assert after.score == before.metrics["macro_f1"].score
    assert after.revisions == 2
    with pytest.raises(UserError, match="It has accuracy, macro_f1"):
        add_dataset(owner, DatasetWishes(SENTIMENT, "text_classification", metric="beauty"))
    with pytest.raises(Conflict, match="Keep the task type"):
        add_dataset(owner, DatasetWishes(SENTIMENT, "line_qa"))


def test_scoring_again_shows_the_same(owner: Person, sender: Person, stranger: Person) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", answers(81))
    do_jobs()
    with pytest.raises(NotFound):
        score_again(stranger, sent.key)
    score_again(owner, sent.key)
    with pytest.raises(Conflict):
        score_again(owner, sent.key)
    do_jobs()
    assert [(row.badge, row.score, row.revisions) for row in board()] == [("rerun", pytest.approx(81 / 263), 2)]


def test_items_are_browsed_by_whom_they_are_for(owner: Person, sender: Person, stranger: Person) -> None:
    inputs = "\n".join(["id,sentence", *(f"{name},Is it {name}?" for name, _ in gold())])
    sentiment(owner, inputs=inputs.encode())
    send(sender, "Tulu", answers(81))
    do_jobs()
    dataset = dataset_named(SENTIMENT)
    (row,) = board()
    for person in (sender, stranger, None):
        with pytest.raises(NotAllowed):
            items_of(dataset, row.id, person)
    page = items_of(dataset, row.id, owner)
    first = page.items[0]
    assert (first.id, first.input, first.gold, first.answer, first.scores) == (
        "s0",
        "Is it s0?",
        "yes",
        "yes",
        {"accuracy": 1.0},
    )
    assert (page.pages, page.count) == (6, ITEMS)
    worst = items_of(dataset, row.id, owner, worst_first=True)
    assert [item.scores["accuracy"] for item in worst.items] == [0.0] * 50
    with pytest.raises(NotAllowed):
        show_items(stranger, dataset.key, public=True)
    show_items(owner, dataset.key, public=True)
    assert items_of(dataset_named(SENTIMENT), row.id, None).items[0].id == "s0"
    with pytest.raises(NotFound):
        items_of(dataset_named(SENTIMENT), row.id, None, page=7)
    assert [(each.id, each.input) for each in source_items(dataset, 2)] == [("s0", "Is it s0?"), ("s1", "Is it s1?")]


def test_nothing_is_scored_twice_or_lost_when_the_process_is_killed(
    owner: Person, sender: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", answers(81))
    order = take_next(KINDS)
    assert order is not None
    lost = Work(order, threading.Event())
    InternalJob.objects.filter(pk=order.job_id).update(lease_until="2020-01-01T00:00:00Z")
    assert sweep_internal_jobs(KINDS) == 1
    InternalJob.objects.filter(pk=order.job_id).update(not_before=None)
    do_jobs()
    # The first attempt awakes, and may write nothing.
    carry_out(KINDS[order.kind], lost, threading.Event())
    assert Result.objects.count() == 1
    assert predictions_of(sent.key, sender).attempts == 2


def test_what_cannot_be_scored_here_is_told(owner: Person, sender: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    sentiment(owner)
    sent = send(sender, "Tulu", answers(81))
    from podium.server.computing import process

    def too_much(*_: object) -> int:
        return 71

    monkeypatch.setattr(process, "_run", too_much)
    do_jobs()
    found = predictions_of(sent.key, sender)
    assert found.state == PredictionsState.FAILED
    (problem,) = found.problems
    assert "1.5 GB of memory" in problem.message
    assert "PODIUM_SCORING_MEMORY_BYTES" in problem.hint


def test_labels_that_are_none_are_wrong_where_that_is_asked_for(owner: Person, sender: Person) -> None:
    sentiment(owner)
    content = labels([*gold()[:-1], (f"s{ITEMS - 1}", "perhaps")])
    submit_predictions(sender, SENTIMENT, SentFile("a.csv", content), PredictionsWishes("Tulu", open_labels=True))
    do_jobs()
    assert [row.score for row in board()] == [pytest.approx(262 / 263)]


def test_statistics_tell_models_apart(owner: Person, sender: Person) -> None:
    sentiment(owner)
    for model, right in (("Good", 200), ("Nearly", 198), ("Bad", 81)):
        send(sender, model, answers(right))
    add_result(sender, SENTIMENT, read_declared({"model": "Said", "score": 0.5, "ci": "0.4 - 0.6"}))
    add_result(sender, SENTIMENT, read_declared({"model": "Only", "score": 0.4}))
    do_jobs()
    dataset = dataset_named(SENTIMENT)
    found = statistics_of(dataset)
    assert found is not None
    assert found.fresh
    assert not found.declared_only
    by_name = {row.model: found.models[row.id] for row in board()}
    assert [(by_name[name].best, by_name[name].worst) for name in ("Good", "Nearly", "Bad")] == [(1, 2), (1, 2), (4, 4)]
    assert by_name["Good"].group == by_name["Nearly"].group == 1
    assert by_name["Good"].to_best is None
    nearly = by_name["Nearly"].to_best
    assert nearly is not None
    # They differ on two items, both the better one's: 2 * (1/2)^2.
    assert (nearly.estimate, nearly.p, nearly.method) == (pytest.approx(-2 / 263), pytest.approx(0.5), "mcnemar")
    assert not nearly.distinguishable
    said = by_name["Said"].to_best
    assert said is not None
    assert (said.method, said.estimate) == ("unpaired", pytest.approx(0.5 - 200 / 263))
    assert (by_name["Only"].best, by_name["Only"].worst, by_name["Only"].to_best) == (None, None, None)
    assert len(found.pairs) == 3
    assert by_name["Good"].top1 is not None
    assert by_name["Nearly"].top1 is not None
    assert by_name["Good"].top1 + by_name["Nearly"].top1 == pytest.approx(1, abs=0.01)


def test_statistics_are_the_same_every_time(owner: Person, sender: Person) -> None:
    from podium.server.modelboards.services.statistics import want_statistics

    sentiment(owner)
    send(sender, "Good", answers(200))
    send(sender, "Bad", answers(81))
    do_jobs()
    before = statistics_of(dataset_named(SENTIMENT))
    assert before is not None
    want_statistics(Dataset.objects.get().pk)
    want_statistics(Dataset.objects.get().pk)
    assert InternalJob.objects.filter(kind="model-statistics", state="waiting").count() == 1
    do_jobs()
    after = statistics_of(dataset_named(SENTIMENT))
    assert after is not None
    assert (after.models, after.pairs, after.seed) == (before.models, before.pairs, before.seed)


def test_of_declared_results_alone_the_intervals_speak(owner: Person) -> None:
    add_dataset(owner, DatasetWishes("Errors", "text_classification", metric="Word error rate"))
    for model, score, ci in (("A", 0.1, "0.08 - 0.12"), ("B", 0.2, "0.18 - 0.22"), ("C", 0.5, "")):
        add_result(owner, "Errors", read_declared({"model": model, "score": score, "ci": ci}))
    do_jobs()
    dataset = dataset_named("Errors")
    found = statistics_of(dataset)
    assert found is not None
    assert (found.declared_only, found.detectable) == (True, None)
    first, second, third = (found.models[row.id] for row in board_rows([dataset])[dataset.id])
    # The lowest is the best.
    assert (first.best, first.worst, second.best, second.worst) == (1, 1, 2, 2)
    assert second.to_best is not None
    assert (second.to_best.estimate, second.to_best.distinguishable) == (pytest.approx(0.1), True)
    assert (third.best, third.to_best) == (None, None)


def test_one_result_alone_has_no_statistics_to_compute(owner: Person) -> None:
    add_dataset(owner, DatasetWishes("Errors", "text_classification"))
    add_result(owner, "Errors", read_declared({"model": "A", "score": 0.1, "ci": "0.08 - 0.12"}))
    assert not InternalJob.objects.exists()
    assert statistics_of(dataset_named("Errors")) is None


def test_an_erased_person_leaves_the_score_and_no_name(owner: Person, sender: Person) -> None:
    sentiment(owner)
    wishes = PredictionsWishes("Tulu", submitted_by="Ada Lovelace")
    submit_predictions(sender, SENTIMENT, SentFile("ada lovelace.csv", answers(81)), wishes)
    do_jobs()
    submit_predictions(sender, SENTIMENT, SentFile("ada lovelace 2.csv", b"id,label\ns0,yes"), wishes)
    do_jobs()
    erase(None, sender.id)
    assert [row.score for row in board()] == [pytest.approx(81 / 263)]
    kept = [repr(row) for table in (Predictions, Result) for row in table.objects.values()]
    assert not any("lovelace" in row.lower() for row in kept)


def test_models_are_compared_on_any_metric_once_for_everybody(owner: Person, sender: Person) -> None:
    sentiment(owner)
    send(sender, "Good", answers(200))
    send(sender, "Nearly", answers(198))
    add_result(sender, SENTIMENT, read_declared({"model": "Said", "score": 0.5, "ci": "0.4 - 0.6"}))
    do_jobs()
    dataset = dataset_named(SENTIMENT)
    good, nearly, said = (row.id for row in board())
    assert comparison_of(dataset, [good, nearly], "macro_f1") is None
    for chosen in ([good, nearly], [nearly, good]):
        ask_comparison(dataset, chosen, "macro_f1")
    ask_comparison(dataset, [good, nearly, said], "accuracy")
    assert do_jobs() == 2
    found = comparison_of(dataset, [nearly, good], "macro_f1")
    assert found is not None
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.difference.method) == (good, nearly, "paired-bootstrap")
    assert [each.score for each in found.models] == [row.metrics["macro_f1"].score for row in board()[:2]]
    both = comparison_of(dataset, [good, nearly, said], "accuracy")
    assert both is not None
    # They differ on two items of 263, both the first one's: 2 * (1/2)^2.
    told = {(each.first, each.second): (each.difference.method, each.difference.p) for each in both.pairs}
    assert told[good, nearly] == ("mcnemar", pytest.approx(0.5))
    assert told[good, said][0] == "unpaired"
    with pytest.raises(UserError, match="two to 10"):
        ask_comparison(dataset, [good, good], "accuracy")
    with pytest.raises(UserError, match="It has accuracy"):
        ask_comparison(dataset, [good, nearly], "beauty")
    with pytest.raises(NotFound):
        ask_comparison(dataset, [good, 999], "accuracy")
