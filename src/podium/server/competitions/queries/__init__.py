"""Reading competitions: what a person is to them, lists, one in full, its participants, what a run needs."""

from podium.server.competitions.queries.detail import Collaborator, CompetitionDetail, PageText, competition_detail
from podium.server.competitions.queries.files import OfferedFile, offered_files
from podium.server.competitions.queries.heading import CompetitionHeading, competition_heading
from podium.server.competitions.queries.listing import (
    CompetitionRow,
    Involvement,
    competitions_visible_to,
    count_visible_to,
    submission_counts,
    titles_in_queue,
)
from podium.server.competitions.queries.logos import logo_of
from podium.server.competitions.queries.people import ParticipantRow, participants
from podium.server.competitions.queries.phases import NamedFile, PhaseDetail, SolutionRow, TaskDetail, phase_detail
from podium.server.competitions.queries.running import TaskInputs, task_inputs
from podium.server.competitions.queries.standing import (
    Standing,
    competition_not_found,
    roles_of,
    standing_of,
    standings_of,
)
from podium.server.competitions.queries.timing import PhaseWindow

__all__ = [
    "Collaborator",
    "CompetitionDetail",
    "CompetitionHeading",
    "CompetitionRow",
    "Involvement",
    "NamedFile",
    "OfferedFile",
    "PageText",
    "ParticipantRow",
    "PhaseDetail",
    "PhaseWindow",
    "SolutionRow",
    "Standing",
    "TaskDetail",
    "TaskInputs",
    "competition_detail",
    "competition_heading",
    "competition_not_found",
    "competitions_visible_to",
    "count_visible_to",
    "logo_of",
    "offered_files",
    "participants",
    "phase_detail",
    "roles_of",
    "standing_of",
    "standings_of",
    "submission_counts",
    "task_inputs",
    "titles_in_queue",
]
