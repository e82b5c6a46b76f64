"""The small things that several pages are made of, ready for templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString

Text = str | SafeString
Kind = Literal["good", "bad", "busy", "idle"]


@dataclass(frozen=True)
class Fact:
    """A name and what it is, one line of a list of facts."""

    name: str
    value: Text


@dataclass(frozen=True)
class Do:
    """Something the person can do: a link, or a form of one button where it changes anything.

    `kind` is empty for the one primary button, else plain or danger; `name` and `value` are sent with the form.
    """

    label: str
    url: str
    post: bool = False
    kind: str = ""
    name: str = ""
    value: str = ""


@dataclass(frozen=True)
class Place:
    """A link to another view of the same thing: a tab, a phase, a page."""

    label: str
    url: str
    current: bool = False
    count: str = ""
