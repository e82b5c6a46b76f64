"""A person's account: what is known of it, its end, and its API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from podium.rules.errors import Conflict
from podium.server.accounts.queries import api_tokens, profile
from podium.server.accounts.services import create_api_token, revoke_api_token
from podium.server.pages import wording
from podium.server.pages.forms import DeleteAccountForm, TokenForm
from podium.server.pages.people import signed_in
from podium.server.removal.people import erase


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What the site knows of a person, and the form that deletes the account."""
    person = signed_in(request)
    known = profile(person)
    form = DeleteAccountForm(request.POST if request.method == "POST" else None, username=known.username)
    if request.method == "POST" and form.is_valid():
        name = erase(person, person.id)
        logout(request)
        messages.success(request, f"Your account is deleted. Boards call you {name} now.")
        return redirect("home")
    context = {"tab": "account", "known": known, "form": form}
    return render(request, "podium/work/account.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list of tokens, and a new one, which is shown this once."""
    person = signed_in(request)
    form = TokenForm(request.POST if request.method == "POST" else None)
    made = None
    if request.method == "POST" and form.is_valid():
        label = form.cleaned_data["label"].strip()
        if any(row.label == label for row in api_tokens(person)):
            raise Conflict("token-exists", f"You have a token “{label}”.", "Choose another name, or revoke that one.")
        made = {"label": label, "token": create_api_token(person, label)}
        form = TokenForm()
    rows = [
        {
            "label": row.label,
            "made": wording.ago(row.created_at),
            "used": wording.ago(row.last_used_at) if row.last_used_at else "never used",
            "url": reverse("revoke_token", args=[row.id]),
        }
        for row in api_tokens(person)
    ]
    context = {"tab": "tokens", "rows": rows, "form": form, "made": made}
    return render(request, "podium/work/tokens.html", context, status=400 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a token worthless."""
    revoke_api_token(signed_in(request), pk)
    messages.success(request, "The token is revoked.")
    return redirect("tokens")
