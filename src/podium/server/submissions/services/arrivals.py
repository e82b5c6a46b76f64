"""Files that runs upload: who may still send one, and what follows when it is here."""

from __future__ import annotations

from uuid import UUID

from podium.rules.errors import Conflict
from podium.server.files.services import StoredBlob, check_upload, ticket_limit
from podium.server.submissions.models import RunFile
from podium.server.submissions.queries.access import DETAILED_RESULTS, SCORING_RESULT
from podium.server.submissions.services.announcing import announce
from podium.server.submissions.services.item_scores import items_arrived
from podium.server.submissions.services.live import drop_live_log
from podium.server.submissions.services.notes import put_notes_into
from podium.server.submissions.services.report import TAKEN_AWAY, predictions_arrived
from podium.server.submissions.services.sharing_output import keep_shared

_PREDICTIONS = "prediction_result"
_LOGS = ("stdout", "stderr")


def expected_bytes(ticket: UUID) -> int:
    """How many bytes may be sent for a ticket now.

    Raises:
        NotFound: there is no such ticket.
        NotAllowed: it has expired.
        Conflict: it is of an attempt that was taken from its worker.
    """
    _check_not_taken_away(ticket)
    return ticket_limit(ticket)


def check_arrival(ticket: UUID, arrived: StoredBlob) -> None:
    """See whether what arrived, which is not stored yet, may be tied to its ticket.

    Raises:
        Conflict: other bytes arrived before, or the attempt was taken from its worker meanwhile.
        OutOfSpace: the owner's quota does not hold it.
    """
    _check_not_taken_away(ticket)
    check_upload(ticket, arrived)


def file_arrived(ticket: UUID) -> None:
    """A file that some attempt was to upload is here; it may be the last thing its step waited for."""
    file = RunFile.objects.select_related("attempt", "ticket__blob").filter(ticket_id=ticket).first()
    if file is None:
        return
    if file.kind == _PREDICTIONS:
        predictions_arrived(file.attempt_id)
    elif file.kind == SCORING_RESULT:
        keep_shared(file)
        if file.has_items:
            items_arrived(file)
    elif file.kind.endswith(_LOGS):
        drop_live_log(file)
        put_notes_into(file)
    if file.kind == DETAILED_RESULTS or file.attempt.outcome:
        # What comes before the end is shown with the end, but for what somebody may be looking at.
        announce(file.attempt, file.kind)


def _check_not_taken_away(ticket: UUID) -> None:
    outcome = RunFile.objects.filter(ticket_id=ticket).values_list("attempt__outcome", flat=True).first()
    if outcome in TAKEN_AWAY:
        raise Conflict("attempt-lost", "This attempt is over.", "Stop working on it and ask for the next run.")
