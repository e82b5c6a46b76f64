"""Events in words: one plain sentence for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from podium.rules.history import EventKind
from podium.server.submissions.queries.audit import Names, Recorded

ERASED = "(deleted)"


@dataclass(frozen=True)
class _Said:
    """An event with what its ids are called, and whether the reader runs the competition."""

    event: Recorded
    names: Names
    staff: bool

    @property
    def who(self) -> str:
        return self.names.people.get(self.event.actor, "") or "Podium"

    @property
    def user(self) -> str:
        return self.names.people.get(str(self.event.payload.get("user", "")), ERASED)

    @property
    def submission(self) -> str:
        number = self.event.payload.get("submission", 0)
        owner = self.names.people.get(self.names.owners.get(number, ""), "")
        return f"submission {number}{f' of {owner}' if owner else ''}"

    @property
    def phase(self) -> str:
        number = self.event.payload.get("phase", 0)
        return self.names.phases.get(number, f"phase {number}")

    @property
    def board(self) -> str:
        number = self.event.payload.get("leaderboard", 0)
        return self.names.boards.get(number, f"leaderboard {number}")

    @property
    def part(self) -> str:
        """What the part that came, changed or went is called."""
        state = self.event.payload.get("after") or self.event.payload.get("before") or {}
        return self.names.texts.get(state.get("name") or state.get("title") or "", ERASED)

    @property
    def reason(self) -> str:
        reference = self.event.payload.get("reason")
        return f" Reason: {self.names.texts.get(reference, ERASED)}" if reference else ""

    @property
    def scores(self) -> str:
        """The numbers, for those who see every column."""
        said = [
            f"{key} {'taken away' if value is None else value}" for key, value in self.event.payload["scores"].items()
        ]
        return f": {', '.join(said)}" if self.staff and said else ""

    def get(self, name: str) -> object:
        return self.event.payload.get(name)


_SENTENCES: Mapping[str, Callable[[_Said], str]] = {
    EventKind.COMPETITION_IMPORTED: lambda it: f"{it.who} made the competition from a bundle.",
    EventKind.COMPETITION_CHANGED: lambda it: f"{it.who if it.staff else 'The organizer'} updated the competition.",
    EventKind.COMPETITION_PUBLISHED: lambda _: "The competition was published.",
    EventKind.COMPETITION_UNPUBLISHED: lambda it: f"{it.who} hid the competition from everybody else.",
    EventKind.COMPETITION_DELETED: lambda it: f"{it.who} deleted the competition.",
    EventKind.COLLABORATOR_ADDED: lambda it: f"{it.who} let {it.user} organize the competition too.",
    EventKind.COLLABORATOR_REMOVED: lambda it: f"{it.user} does not organize the competition any more.",
    EventKind.PARTICIPANT_REQUESTED: lambda it: f"{it.user} asked to take part and accepted the terms.",
    EventKind.PARTICIPANT_APPROVED: lambda it: f"{it.user} was approved as a participant.",
    EventKind.PARTICIPANT_DENIED: lambda it: f"{it.user} was not admitted.",
    EventKind.PARTICIPANT_BANNED: lambda it: f"{it.user} was excluded, after having taken part.",
    EventKind.SUBMISSION_RECEIVED: lambda it: (
        f"{it.user} sent submission {it.get('submission')} to {it.phase}, number {it.get('number')}."
    ),
    EventKind.SUBMISSION_STARTED: lambda it: f"{it.who} started {it.submission}.",
    EventKind.SUBMISSION_FINISHED: lambda it: f"{it.submission} finished.",
    EventKind.SUBMISSION_FAILED: lambda it: f"{it.submission} failed{_blame(it)}.",
    EventKind.SUBMISSION_CANCELLED: lambda it: f"{it.who} cancelled {it.submission}.",
    EventKind.SUBMISSION_DELETED: lambda it: f"{it.who} deleted {it.submission}.",
    EventKind.SUBMISSION_MADE_PUBLIC: lambda it: f"{it.who} made the file of {it.submission} public.",
    EventKind.SUBMISSION_MADE_PRIVATE: lambda it: f"{it.who} made the file of {it.submission} private again.",
    EventKind.ATTEMPT_STARTED: lambda it: (
        f"The {it.get('step')} step of {it.submission} began{_again(it)}{_shadow(it)}."
    ),
    EventKind.ATTEMPT_ENDED: lambda it: (
        f"The {it.get('step')} step of {it.submission} ended ({it.get('outcome')}){_shadow(it)}."
    ),
    EventKind.ATTEMPT_LOST: lambda it: (
        f"The {it.get('step')} step of {it.submission} was lost ({it.get('outcome')}){_shadow(it)}."
    ),
    EventKind.SCORES_ACCEPTED: lambda it: f"{it.submission} got its scores{it.scores}.",
    EventKind.SCORES_EDITED: lambda it: (
        f"{_staff(it)} changed scores of {it.submission} by hand{it.scores}.{it.reason}"
    ),
    EventKind.SCORES_SUPERSEDED: lambda it: f"A rescore gave {it.submission} new scores{it.scores}.{it.reason}",
    EventKind.RESCORE_STARTED: lambda it: (
        f"{it.who} began a rescore of {it.get('submissions')} submissions.{it.reason}"
    ),
    EventKind.RESCORE_APPLIED: lambda it: f"A rescore was applied: {it.get('applied')} scores are new.",
    EventKind.RESCORE_CANCELLED: lambda it: f"{it.who} cancelled a rescore. No score changed.",
    EventKind.ENTRY_ADDED: lambda it: f"{it.submission} came to {it.board}, {it.phase}.",
    EventKind.ENTRY_REMOVED: lambda it: f"{it.submission} left {it.board}, {it.phase}.",
    EventKind.ENTRY_HIDDEN: lambda it: f"{_staff(it)} hid {it.submission} on {it.board}.{it.reason}",
    EventKind.ENTRY_MADE_BASELINE: lambda it: f"{_staff(it)} made {it.submission} a baseline on {it.board}.{it.reason}",
    EventKind.ENTRY_UNMARKED: lambda it: f"{_staff(it)} let {it.submission} be ranked on {it.board} again.",
    EventKind.BOARD_ADDED: lambda it: f"The leaderboard {it.part} was added.",
    EventKind.BOARD_CHANGED: lambda it: f"The leaderboard {it.part}, its rule or its columns changed.",
    EventKind.BOARD_REMOVED: lambda it: f"The leaderboard {it.part} was removed.",
    EventKind.BOARD_PUBLISHED: lambda it: f"{it.who} published {it.board}, {it.phase}, to a model board.",
    EventKind.BOARD_UNPUBLISHED: lambda it: f"{it.who} took {it.board}, {it.phase}, from a model board again.",
    EventKind.PHASE_ADDED: lambda it: f"The phase {it.part} was added.",
    EventKind.PHASE_CHANGED: lambda it: f"The phase {it.part} changed.",
    EventKind.PHASE_REMOVED: lambda it: f"The phase {it.part} was removed.",
    EventKind.PHASE_MIGRATED: lambda it: f"{it.get('submissions')} submissions were run again in {it.phase}.",
    EventKind.TASK_ADDED: lambda it: f"The task {it.part} was added.",
    EventKind.TASK_CHANGED: lambda it: f"The task {it.part}, its programs or its data were replaced.",
    EventKind.TASK_REMOVED: lambda it: f"The task {it.part} was removed.",
    EventKind.FILES_REMOVED: lambda it: f"Old files were removed: {it.get('files')}. Scores stay.",
}


def sentence(event: Recorded, names: Names, *, staff: bool) -> str:
    """What happened, in one or two sentences. Scores and organizers are named for `staff` alone."""
    say = _SENTENCES.get(event.kind)
    # An event of a later release is shown by its kind.
    text = say(_Said(event, names, staff)) if say else f"{event.kind}."
    return text[0].upper() + text[1:]


def kinds() -> list[tuple[str, str]]:
    """Every kind that a competition's history has, with words for it, for choosing one."""
    return [(str(kind), str(kind).replace("-", " ").capitalize()) for kind in _SENTENCES]


def _staff(it: _Said) -> str:
    return it.who if it.staff else "An organizer"


def _blame(it: _Said) -> str:
    return (
        " for a reason of the site"
        if it.get("internal")
        else f" in its {it.get('step')} step"
        if it.get("step")
        else ""
    )


def _again(it: _Said) -> str:
    return "" if it.get("attempt") == 1 else f" once more, attempt {it.get('attempt')}"


def _shadow(it: _Said) -> str:
    return ", in a rescore or check that changes no score" if it.get("in_shadow") else ""
