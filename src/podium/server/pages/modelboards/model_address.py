"""The address of a model's page. Names hold slashes, spaces and letters of every script."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from django.urls import reverse
from django.utils.http import RFC3986_SUBDELIMS, urlencode

_NOT_A_PATH = {"", ".", ".."}


def model_url(name: str) -> str:
    """The address of the page of the model of this name.

    It is part of the path, except where browsers and proxies would make another path of it: `..`, or two slashes.
    """
    if _NOT_A_PATH.isdisjoint(name.split("/")):
        return _before() + quote(name, safe=RFC3986_SUBDELIMS + "/~:@")
    return f"{reverse('model_search')}?{urlencode({'name': name})}"


@cache
def _before() -> str:
    """What stands before the name. To ask Django for each of two hundred takes as long as half of a board."""
    return reverse("model_page", args=["x"]).removesuffix("x")
