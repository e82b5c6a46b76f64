"""What a change of a competition means for what was submitted to it."""

from __future__ import annotations

from collections.abc import Collection

from podium.rules.runs import RUN_ENDED, TERMINAL
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase
from podium.server.jobs.moving import move_to_queue
from podium.server.leaderboards.services import hold_board
from podium.server.leaderboards.services.refilling import refill
from podium.server.submissions.models import Run, Submission
from podium.server.submissions.services.board import candidates_of, note_standing, record_changes


def hold_submissions(competition_id: int) -> None:
    """Lock the boards of a competition and every submission to it that has not ended, until the transaction ends.

    Nobody submits meanwhile, and no worker is given a run: what is given before is made of the competition as it was,
    what is given afterwards as it has become.
    """
    phase_id = Phase.objects.filter(competition_id=competition_id).values_list("pk", flat=True).first()
    if phase_id is not None:
        hold_board(phase_id)
    alive = Submission.objects.filter(phase__competition_id=competition_id).exclude(status__in=TERMINAL)
    alive = alive.select_for_update(of=("self",)).order_by("pk")
    list(alive.filter(parent=None).values_list("pk"))
    list(alive.exclude(parent=None).values_list("pk"))


def refill_boards(by: Person, competition_id: int, *, another_rule: Collection[int]) -> None:
    """Fill the boards of all phases of a competition anew, from scores, by its columns, rules and tasks as they are.

    `another_rule` names the boards that had another rule before, or are new. The caller holds the boards.
    """
    for phase_id in Phase.objects.filter(competition_id=competition_id).order_by("pk").values_list("pk", flat=True):
        if Submission.objects.filter(phase_id=phase_id).exists():
            refill_phase(by, competition_id, phase_id, another_rule=another_rule)


def refill_phase(by: Person, competition_id: int, phase_id: int, *, another_rule: Collection[int] = ()) -> None:
    """The same for one phase."""
    changed = refill(phase_id, candidates_of(phase_id), another_rule=another_rule)
    record_changes(competition_id, phase_id, changed, by=by)
    note_standing(phase_id)


def requeue(competition_id: int) -> None:
    """Let what is still to be run wait in the competition's queue, if it waits in another. What a worker has begun
    waits there if it must be tried again."""
    queue_id = Competition.objects.values_list("queue_id", flat=True).get(pk=competition_id)
    runs = Run.objects.filter(submission__phase__competition_id=competition_id).exclude(job__state__in=RUN_ENDED)
    move_to_queue(list(runs.order_by("job_id").values_list("job_id", flat=True)), queue_id)
