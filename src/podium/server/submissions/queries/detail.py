"""One submission in full: what happened to it, what it was made from, what it wrote, what it scored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from podium.rules.access import Action
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.runs import TERMINAL, SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.files.queries import StoredFile, stored_file
from podium.server.leaderboards.queries import OfferedBoard, offered_boards, places_of
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.access import Sight, submission_for
from podium.server.submissions.queries.fact_sheet import Answered, answered
from podium.server.submissions.queries.parts import PartDetail, parts_of
from podium.server.submissions.queries.reasons import reason_of


@dataclass(frozen=True)
class Origin:
    """The submission to an earlier phase that another one does again."""

    id: int
    number: int
    phase_name: str


@dataclass(frozen=True)
class BoardPlace:
    """A leaderboard of the phase, whether the submission stands on it, and what its rule leaves to this person. `tells`
    is false where the person may not know whether it stands there."""

    id: int
    title: str
    rule: SubmissionRule
    tells: bool
    on_board: bool
    may_add: bool
    may_remove: bool


@dataclass(frozen=True)
class SubmissionDetail:
    """A submission as one person may see it. `boards` are those that concern the person; `data` is the file sent,
    which everybody may download if `is_public`; `may_share` says whether the person may change that."""

    id: int
    number: int
    phase_id: int
    phase_name: str
    competition_id: int
    competition_title: str
    docker_image: str
    owner_id: int
    owner: str
    own: bool
    staff: bool
    status: SubmissionStatus
    status_details: str
    hint: str
    internal_failure: bool
    description: str
    fact_sheet: tuple[Answered, ...]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    data: StoredFile | None
    migrated_from: Origin | None
    is_public: bool
    may_share: bool
    boards: tuple[BoardPlace, ...]
    parts: tuple[PartDetail, ...]

    @property
    def on_board(self) -> bool:
        """Whether it stands on one of the boards."""
        return any(board.on_board for board in self.boards)

    @property
    def may_add(self) -> bool:
        """Whether the person may put it on one of the boards."""
        return any(board.may_add for board in self.boards)

    @property
    def may_remove(self) -> bool:
        """Whether the person may take it off one of the boards."""
        return any(board.may_remove for board in self.boards)

    @property
    def ended(self) -> bool:
        """Whether nothing will change in it by itself any more."""
        return self.status in TERMINAL


def submission_detail(person: Person | None, submission_id: int) -> SubmissionDetail:
    """A submission with all its parts, runs, attempts and files. A child is shown as its parent.

    Raises:
        NotAllowed, NotFound: the person does not see it.
    """
    sight = submission_for(person, submission_id)
    if sight.row.parent_id is not None:
        sight = submission_for(person, sight.row.parent_id)
    row = sight.row
    reason = reason_of(row, sees_output=sight.sees_output, own=sight.own)
    phase = row.phase
    return SubmissionDetail(
        id=row.pk,
        number=row.number,
        phase_id=phase.pk,
        phase_name=phase.name,
        competition_id=phase.competition_id,
        competition_title=phase.competition.title,
        docker_image=phase.competition.docker_image,
        owner_id=row.owner_id,
        owner=row.owner.shown_name,
        own=sight.own,
        staff=sight.staff,
        status=SubmissionStatus(row.status),
        status_details=reason.message,
        hint=reason.hint,
        internal_failure=row.internal_failure,
        description=row.description,
        fact_sheet=answered(row),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        data=stored_file(row.data),
        migrated_from=_origin(row.migrated_from),
        is_public=row.is_public,
        may_share=_may_share(sight),
        boards=_boards(sight),
        parts=parts_of(sight),
    )


def _may_share(sight: Sight) -> bool:
    row, may = sight.row, sight.standing.may
    if row.is_public:
        return sight.own or may(Action.MAKE_ANY_SUBMISSION_PRIVATE)
    allowed = sight.own and may(Action.MAKE_OWN_SUBMISSION_PUBLIC)
    allowed = allowed and row.phase.competition.can_participants_make_submissions_public
    return allowed and row.status == SubmissionStatus.FINISHED


def _boards(sight: Sight) -> tuple[BoardPlace, ...]:
    row = sight.row
    competition_id = row.phase.competition_id
    seen = frozenset({competition_id}) if sight.standing.may(Action.SEE_HIDDEN_BOARD) else frozenset()
    boards = offered_boards([competition_id], seen)[competition_id]
    standing = places_of([row.pk], boards, seen)[row.pk]
    return tuple(
        _place(sight, board, on_board=board.id in standing, tells=board.tells or bool(seen)) for board in boards
    )


def _place(sight: Sight, board: OfferedBoard, *, on_board: bool, tells: bool) -> BoardPlace:
    by_hand = board.rule.chosen_by_owner or (sight.staff and not board.rule.automatic)
    scored = sight.row.status == SubmissionStatus.FINISHED
    return BoardPlace(
        id=board.id,
        title=board.title,
        rule=board.rule,
        tells=tells,
        on_board=on_board,
        may_add=by_hand and scored and not on_board,
        may_remove=by_hand and on_board and (sight.staff or board.rule.removable),
    )


def _origin(row: Submission | None) -> Origin | None:
    return None if row is None else Origin(row.pk, row.number, row.phase.name)
