"""What the server itself has to say about an attempt: at the end of its log."""

from __future__ import annotations

from collections.abc import Sequence

from podium.rules.errors import NotFound, OutOfSpace
from podium.server.files.services import keep_blob, store
from podium.server.submissions.models import Attempt, RunFile

_LARGEST_LOG_BYTES = 64 << 20
_SHOWN_CHARACTERS = 60


def shortened(text: str) -> str:
    """Text of a program in quotation marks, short enough for a sentence and without what no reader should get."""
    kept = "".join(letter if letter.isprintable() else "?" for letter in text[:_SHOWN_CHARACTERS])
    return f'"{kept}{"..." if len(text) > _SHOWN_CHARACTERS else ""}"'


def add_notes(attempt: Attempt, notes: Sequence[str]) -> None:
    """Keep notes for the end of the log of errors of an attempt's program, whether the log is here or still to come."""
    attempt.notes = [*attempt.notes, *notes]
    attempt.save(update_fields=["notes"])
    log = RunFile.objects.filter(attempt=attempt, kind=_log_kind(attempt)).select_related("ticket", "attempt__run")
    for file in log:
        put_notes_into(file)


def put_notes_into(file: RunFile) -> None:
    """Write the notes of its attempt to the end of a log, if it is the one for them. Nothing was printed where the log
    has not arrived."""
    attempt = file.attempt
    if not attempt.notes or file.kind != _log_kind(attempt):
        return
    said = _printed(file) + "".join(f"[podium] {note}\n" for note in attempt.notes).encode()
    try:
        file.noted = keep_blob(store().put_stream([said], max_bytes=2 * _LARGEST_LOG_BYTES))
    except OutOfSpace:
        # The rows keep the notes; a full disk must not keep the scores from counting.
        return
    file.save(update_fields=["noted"])


def _log_kind(attempt: Attempt) -> str:
    return f"{attempt.run.step}_stderr"


def _printed(file: RunFile) -> bytes:
    if file.ticket.blob_id is None:
        return b""
    try:
        with store().open(file.ticket.blob_id) as content:
            printed = content.read(_LARGEST_LOG_BYTES)
    except NotFound:
        return b""
    return printed if not printed or printed.endswith(b"\n") else printed + b"\n"
