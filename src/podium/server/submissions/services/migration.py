"""Running the successful submissions of a phase again in the next one."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from podium.rules.access import Action
from podium.rules.errors import NotFound, UserError
from podium.rules.history import EventKind
from podium.rules.phases import Migrated
from podium.rules.runs import TERMINAL, SubmissionStatus
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.services import ChainName, append
from podium.server.leaderboards.services import hold_board
from podium.server.submissions.models import Submission
from podium.server.submissions.services import end
from podium.server.submissions.services.submit import Again, metadata_of, start, tasks_of, write_submission

# Others write between two portions, so that a large phase does not hold up the site.
_PORTION = 50
# One that waits for its organizer may wait for ever.
_NOT_AWAITED = frozenset({*TERMINAL, SubmissionStatus.SUBMITTING})


def migrate_due() -> int:
    """Take over the submissions of the phase before in every phase that began and is to do so. Returns the number of
    phases that are done with it now.

    A phase waits until nothing in the one before is being run any more. What was taken over is marked on its row, so
    that a process which is killed in between is followed by one that goes on.
    """
    begun = Phase.objects.filter(auto_migrate_to_this_phase=True, migrated_at=None, start__lte=clock.now())
    done = 0
    for phase in begun.filter(phase_tasks__isnull=False).distinct().order_by("start", "pk"):
        source = _neighbour(phase, -1)
        if source is None or _is_busy(source):
            continue
        _take_over(source, phase, Migrated(phase.migrate), by=None)
        done += 1
    return done


def migrate_by_hand(by: Person, phase_id: int, wish: Migrated | None = None) -> int:
    """Run the successful submissions of a phase again in the next one now, whether that has begun or not, as its
    `migrate` says or as `wish` does. Those that were taken over before are left alone. Returns how many it were.

    Raises:
        NotFound, NotAllowed: the person may not.
        UserError: there is no next phase.
    """
    source = Phase.objects.filter(pk=phase_id).first()
    if source is None:
        raise NotFound("no-such-phase", "There is no such phase.", "Look at the phases of the competition.")
    standing_of(by, source.competition_id).require(Action.MIGRATE_PHASE)
    phase = _neighbour(source, 1)
    if phase is None:
        raise UserError("phase-is-last", "No phase follows this one.", "Choose the phase to take submissions from.")
    return _take_over(source, phase, wish or Migrated(phase.migrate), by=by)


def _neighbour(phase: Phase, step: int) -> Phase | None:
    return Phase.objects.filter(competition_id=phase.competition_id, index=phase.index + step).first()


def _is_busy(phase: Phase) -> bool:
    sent = Submission.objects.filter(phase=phase, parent=None, is_deleted=False)
    return sent.exclude(status__in=_NOT_AWAITED).exists()


def _take_over(source: Phase, phase: Phase, wish: Migrated, *, by: Person | None) -> int:
    taken = 0
    while True:
        with transaction.atomic():
            hold_board(phase.pk)
            if by is None and not Phase.objects.filter(pk=phase.pk, migrated_at=None).exists():
                return taken
            portion = list(_wanted(source, phase, wish)[:_PORTION])
            for original in portion:
                _do_again(original, phase, by)
            taken += len(portion)
            if len(portion) < _PORTION:
                _end(source, phase, wish, by)
                return taken


def _wanted(source: Phase, phase: Phase, wish: Migrated) -> QuerySet[Submission]:
    """What is still to be taken over, in the order in which it was submitted."""
    successful = Submission.objects.filter(
        phase=source, parent=None, is_deleted=False, status=SubmissionStatus.FINISHED
    )
    if wish is Migrated.BOARD:
        successful = successful.filter(on_board=True)
    return successful.exclude(migrations__phase=phase).select_related("data").order_by("created_at", "pk")


def _do_again(original: Submission, phase: Phase, by: Person | None) -> None:
    submission, parts = write_submission(
        by,
        phase,
        tasks_of(phase),
        original.data,
        owner_id=original.owner_id,
        at=clock.now(),
        description=original.description,
        fact_sheet_answers=original.fact_sheet_answers,
        again=Again(asked_by_id=by.id if by else phase.competition.created_by_id, migrated_from=original),
    )
    try:
        metadata = metadata_of(submission.data)
    except UserError as error:
        # One file that was lost must not keep all others from being taken over.
        for part in parts:
            end.fail(part, error.code, error.message, error.hint)
        return
    for part in parts:
        start(part, metadata)


def _end(source: Phase, phase: Phase, wish: Migrated, by: Person | None) -> None:
    if by is None:
        Phase.objects.filter(pk=phase.pk).update(migrated_at=clock.now())
    append(
        ChainName.competition(phase.competition_id),
        EventKind.PHASE_MIGRATED,
        actor=by,
        payload={
            "source": source.pk,
            "phase": phase.pk,
            "migrate": wish,
            "submissions": Submission.objects.filter(phase=phase, migrated_from__phase=source).count(),
        },
    )
