"""One submission as people read it: one word, a sentence, what happened, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html

from podium.rules.board.columns import Column
from podium.rules.board.display import aligned
from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.runs import RunState, SubmissionStatus
from podium.server import clock
from podium.server.leaderboards.queries.marks import PlacedEntryMark
from podium.server.pages import wording
from podium.server.pages.logs import Log, is_log, log_title, logs_of
from podium.server.pages.origins import inputs_of, made_from
from podium.server.pages.parts import Do, Fact, Kind, Place, Text
from podium.server.pages.statuses import KINDS
from podium.server.pages.steps import Step, received, step_of
from podium.server.pages.waits import wait_note, wait_of_all, wait_sentence
from podium.server.submissions.queries.access import DETAILED_RESULTS
from podium.server.submissions.queries.detail import BoardPlace, SubmissionDetail
from podium.server.submissions.queries.parts import PartDetail, WrittenFile

_NOT_SHOWN = {
    SubmissionRule.FORCE_BEST: "The leaderboard shows your best submission, which is another one.",
    SubmissionRule.FORCE_LAST: "The leaderboard shows your latest submission, which is another one.",
}
_RESULTS = {
    "prediction_result": "Download output from prediction step",
    "scoring_result": "Download evaluation output from scoring step",
    DETAILED_RESULTS: "Detailed results",
}


@dataclass(frozen=True)
class ShownScore:
    """A score, rounded as its column says; `title` is the whole number."""

    name: str
    value: str
    title: str


@dataclass(frozen=True)
class ShownPart:
    """What happened on one task. Where there are several, `title` names it, headings below are of a lower `level`, and
    its files and what it was made from stand with it."""

    title: str
    level: str
    detailed_url: str
    scores: tuple[ShownScore, ...]
    steps: tuple[Step, ...]
    logs: tuple[Log, ...]
    files: tuple[Place, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class BoardNote:
    """Whether it stands on a leaderboard; `kind` is that of a note."""

    text: str
    kind: str


@dataclass(frozen=True)
class ShownSubmission:
    """A submission's page."""

    title: str
    competition: str
    competition_url: str
    list_label: str
    list_url: str
    live_url: str
    waits: bool
    status: str
    status_kind: Kind
    sentence: Text
    reason: str
    hint: str
    wait_note: str
    board_notes: tuple[BoardNote, ...]
    actions: tuple[Do, ...]
    parts: tuple[ShownPart, ...]
    files: tuple[Place, ...]
    facts: tuple[Fact, ...]


def shown_submission(found: SubmissionDetail, columns: Mapping[str, Column], live_url: str) -> ShownSubmission:
    """A submission's page. `columns` are those whose scores the person may see, by key; `live_url` is where the page
    hears what is new."""
    failed = found.status is SubmissionStatus.FAILED
    everybody = found.staff and not found.own
    alone = found.parts if len(found.parts) == 1 else ()
    return ShownSubmission(
        title=f"Submission {found.number} by {found.owner}" if everybody else f"Submission {found.number}",
        competition=found.competition_title,
        competition_url=reverse("competition", args=[found.competition_id]),
        list_label="All submissions" if everybody else "My submissions",
        list_url=reverse("all_submissions" if everybody else "my_submissions", args=[found.competition_id]),
        live_url="" if found.ended else live_url,
        waits=any(run.state == RunState.WAITING for part in found.parts for run in part.runs),
        status=found.status.value,
        status_kind=KINDS[found.status],
        sentence=_sentence(found),
        reason=(found.status_details or "It ended without a reason.") if failed else "",
        hint=found.hint if failed else "",
        wait_note=wait_note(wait_of_all(found)),
        board_notes=_board_notes(found),
        actions=tuple(_actions(found)),
        parts=tuple(_part(found, part, columns) for part in found.parts),
        files=(*_sent(found), *(place for part in alone for place in _written(found, part))),
        facts=tuple(made_from(found)),
    )


def written_file(found: SubmissionDetail, part_id: int, kind: str) -> WrittenFile | None:
    """What the last attempt that wrote such a file wrote; None where none did, or the person may not see it."""
    runs = [run for part in found.parts if part.id == part_id for run in part.runs]
    written = [file for run in runs for attempt in run.attempts for file in attempt.files if file.kind == kind]
    return written[-1] if written else None


def _sentence(found: SubmissionDetail) -> Text:
    now = clock.now()
    sent = wording.ago(found.created_at)
    if found.ended:
        began = found.started_at or found.created_at
        took = wording.duration((found.ended_at - began).total_seconds()) if found.ended_at else ""
        counts = " · does not count against the limits" if found.status is not SubmissionStatus.FINISHED else ""
        if found.internal_failure:
            counts = " · not your fault, and it does not count against the limits"
        return format_html("after {} · sent {}{}", took, sent, counts) if took else format_html("sent {}", sent)
    wait = wait_of_all(found)
    if wait is None:
        return format_html("sent {}", sent)
    return format_html("{} · sent {}", wait_sentence(wait, now), sent)


def _board_notes(found: SubmissionDetail) -> tuple[BoardNote, ...]:
    """Where it stands: one sentence, or one for each leaderboard where there are several."""
    if found.status is not SubmissionStatus.FINISHED:
        return ()
    several = len(found.boards) > 1
    return tuple(_board_note(board, several=several) for board in found.boards if board.tells)


def mark_notes(found: SubmissionDetail, marks: Sequence[PlacedEntryMark]) -> tuple[BoardNote, ...]:
    """What organizers decided about its entries, for its owner and for them."""
    several = len(found.boards) > 1
    return tuple(_mark_note(place, several=several) for place in marks if place.mark is not None)


def _mark_note(place: PlacedEntryMark, *, several: bool) -> BoardNote:
    name = f"{place.board}: " if several else ""
    why = f" {place.reason}" if place.reason else ""
    if place.mark is Mark.HIDDEN:
        return BoardNote(f"{name}An organizer has hidden it on the leaderboard.{why}", "warn")
    return BoardNote(f"{name}Shown on the leaderboard as a baseline, without a rank.{why}", "")


def _board_note(board: BoardPlace, *, several: bool) -> BoardNote:
    name = f"{board.title}: " if several else ""
    if board.on_board:
        return BoardNote(f"{name}On the leaderboard.", "good")
    if board.may_add:
        button = f"“Add to {board.title}”" if several else "“Add to leaderboard”"
        return BoardNote(f"{name}Not on the leaderboard. This competition leaves it to you: press {button}.", "warn")
    return BoardNote(name + _NOT_SHOWN.get(board.rule, "Not on the leaderboard."), "")


def _actions(found: SubmissionDetail) -> list[Do]:
    here = reverse("submission", args=[found.id])
    actions = []
    several = len(found.boards) > 1
    for board in found.boards:
        name, suffix = (board.title, f":{board.id}") if several else ("leaderboard", "")
        if board.may_add:
            actions.append(Do(f"Add to {name}", here, post=True, name="do", value=f"add{suffix}"))
        if board.may_remove:
            label = f"Remove from {name}"
            actions.append(Do(label, here, post=True, kind="plain", name="do", value=f"remove{suffix}"))
    if found.may_share:
        label, wish = ("Make private", "private") if found.is_public else ("Make public", "public")
        actions.append(Do(label, here, post=True, kind="plain", name="do", value=wish))
    if found.staff and not found.ended and not any(part.runs for part in found.parts):
        actions.append(Do("Start it", here, post=True, name="do", value="run"))
    if not found.ended:
        actions.append(Do("Cancel", here, post=True, kind="danger", name="do", value="cancel"))
    if found.staff and found.status is SubmissionStatus.FINISHED:
        actions.append(Do("Correct", reverse("correct_submission", args=[found.id]), kind="plain"))
    if found.staff and found.ended:
        actions.append(Do("Run again", here, post=True, kind="plain", name="do", value="rerun"))
    if found.ended and found.own:
        again = reverse("submit", args=[found.competition_id])
        actions.append(Do("Submit again", again, kind="plain" if found.may_add else ""))
    return actions


def _part(found: SubmissionDetail, part: PartDetail, columns: Mapping[str, Column]) -> ShownPart:
    several = len(found.parts) > 1
    logs: list[Log] = []
    for run in part.runs:
        logs += logs_of(run, found.id, part.id, failed=run.state == RunState.FAILED)
    steps = [received(found)] if part is found.parts[0] else []
    scores = sorted(
        (score for score in part.scores if score.key in columns), key=lambda score: columns[score.key].index
    )
    return ShownPart(
        title=part.task_name if several else "",
        level="h3" if several else "h2",
        detailed_url=_detailed_url(part),
        scores=tuple(_score(columns[score.key], score.value) for score in scores),
        steps=(*steps, *(step_of(run, explained=not several) for run in part.runs)),
        logs=tuple(logs),
        files=tuple(_written(found, part)) if several else (),
        facts=tuple(inputs_of([part], found)) if several else (),
    )


def _detailed_url(part: PartDetail) -> str:
    """The page of the detailed results of a part; empty where there are none that the person may see."""
    kinds = {file.kind for run in part.runs for attempt in run.attempts for file in attempt.files}
    return reverse("detailed_results", args=[part.id]) if DETAILED_RESULTS in kinds else ""


def _score(column: Column, value: float) -> ShownScore:
    return ShownScore(column.title, aligned(value, column.precision), repr(value))


def _sent(found: SubmissionDetail) -> list[Place]:
    if found.data is None:
        return []
    url = reverse("submission_file", args=[found.id, found.id, "data"])
    return [Place(f"{found.data.file_name}, {wording.size(found.data.size_bytes)}", url)]


def _written(found: SubmissionDetail, part: PartDetail) -> list[Place]:
    files = []
    for kind in sorted({file.kind for run in part.runs for attempt in run.attempts for file in attempt.files}):
        file = written_file(found, part.id, kind)
        if file is None or not file.file.size_bytes:
            continue
        title = log_title(kind) if is_log(file) else _RESULTS.get(kind, kind)
        url = reverse("submission_file", args=[found.id, part.id, kind])
        files.append(Place(f"{title}, {wording.size(file.file.size_bytes)}", url))
    return files
