"""Whether a person may fetch a data set because of a competition that uses it."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db.models import Q

from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.competitions.queries.detail import CompetitionDetail, competition_detail
from podium.server.competitions.queries.files import offered_files
from podium.server.competitions.queries.standing import standings_of
from podium.server.files.models import DataSet

_USES = (
    "bundle",
    "phases__starting_kit",
    "phases__public_data",
    "phases__tasks__scoring_program",
    "phases__tasks__ingestion_program",
    "phases__tasks__input_data",
    "phases__tasks__reference_data",
)


def may_fetch_for_a_competition(person: Person | None, data_set: DataSet) -> bool:
    """Whether one of the competitions that use the data set offers it to the person.

    Samples of solutions are the business of those who run the competition.
    """
    solved = Competition.objects.filter(phases__tasks__solutions__data=data_set).values_list("pk", flat=True)
    if any(each.may(Action.SEE_PROGRAMS) for each in standings_of(person, set(solved)).values()):
        return True
    for competition_id in _competitions_using(data_set):
        with suppress(NotFound):
            if data_set.key in _offered(competition_detail(person, competition_id)):
                return True
    return False


def _competitions_using(data_set: DataSet) -> list[int]:
    used = Q()
    for path in _USES:
        used |= Q(**{path: data_set.pk})
    return list(Competition.objects.filter(used).order_by("pk").distinct().values_list("pk", flat=True))


def _offered(detail: CompetitionDetail) -> set[UUID]:
    own = {detail.bundle.key} if detail.bundle is not None else set()
    return own | {offered.named.key for offered in offered_files(detail)}
