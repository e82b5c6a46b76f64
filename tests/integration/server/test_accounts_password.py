"""An administrator sets a new password for somebody who forgot theirs."""

from __future__ import annotations

import pytest
from django.test import Client

from podium.rules.errors import UserError
from podium.server.accounts.queries import user_of_password
from podium.server.accounts.services import create_user, set_password
from podium.server.history.models import Event

pytestmark = pytest.mark.django_db

OLD = "a horse and a staple"
NEW = "a goose and a ladder"


def test_the_new_password_counts_and_the_old_one_no_more() -> None:
    anna = create_user("anna", "anna@example.org", OLD)
    set_password(anna, NEW)
    assert user_of_password("anna", NEW) is not None
    assert user_of_password("anna", OLD) is None
    assert Event.objects.latest("seq").kind == "user-changed"


def test_whoever_was_signed_in_is_signed_out(client: Client) -> None:
    anna = create_user("anna", "anna@example.org", OLD)
    client.post("/accounts/login/", {"login": "anna", "password": OLD})
    assert client.get("/my-work/").status_code == 200
    set_password(anna, NEW)
    assert client.get("/my-work/").status_code == 302


def test_a_weak_password_is_refused_and_the_old_one_stays() -> None:
    anna = create_user("anna", "anna@example.org", OLD)
    with pytest.raises(UserError, match="too short"):
        set_password(anna, "abc")
    assert user_of_password("anna", OLD) is not None
