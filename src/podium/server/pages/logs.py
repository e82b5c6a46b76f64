"""The end of what a program wrote, read for a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.urls import reverse

from podium.rules.errors import NotFound
from podium.server.files.queries import StoredFile
from podium.server.files.services import store
from podium.server.pages import wording
from podium.server.submissions.queries.live import StandingLog
from podium.server.submissions.queries.parts import AttemptDetail, RunDetail, WrittenFile

_TAIL_BYTES = 24_000
_INVISIBLE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TITLES = {"stdout": "output", "stderr": "errors and warnings"}


@dataclass(frozen=True)
class Log:
    """A log on a page. `cut` says how much stands before what is shown; empty where nothing does.

    One that is being written has a `live` name, by which pieces of it find their place, and ends before character
    `end`.
    """

    key: str
    title: str
    text: str
    cut: str
    plain_url: str
    open: bool
    live: str = ""
    end: int = 0


def logs_of(run: RunDetail, submission_id: int, part_id: int, *, failed: bool) -> list[Log]:
    """What the programs of a step wrote in its last attempt, the errors of a failed step opened; also what they are
    writing now, which is open."""
    if not run.attempts:
        return []
    last = run.attempts[-1]
    written = [file for file in last.files if is_log(file)]
    whole = {file.kind for file in written}
    live = [log for log in last.live_logs if log.kind not in whole]
    written = [file for file in written if file.file.size_bytes]
    telling = [file.kind for file in written if file.kind.endswith("stderr")] or [file.kind for file in written]
    shown = [_log(file, submission_id, part_id, opened=failed and file.kind in telling) for file in written]
    shown += [_live(log, submission_id, part_id, last) for log in live]
    return sorted(shown, key=lambda log: log.key, reverse=True)


def is_log(file: WrittenFile) -> bool:
    """Whether a file that an attempt wrote is text to read."""
    return file.kind.endswith(("stdout", "stderr"))


def log_title(kind: str) -> str:
    """`prediction_ingestion_stdout` as `Ingestion in prediction: output`."""
    step, *middle, stream = kind.split("_")
    who = f"Ingestion in {step}" if middle else step.capitalize()
    return f"{who}: {_TITLES[stream]}"


def _log(file: WrittenFile, submission_id: int, part_id: int, *, opened: bool) -> Log:
    text, left_out = tail_of(file.file, _TAIL_BYTES)
    return Log(
        key=f"{part_id}-{file.kind}",
        title=log_title(file.kind),
        text=text,
        cut=f"The first {wording.size(left_out)} are left out here." if left_out else "",
        plain_url=_plain_url(submission_id, part_id, file.kind),
        open=opened,
    )


def _live(log: StandingLog, submission_id: int, part_id: int, attempt: AttemptDetail) -> Log:
    text = log.tail or log.head
    left_out = max(len(text) - _TAIL_BYTES, 0)
    missing = log.length - len(text) + left_out
    return Log(
        key=f"{part_id}-{log.kind}",
        title=log_title(log.kind),
        text=readable(text[left_out:]),
        cut=f"The first {wording.counted(missing, 'character')} are left out here." if missing else "",
        plain_url=_plain_url(submission_id, part_id, log.kind),
        open=not attempt.outcome,
        live=f"{log.attempt}-{log.kind}",
        end=log.length,
    )


def _plain_url(submission_id: int, part_id: int, kind: str) -> str:
    return reverse("submission_log", args=[submission_id, part_id, kind])


def readable(text: str) -> str:
    """Text of a program without what a reader cannot see: colours of a terminal, control characters."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n"))


def tail_of(file: StoredFile, most_bytes: int) -> tuple[str, int]:
    """The readable end of a log, and how many bytes before it are left out."""
    left_out = max(file.size_bytes - most_bytes, 0)
    try:
        with store().open(file.sha256) as content:
            content.seek(left_out)
            raw = content.read(most_bytes)
    except NotFound:
        return "This log is no longer stored.", 0
    return readable(raw.decode("utf-8", errors="replace")), left_out
