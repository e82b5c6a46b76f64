"""Accounts that come into being by the page: each once, each with its event, nobody under the name of another."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import assert_all_chains_fit

from podium.rules.history import EventKind
from podium.server.accounts.forms import SignupForm
from podium.server.accounts.models import User
from podium.server.history.models import Event

pytestmark = pytest.mark.django_db
FORM = {"username": "anna", "email": "anna@example.org", "password1": "seeds-and-weeds-42"}
FORM["password2"] = FORM["password1"]


def test_signing_up_is_an_event_without_the_name(client: Client) -> None:
    assert client.post("/accounts/signup/", FORM).status_code == 302
    event = Event.objects.get(kind=EventKind.USER_REGISTERED)
    assert event.actor == str(User.objects.get().opaque_id)
    assert "anna" not in event.payload
    assert_all_chains_fit()


def test_who_loses_the_race_for_a_name_is_told_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    valid = SignupForm.is_valid

    def and_then_somebody_else_takes_the_name(form: SignupForm) -> bool:
        fine = bool(valid(form))
        make_person("anna")
        return fine

    monkeypatch.setattr(SignupForm, "is_valid", and_then_somebody_else_takes_the_name)
    answer = client.post("/accounts/signup/", FORM)
    assert answer.status_code == 409
    assert "There is an account with this name or address by now." in answer.content.decode()
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_address_of_somebody_else_does_not_become_ones_own(client: Client) -> None:
    make_person("anna")
    eve = User.objects.create_user("eve", "eve@example.org", FORM["password1"])
    client.force_login(eve, backend="django.contrib.auth.backends.ModelBackend")
    EmailAddress.objects.create(user=eve, email="anna@example.org")
    answer = client.post("/accounts/email/", {"action_primary": "", "email": "anna@example.org"})
    assert answer.status_code == 409
    assert "Another account has this name or address." in answer.content.decode()
    eve.refresh_from_db()
    assert eve.email == "eve@example.org"
