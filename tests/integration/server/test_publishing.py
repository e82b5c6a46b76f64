"""Leaderboards of competitions as model boards: what a visitor sees becomes results, and follows what happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from tests.integration.server.competition_material import make_competition, make_person
from tests.integration.server.flow import Flow, assert_all_chains_fit, kinds

from podium.rules.board.marks import Mark
from podium.rules.errors import Conflict, NotAllowed, NotFound, UserError
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.competitions.services import register
from podium.server.leaderboards.models import Column, Leaderboard
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.modelboards.models import Badge, Dataset, Result
from podium.server.modelboards.services import DatasetWishes, add_dataset
from podium.server.publishing.models import Publication
from podium.server.publishing.queries import publications_of, publishable
from podium.server.publishing.services import PublicationWishes, publish, refresh_publications, unpublish
from podium.server.removal.people import erase
from podium.server.submissions.services.board import add_to_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea(flow: Flow) -> Person:
    person = make_person("bea")
    register(person, flow.competition_id, accepts_terms=True)
    return person


def wishes(flow: Flow, **changes: object) -> PublicationWishes:
    board = Leaderboard.objects.get(competition_id=flow.competition_id)
    wanted = PublicationWishes(flow.phase_id, board.pk, "accuracy", "Sheep", "text_classification")
    return replace(wanted, **changes)  # type: ignore[arg-type]


def scored(flow: Flow, accuracy: float, seconds: float = 3.0, *, by: Person | None = None) -> int:
    """A submission that its owner put on the leaderboard."""
    made = flow.scored({"accuracy": accuracy, "seconds": seconds}, by=by)
    add_to_board(by or flow.anna, made)
    return made


def shown() -> list[tuple[str, float | None]]:
    found = Result.objects.filter(superseded_at=None).order_by("-score")
    return list(found.values_list("model", "score"))


def test_ranked_entries_are_results_with_the_badge_of_a_run_here(flow: Flow, bea: Person) -> None:
    first = scored(flow, 0.5, 3.0)
    scored(flow, 0.75, 9.0, by=bea)
    publish(flow.otto, flow.competition_id, wishes(flow))
    assert refresh_publications() == 1
    assert shown() == [("bea", 0.75), ("anna", 0.5)]
    dataset = Dataset.objects.get()
    assert (dataset.name, dataset.metric, dataset.lower_is_better) == ("Sheep", "Accuracy", False)
    assert [entry[1] for entry in dataset.top] == ["bea", "anna"]
    result = Result.objects.get(model="anna")
    assert (result.badge, result.detailed_scores, result.submitter) == (Badge.RERUN, {"seconds": 3.0}, None)
    assert result.source.endswith(f"/competitions/{flow.competition_id}/")
    assert (result.extra["submission"], result.extra["phase"]) == (first, "Practice")
    assert result.ci_low is None
    assert "board-published" in kinds(flow.competition_id)
    assert_all_chains_fit()


def test_nothing_is_done_where_nothing_changed_and_one_round_does_for_many_changes(flow: Flow, bea: Person) -> None:
    scored(flow, 0.5, 3.0)
    publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()
    version = Dataset.objects.get().version
    assert refresh_publications() == 0
    for accuracy in (0.6, 0.7, 0.8):
        scored(flow, accuracy, 1.0, by=bea)
    assert refresh_publications() == 1
    assert Dataset.objects.get().version == version + 1
    assert refresh_publications() == 0
    assert dict(shown())["bea"] in (0.6, 0.7, 0.8)


def test_what_everybody_may_not_see_is_never_published(flow: Flow) -> None:
    scored(flow, 0.5, 3.0)
    Column.objects.filter(key="seconds").update(hidden=True)
    with pytest.raises(Conflict, match="must see the column"):
        publish(flow.otto, flow.competition_id, wishes(flow, column_key="seconds"))
    assert [each.key for each in publishable(flow.otto, flow.competition_id)] == ["accuracy", "accuracy"]
    publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()
    assert Result.objects.get().detailed_scores == {}
    Leaderboard.objects.update(hidden=True)
    with pytest.raises(Conflict, match="everybody sees"):
        publish(flow.otto, flow.competition_id, wishes(flow, dataset="Other"))
    assert publishable(flow.otto, flow.competition_id) == []


@pytest.mark.parametrize("hide", ["board", "column", "competition"])
def test_what_is_hidden_later_is_withdrawn_and_comes_back(flow: Flow, hide: str) -> None:
    scored(flow, 0.5, 3.0)
    publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()

    def let(*, hidden: bool) -> None:
        if hide == "board":
            Leaderboard.objects.update(hidden=hidden)
        elif hide == "column":
            Column.objects.filter(key="accuracy").update(hidden=hidden)
        else:
            Competition.objects.update(published=not hidden)

    let(hidden=True)
    assert refresh_publications() == 1
    assert shown() == []
    assert "nothing of it is published" in Publication.objects.get().note
    assert Dataset.objects.get().model_count == 0
    let(hidden=False)
    assert refresh_publications() == 1
    assert shown() == [("anna", 0.5)]
    assert Result.objects.get(superseded_at=None).revision == 2
    assert_all_chains_fit()


def test_an_entry_that_is_hidden_or_a_baseline_is_no_result(flow: Flow, bea: Person) -> None:
    first = scored(flow, 0.5, 3.0)
    scored(flow, 0.25, 3.0, by=bea)
    publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()
    board = Leaderboard.objects.get(competition_id=flow.competition_id)
    mark_entry(flow.otto, board.pk, first, Mark.HIDDEN, "A test.")
    refresh_publications()
    assert shown() == [("bea", 0.25)]


def test_ending_a_publication_takes_its_results_away_and_only_those(flow: Flow) -> None:
    scored(flow, 0.5, 3.0)
    made = publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()
    other = Dataset.objects.get()
    Result.objects.create(
        dataset=other, model="Somebody's", revision=1, score=0.9, badge=Badge.DECLARED, created_at=other.created_at
    )
    unpublish(flow.otto, flow.competition_id, made)
    assert shown() == [("Somebody's", 0.9)]
    assert refresh_publications() == 0
    assert kinds(flow.competition_id)[-1] == "board-unpublished"
    with pytest.raises(NotFound):
        unpublish(flow.otto, flow.competition_id, made)


def test_a_name_that_somebody_took_stays_theirs_and_is_told(flow: Flow) -> None:
    scored(flow, 0.5, 3.0)
    publish(flow.otto, flow.competition_id, wishes(flow))
    dataset = Dataset.objects.get()
    Result.objects.create(
        dataset=dataset, model="anna", revision=1, score=0.9, badge=Badge.DECLARED, created_at=dataset.created_at
    )
    refresh_publications()
    assert shown() == [("anna", 0.9)]
    assert "under these names: anna" in publications_of(flow.otto, flow.competition_id)[0].note


def test_two_people_of_one_name_are_two_models(flow: Flow, bea: Person) -> None:
    User.objects.filter(username__in=["anna", "bea"]).update(display_name="Sheep lover")
    scored(flow, 0.5, 3.0)
    scored(flow, 0.75, 3.0, by=bea)
    publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()
    assert shown() == [("Sheep lover (bea)", 0.75), ("Sheep lover (anna)", 0.5)]


def test_who_may_publish_and_what(flow: Flow) -> None:
    with pytest.raises(NotAllowed):
        publish(flow.anna, flow.competition_id, wishes(flow))
    with pytest.raises(NotAllowed):
        publications_of(flow.anna, flow.competition_id)
    mia = make_person("mia")
    add_dataset(mia, DatasetWishes("Mia's", "line_qa"))
    with pytest.raises(NotAllowed, match="belongs to somebody else"):
        publish(flow.otto, flow.competition_id, wishes(flow, dataset="Mia's"))
    with pytest.raises(UserError, match="chess"):
        publish(flow.otto, flow.competition_id, wishes(flow, task_type="chess"))
    with pytest.raises(UserError, match="name of the dataset"):
        publish(flow.otto, flow.competition_id, wishes(flow, dataset="\u202e"))
    with pytest.raises(Conflict):
        publish(flow.otto, flow.competition_id, wishes(flow, leaderboard_id=10**9))
    publish(flow.otto, flow.competition_id, wishes(flow))
    with pytest.raises(Conflict, match="published to Sheep"):
        publish(flow.otto, flow.competition_id, wishes(flow, dataset="Sheep again"))
    with pytest.raises(Conflict, match="Another leaderboard is published to Sheep"):
        publish(flow.otto, flow.competition_id, wishes(flow, column_key="seconds"))
    assert Publication.objects.count() == 1


def test_a_phase_of_another_competition_cannot_be_published_by_this_one(flow: Flow, tmp_path: Path) -> None:
    other = make_competition(flow.otto, tmp_path)
    with pytest.raises(NotFound, match="no such leaderboard"):
        publish(flow.otto, other, wishes(flow))


def test_who_is_erased_is_on_no_model_board_by_name(flow: Flow) -> None:
    scored(flow, 0.5, 3.0)
    publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()
    name = erase(None, flow.anna.id)
    refresh_publications()
    assert shown() == [(name, 0.5)]
    assert not Result.objects.filter(model="anna").exists()
    assert "anna" not in str(list(Dataset.objects.values_list("top", flat=True)))


def test_a_leaderboard_that_is_deleted_takes_its_results_along(flow: Flow) -> None:
    scored(flow, 0.5, 3.0)
    publish(flow.otto, flow.competition_id, wishes(flow))
    refresh_publications()
    Leaderboard.objects.all().delete()
    assert refresh_publications() == 1
    assert shown() == []
    assert not Publication.objects.exists()
    assert Dataset.objects.filter(name="Sheep").exists()


def test_organizers_publish_and_end_by_page(flow: Flow, client: Client) -> None:
    scored(flow, 0.5)
    client.force_login(User.objects.get(pk=flow.otto.id))
    page = f"/competitions/{flow.competition_id}/publications/"
    (column, *_) = publishable(flow.otto, flow.competition_id)
    wanted = {"column": column.name, "dataset": "<Sheep> & more", "task_type": "text_classification"}
    assert client.post(page, {**wanted, "dataset": ""}).status_code == 400
    assert client.post(page, {**wanted, "column": "x"}).status_code == 400
    assert client.post(page, wanted).status_code == 302
    refresh_publications()
    told = client.get(page).content.decode()
    assert "&lt;Sheep&gt; &amp; more" in told
    assert shown() == [("anna", 0.5)]
    assert client.post(page, {"end": Publication.objects.get().pk}).status_code == 302
    assert shown() == []


def test_programs_publish_look_and_end(flow: Flow, client: Client) -> None:
    scored(flow, 0.5)
    client.force_login(User.objects.get(pk=flow.otto.id))
    address = f"/api/v1/competitions/{flow.competition_id}/publications/"
    wish = wishes(flow)
    body = {
        "phase": wish.phase_id,
        "leaderboard": wish.leaderboard_id,
        "column": "accuracy",
        "dataset": "Sheep",
        "task_type": "text_classification",
    }
    made = client.post(address, body, content_type="application/json")
    assert made.status_code == 201
    assert client.post(address, body, content_type="application/json").status_code == 409
    refresh_publications()
    (told,) = client.get(address).json()["publications"]
    assert (told["dataset"], told["models"], told["note"]) == ("Sheep", 1, "")
    assert client.delete(f"{address}{made.json()['id']}/").status_code == 204
    assert client.get(address).json() == {"publications": []}
