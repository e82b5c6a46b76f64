"""Which submissions a person may see, and how much of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import Standing, standing_of, standings_of
from podium.server.files.models import Blob
from podium.server.leaderboards.queries import columns_of_competition, columns_of_competitions
from podium.server.submissions.models import RunFile, Submission
from podium.server.submissions.queries.reasons import output_is_hidden

DETAILED_RESULTS = "detailed_results"
"""The kind of file that scoring writes as a page about a submission."""
SCORING_RESULT = "scoring_result"
"""The kind of file that holds everything that a scoring program wrote."""


@dataclass(frozen=True)
class Sight:
    """A submission's row, the person's standing in its competition, and whether it is the person's own."""

    row: Submission
    standing: Standing
    own: bool

    @property
    def staff(self) -> bool:
        """Whether the person sees it as one who runs the competition."""
        return self.standing.may(Action.SEE_ANY_SUBMISSION)

    @property
    def hidden_keys(self) -> frozenset[str]:
        """The keys of the columns whose scores are not for the person."""
        columns = columns_of_competition(self.row.phase.competition_id)
        return columns.keys.difference(columns.shown(sees_hidden=self.standing.may(Action.SEE_HIDDEN_BOARD)))

    def may_see_output(self, step: str) -> bool:
        """Whether logs and results of a step are open to the person."""
        return self.sees_output or not output_is_hidden(self.row.phase, step)

    def may_see_file(self, step: str, kind: str) -> bool:
        """Whether one of the logs and results of a step is open to the person."""
        competition = self.row.phase.competition
        shown = kind != DETAILED_RESULTS or competition.show_detailed_results_in_submission_panel
        return self.sees_output or (shown and self.may_see_output(step))

    def blob_of(self, file: RunFile) -> Blob | None:
        """What a log or result, which is open to the person, holds for the person; None where that is nothing."""
        if file.kind == SCORING_RESULT and not self.sees_output:
            return file.shared
        return file.noted or file.ticket.blob

    @property
    def sees_output(self) -> bool:
        """Whether no output is kept from the person."""
        return self.standing.may(Action.SEE_HIDDEN_OUTPUT)


def submission_for(person: Person | None, submission_id: int) -> Sight:
    """A submission that is not deleted, as the person may see it.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: there is none, or it is somebody else's; the two are not told apart.
    """
    if person is None:
        raise NotAllowed("sign-in-required", "Submissions are not public.", "Sign in.", sign_in=True)
    row = (
        Submission.objects.select_related(
            "phase__competition", "owner", "data", "task", "parent", "migrated_from__phase"
        )
        .filter(pk=submission_id, is_deleted=False)
        .first()
    )
    if row is None:
        raise _not_found()
    standing = standing_of(person, row.phase.competition_id)
    own = row.owner_id == person.id
    if not standing.may(Action.SEE_ANY_SUBMISSION) and not (own and standing.may(Action.SEE_OWN_SUBMISSION)):
        raise _not_found()
    return Sight(row, standing, own)


def hidden_columns(person: Person | None, competition_ids: Iterable[int]) -> Mapping[int, frozenset[str]]:
    """The keys of the columns whose scores the person may not see, by competition."""
    standings = standings_of(person, set(competition_ids))
    kept_from = [pk for pk, standing in standings.items() if not standing.may(Action.SEE_HIDDEN_BOARD)]
    found = columns_of_competitions(kept_from).items()
    return {pk: columns.keys.difference(columns.shown(sees_hidden=False)) for pk, columns in found}


def outputs_seen(person: Person | None, competition_ids: Iterable[int]) -> frozenset[int]:
    """Those of the competitions in which no output is kept from the person."""
    standings = standings_of(person, set(competition_ids))
    return frozenset(pk for pk, standing in standings.items() if standing.may(Action.SEE_HIDDEN_OUTPUT))


def _not_found() -> NotFound:
    return NotFound("submission-not-found", "There is no such submission.", "Check the address; it may be deleted.")


def boards_seen(person: Person | None, competition_ids: Iterable[int]) -> frozenset[int]:
    """Those of the competitions of which the person sees hidden boards."""
    standings = standings_of(person, set(competition_ids))
    return frozenset(pk for pk, standing in standings.items() if standing.may(Action.SEE_HIDDEN_BOARD))
