"""The address of a model's page. Names hold slashes, spaces and letters of every script."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode

_NOT_A_PATH = {"", ".", ".."}


def model_url(name: str) -> str:
    """The address of the page of the model of this name.

    It is part of the path, except where browsers and proxies would make another path of it: `..`, or two slashes.
    """
    if _NOT_A_PATH.isdisjoint(name.split("/")):
        return reverse("model_page", args=[name])
    return f"{reverse('model_search')}?{urlencode({'name': name})}"
