"""The forms for signing in and up."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms

_NAME = re.compile(r"[a-z0-9_-]{3,30}")


class LoginForm(AllauthLoginForm):
    """Also takes the name from a field called `username`, which clients of the contract send."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        data = kwargs.get("data")
        if data is not None and "login" not in data and "username" in data:
            data = data.copy()
            data["login"] = data["username"]
            kwargs["data"] = data
        super().__init__(*args, **kwargs)


class SignupForm(AllauthSignupForm):
    """Names are what stands on boards and in addresses: short, lower case, without surprises."""

    def clean_username(self) -> str:
        """The name in lower case, checked for form and for being free."""
        name = str(self.cleaned_data["username"]).lower()
        if not _NAME.fullmatch(name):
            message = "Use 3 to 30 lower-case letters, digits, hyphens or underscores."
            raise forms.ValidationError(message)
        return str(super().clean_username())
