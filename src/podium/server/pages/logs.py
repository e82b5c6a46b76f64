"""The end of what a program wrote, read for a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.urls import reverse

from podium.rules.errors import NotFound
from podium.server.files.services import store
from podium.server.pages import wording
from podium.server.submissions.queries.detail import RunDetail, WrittenFile

_TAIL_BYTES = 24_000
_INVISIBLE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TITLES = {"stdout": "output", "stderr": "errors and warnings"}


@dataclass(frozen=True)
class Log:
    """A log on a page. `cut` says how much stands before what is shown; empty where nothing does."""

    title: str
    text: str
    cut: str
    url: str
    open: bool


def logs_of(run: RunDetail, submission_id: int, part_id: int, *, failed: bool) -> list[Log]:
    """What the programs of a step wrote in its last attempt, the errors of a failed step opened."""
    written = [file for file in run.attempts[-1].files if is_log(file)] if run.attempts else []
    written = [file for file in written if file.file.size_bytes]
    telling = [file.kind for file in written if file.kind.endswith("stderr")] or [file.kind for file in written]
    return [
        _log(file, submission_id, part_id, opened=failed and file.kind in telling)
        for file in sorted(written, key=lambda file: file.kind, reverse=True)
    ]


def is_log(file: WrittenFile) -> bool:
    """Whether a file that an attempt wrote is text to read."""
    return file.kind.endswith(("stdout", "stderr"))


def log_title(kind: str) -> str:
    """`prediction_ingestion_stdout` as `Ingestion in prediction: output`."""
    step, *middle, stream = kind.split("_")
    who = f"Ingestion in {step}" if middle else step.capitalize()
    return f"{who}: {_TITLES[stream]}"


def _log(file: WrittenFile, submission_id: int, part_id: int, *, opened: bool) -> Log:
    text, left_out = _tail(file)
    return Log(
        title=log_title(file.kind),
        text=text,
        cut=f"The first {wording.size(left_out)} are left out here." if left_out else "",
        url=reverse("submission_file", args=[submission_id, part_id, file.kind]),
        open=opened,
    )


def _tail(file: WrittenFile) -> tuple[str, int]:
    left_out = max(file.file.size_bytes - _TAIL_BYTES, 0)
    try:
        with store().open(file.file.sha256) as content:
            content.seek(left_out)
            raw = content.read(_TAIL_BYTES)
    except NotFound:
        return "This log is no longer stored.", 0
    return _INVISIBLE.sub("", raw.decode("utf-8", errors="replace").replace("\r\n", "\n")), left_out
