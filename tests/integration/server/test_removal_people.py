"""Erasing a person: nothing that names the person is left in any table, and the history still fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import NOON, Flow, assert_all_chains_fit, kinds
from typer.testing import CliRunner

from podium.cli.main import app
from podium.rules.board.marks import Mark
from podium.rules.errors import Conflict, NotFound
from podium.server.accounts.models import User
from podium.server.accounts.people import Person, person_of
from podium.server.accounts.services import create_api_token
from podium.server.competitions.models import Competition, WhitelistedAddress
from podium.server.competitions.services import add_collaborator
from podium.server.files.models import DataSet
from podium.server.history.models import EventText
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.leaderboards.queries import contract_json
from podium.server.leaderboards.services.marks import mark_entry, unmark_entry
from podium.server.modelboards.models import Dataset, Result
from podium.server.removal.people import erase
from podium.server.submissions.models import Attempt, Submission
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.score_editing import edit_scores

# In no other text of the site.
SIGNS = ("zebulon", "Quagmire")


def cells_with_signs() -> list[tuple[str, str]]:
    """(table, value) of every value of every table that holds one of the signs."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [
                    (table, str(cell)) for cell in row if any(sign.lower() in str(cell).lower() for sign in SIGNS)
                ]
    return found


@pytest.fixture
def zebulon(flow: Flow) -> Person:
    """The flow's participant under a name that nothing else has, who has left traces wherever a person can."""
    User.objects.filter(pk=flow.anna.id).update(
        username="zebulon", email="zebulon@quagmire.example", display_name="Zebulon Quagmire"
    )
    user = User.objects.get(pk=flow.anna.id)
    person = person_of(user)
    assert person is not None
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    WhitelistedAddress.objects.create(competition_id=flow.competition_id, address=user.email)
    Competition.objects.filter(pk=flow.competition_id).update(contact_email=user.email)
    create_api_token(person, "zebulon's laptop")
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0, "zebulon": 1.0})
    add_to_board(person, sent)
    Submission.objects.filter(pk=sent).update(
        description="By Zebulon", fact_sheet_answers={"who": "Quagmire"}, status_details="zebulon.zip is odd."
    )
    Attempt.objects.update(reason="In zebulon.zip")
    Entry.objects.update(fact_sheet_answers={"who": "Quagmire"})
    DataSet.objects.filter(owner=user).update(name="zebulon.zip", file_name="zebulon.zip", description="Quagmire's")
    edit_scores(flow.otto, sent, {"seconds": 3.0}, "Zebulon asked for it.")
    main = Leaderboard.objects.get(competition_id=flow.competition_id).pk
    mark_entry(flow.otto, main, sent, Mark.HIDDEN, "Zebulon Quagmire has two accounts.")
    unmark_entry(flow.otto, main, sent)
    mark_entry(flow.otto, main, sent, Mark.BASELINE, "Quagmire again.")
    add_collaborator(flow.otto, flow.competition_id, person.id)
    Client().force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return person


def test_no_table_names_the_person_and_the_history_fits(flow: Flow, zebulon: Person) -> None:
    assert len({table for table, _ in cells_with_signs()}) > 8
    before = contract_json(flow.phase_id, None)["submissions"]
    texts = EventText.objects.count()
    name = erase(zebulon, zebulon.id)
    assert cells_with_signs() == []
    assert (EventText.objects.count(), Session.objects.count()) == (texts - 3, 0)
    assert_all_chains_fit()
    assert kinds(flow.competition_id)[-1] == "collaborator-removed"
    assert name == f"Deleted participant {zebulon.id}"
    after = contract_json(flow.phase_id, None)["submissions"]
    assert [row["owner"] for row in after] == [f"deleted participant {zebulon.id}"] * len(before)
    assert [row["scores"] for row in after] == [row["scores"] for row in before]


def test_who_sent_results_of_models_is_forgotten_whoever_wrote_it(flow: Flow, zebulon: Person) -> None:
    user = User.objects.get(pk=zebulon.id)
    dataset = Dataset.objects.create(name="Sheep", slug="sheep", task_type="other", created_at=NOON, changed_at=NOON)
    other = Dataset.objects.create(name="Cows", slug="cows", task_type="other", created_at=NOON, changed_at=NOON)
    said = {
        "own": (user, "Z. of the lab"),
        "by name": (None, "ZEBULON"),
        "by address": (None, "Zeb <zebulon@quagmire.example>"),
        "by full name": (None, "Zebulon Quagmire"),
        "another": (None, "Zeb"),
    }
    for model, (submitter, text) in said.items():
        Result.objects.create(
            dataset=other if model == "another" else dataset,
            model=model,
            revision=1,
            score=0.5,
            badge="declared",
            submitter=submitter,
            submitted_by=text,
            created_at=NOON,
        )
    erase(None, zebulon.id)
    assert cells_with_signs() == []
    assert dict(Result.objects.values_list("model", "submitted_by")) == dict.fromkeys(said, "") | {"another": "Zeb"}
    assert (Result.objects.count(), Result.objects.get(model="own").score) == (5, 0.5)
    # What was kept of the board says the names no more.
    assert [Dataset.objects.get(pk=each.pk).version - each.version for each in (dataset, other)] == [1, 0]


def test_who_is_erased_cannot_come_in_and_cannot_be_erased_again(flow: Flow, zebulon: Person) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=zebulon.id), backend="django.contrib.auth.backends.ModelBackend")
    erase(None, zebulon.id)
    assert client.get("/my-work/").status_code == 302
    assert not User.objects.get(pk=zebulon.id).has_usable_password()
    with pytest.raises(NotFound):
        erase(None, zebulon.id)
    with pytest.raises(NotFound):
        erase(None, 10**6)
    # The name is free for somebody else.
    make_person("zebulon")


def test_who_runs_competitions_or_the_site_is_not_erased_by_mistake(flow: Flow, data_folder: Path) -> None:
    with pytest.raises(Conflict, match="Count the sheep"):
        erase(flow.otto, flow.otto.id)
    root = make_person("root", is_admin=True)
    with pytest.raises(Conflict, match="only administrator"):
        erase(root, root.id)
    (data_folder / "podium.sqlite3").touch()
    done = CliRunner().invoke(app, ["user", "erase", "otto", "--yes", "--data", str(data_folder)])
    assert (done.exit_code, f"Deleted participant {flow.otto.id}." in done.stdout) == (0, True)
    missing = CliRunner().invoke(app, ["user", "erase", "otto", "--yes", "--data", str(data_folder)])
    assert missing.exit_code == 1


def test_the_account_page_deletes_the_account_whose_name_was_typed(flow: Flow, zebulon: Person) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=zebulon.id), backend="django.contrib.auth.backends.ModelBackend")
    assert "zebulon@quagmire.example" in client.get("/my-work/account/").text
    refused = client.post("/my-work/account/", {"name": "anna"})
    assert (refused.status_code, "not the name of your account" in refused.text) == (400, True)
    assert User.objects.filter(username="zebulon").exists()
    home = client.post("/my-work/account/", {"name": "Zebulon"}, follow=True)
    assert f"Deleted participant {zebulon.id}" in home.text
    assert cells_with_signs() == []
    assert client.get("/my-work/account/").status_code == 302


def test_a_banned_account_does_nothing_until_it_may_again(flow: Flow, data_folder: Path) -> None:
    (data_folder / "podium.sqlite3").touch()

    def run(*words: str) -> str:
        return CliRunner().invoke(app, ["user", "ban", *words, "--data", str(data_folder)]).output

    token = create_api_token(flow.anna, "laptop")
    mine = {"headers": {"Authorization": f"Token {token}"}}
    assert Client().get("/api/my_profile/", **mine).status_code == 200
    assert run("anna") == "anna is banned.\n"
    assert run("anna") == "anna is banned; nothing changed.\n"
    assert Client().get("/api/my_profile/", **mine).status_code in {401, 403}
    assert run("anna", "--lift") == "anna may act again.\n"
    assert Client().get("/api/my_profile/", **mine).status_code == 200
    assert_all_chains_fit()
