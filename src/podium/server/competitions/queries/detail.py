"""One competition, or one phase of it, in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from podium.rules.access import Action, ParticipantStatus
from podium.rules.phases import phase_to_show
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Page
from podium.server.competitions.queries.heading import CompetitionHeading, counted_submissions
from podium.server.competitions.queries.listing import participant_counts
from podium.server.competitions.queries.logos import logo_of
from podium.server.competitions.queries.phases import NamedFile, PhaseDetail, named_file, phases_of
from podium.server.competitions.queries.standing import Standing, competition_not_found, standing_of
from podium.server.files.queries import StoredFile
from podium.server.queues.queries import QueueRow, queue_row


@dataclass(frozen=True)
class PageText:
    """A page as its author wrote it: `format` is md or html, and `content` must be made safe before it is shown."""

    id: int
    index: int
    title: str
    content: str
    format: str


@dataclass(frozen=True)
class Collaborator:
    """Somebody who runs the competition together with its organizer."""

    id: int
    username: str
    name: str


@dataclass(frozen=True)
class CompetitionDetail:
    """A competition as one person may see it. `secret_key` and `bundle` are None for everybody but its staff, and
    `whitelist`, the addresses of those who join without being approved, is empty; `phase` is the phase to show first:
    the open one, else the next, else the last. `submissions` are counted as for its heading."""

    id: int
    title: str
    description: str
    logo: StoredFile | None
    organizer_id: int
    organizer: str
    organizer_username: str
    collaborators: tuple[Collaborator, ...]
    created_at: datetime
    published: bool
    secret_key: UUID | None
    bundle: NamedFile | None
    competition_type: str
    docker_image: str
    queue: QueueRow | None
    terms: str
    terms_format: str
    reward: str
    contact_email: str
    registration_auto_approve: bool
    auto_run_submissions: bool
    can_participants_make_submissions_public: bool
    enable_detailed_results: bool
    show_detailed_results_in_submission_panel: bool
    show_detailed_results_in_leaderboard: bool
    make_programs_available: bool
    make_input_data_available: bool
    forum_enabled: bool
    allow_robot_submissions: bool
    whitelist: tuple[str, ...]
    fact_sheet: tuple[Mapping[str, Any], ...]
    extensions: Mapping[str, Any]
    pages: tuple[PageText, ...]
    phases: tuple[PhaseDetail, ...]
    phase: PhaseDetail | None
    participants: int
    submissions: int
    standing: Standing

    @property
    def heading(self) -> CompetitionHeading:
        """What stands above its pages."""
        return CompetitionHeading(
            id=self.id,
            title=self.title,
            logo=self.logo,
            published=self.published,
            reward=self.reward,
            phases=tuple(phase.window for phase in self.phases),
            phase=None if self.phase is None else self.phase.window,
            participants=self.participants,
            submissions=self.submissions,
            standing=self.standing,
        )

    @property
    def participation(self) -> ParticipantStatus | None:
        """Where the person's wish to take part stands; None where it was never uttered."""
        return self.standing.participation


def competition_detail(
    person: Person | None, competition_id: int, *, secret_key: UUID | None = None
) -> CompetitionDetail:
    """A competition as the person may see it; fifteen queries at most, however large it is.

    Raises:
        NotFound: there is no such competition for this person.
    """
    standing = standing_of(person, competition_id, secret_key=secret_key)
    standing.require(Action.SEE_COMPETITION)
    related = ("created_by", "logo", "bundle", "queue__owner")
    row = Competition.objects.select_related(*related).filter(pk=competition_id).first()
    if row is None:
        raise competition_not_found()
    staff = standing.may(Action.EDIT_COMPETITION)
    phases = phases_of(row, standing)
    shown_first = phase_to_show([phase.window for phase in phases], clock.now())
    return CompetitionDetail(
        id=row.pk,
        title=row.title,
        description=row.description,
        logo=logo_of(row),
        organizer_id=row.created_by_id,
        organizer=row.created_by.shown_name,
        organizer_username=row.created_by.username,
        collaborators=tuple(
            Collaborator(user.pk, user.username, user.shown_name) for user in row.collaborators.order_by("username")
        ),
        created_at=row.created_at,
        published=row.published,
        secret_key=row.secret_key if staff else None,
        bundle=named_file(row.bundle) if staff else None,
        competition_type=row.competition_type,
        docker_image=row.docker_image,
        queue=None if row.queue is None else queue_row(row.queue),
        terms=row.terms,
        terms_format=row.terms_format,
        reward=row.reward,
        contact_email=row.contact_email,
        registration_auto_approve=row.registration_auto_approve,
        auto_run_submissions=row.auto_run_submissions,
        can_participants_make_submissions_public=row.can_participants_make_submissions_public,
        enable_detailed_results=row.enable_detailed_results,
        show_detailed_results_in_submission_panel=row.show_detailed_results_in_submission_panel,
        show_detailed_results_in_leaderboard=row.show_detailed_results_in_leaderboard,
        make_programs_available=row.make_programs_available,
        make_input_data_available=row.make_input_data_available,
        forum_enabled=row.forum_enabled,
        allow_robot_submissions=row.allow_robot_submissions,
        whitelist=tuple(row.whitelist.values_list("address", flat=True)) if staff else (),
        fact_sheet=tuple(row.fact_sheet),
        extensions=row.extensions,
        pages=_pages(competition_id) if standing.may(Action.SEE_PAGES) else (),
        phases=phases,
        phase=next((phase for phase in phases if phase.window == shown_first), None),
        participants=participant_counts([competition_id]).get(competition_id, 0),
        submissions=counted_submissions(standing),
        standing=standing,
    )


def _pages(competition_id: int) -> tuple[PageText, ...]:
    rows = Page.objects.filter(competition_id=competition_id).order_by("index")
    return tuple(PageText(row.pk, row.index, row.title, row.content, row.format) for row in rows)
