"""The number of submissions that lists of competitions say is what a recount finds, whatever happened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, claimed, finish_scoring, worker

from podium.rules.errors import UserError
from podium.server.competitions.models import Competition, Task
from podium.server.competitions.queries import submission_counts
from podium.server.competitions.services import register
from podium.server.submissions.models import Submission
from podium.server.submissions.services.lifecycle import cancel, delete, delete_many, delete_own
from podium.server.submissions.services.rerun import rerun, rerun_phase

pytestmark = pytest.mark.django_db


def recounted() -> dict[int, int]:
    """How many submissions each competition has, one by one."""
    found = dict.fromkeys(Competition.objects.values_list("pk", flat=True), 0)
    for competition in Submission.objects.filter(parent=None, is_deleted=False).values_list(
        "phase__competition_id", flat=True
    ):
        found[competition] += 1
    return {competition: number for competition, number in found.items() if number}


@pytest.mark.slow
def test_the_number_that_is_kept_is_that_of_a_recount(two: Flow) -> None:
    """`two` has two tasks, so that every submission has children, which do not count."""
    bea = make_person("bea")
    register(bea, two.competition_id, accepts_terms=True)
    task = Task.objects.order_by("pk")[0].key

    def scored(number: int) -> object:
        sent = two.take_in(by=(two.anna, bea)[number % 2])
        for _ in range(2):
            finish_scoring(claimed(worker()), {"accuracy": 0.5})
        return sent

    def on_any(do: Callable[[int], object]) -> Callable[[int], object]:
        def act(number: int) -> None:
            ids = list(Submission.objects.order_by("pk").values_list("pk", flat=True))
            if ids:
                do(ids[number % len(ids)])

        return act

    acts: dict[str, Callable[[int], object]] = {
        "submit": lambda number: two.take_in(by=(two.anna, bea)[number % 2]),
        "score": scored,
        "cancel": on_any(lambda pk: cancel(two.otto, pk)),
        "delete": on_any(lambda pk: delete(two.otto, pk)),
        "delete many": on_any(lambda pk: delete_many(two.otto, [pk, pk + 3])),
        "delete own": on_any(lambda pk: delete_own(two.anna, pk)),
        "rerun": on_any(lambda pk: rerun(two.otto, pk)),
        "rerun one task": on_any(lambda pk: rerun(two.otto, pk, task_key=task)),
        "rerun all": lambda number: rerun_phase(two.otto, two.phase_id),
    }

    @given(st.lists(st.tuples(st.sampled_from(sorted(acts)), st.integers(0, 30)), max_size=10))
    @settings(max_examples=15, deadline=None)
    def happens(things: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            for name, number in [("submit", 0), ("score", 1), *things]:
                try:
                    acts[name](number)
                except UserError:
                    continue
                assert submission_counts([two.competition_id]) == recounted(), name
            transaction.set_rollback(True)

    happens()
