"""What stands above every page of a competition: its name, its state, what the person can do next, and the tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from podium.rules.access import Action, Role
from podium.server.accounts.people import Person
from podium.server.competitions.queries import (
    CompetitionDetail,
    CompetitionHeading,
    CompetitionRow,
    competition_detail,
    competition_heading,
)
from podium.server.pages import wording
from podium.server.pages.parts import Do, Place
from podium.server.pages.people import acting
from podium.server.pages.phases import state_line


@dataclass(frozen=True)
class Head:
    """The top of a competition's page. `note` says what keeps the person from something; empty where nothing does.
    `feed_url` is the address of its public changes; empty where only its organizers see the competition."""

    title: str
    logo_url: str
    state: SafeString
    actions: tuple[Do, ...]
    tabs: tuple[Place, ...]
    note: str = ""
    note_more: str = ""
    note_kind: str = "warn"
    feed_url: str = ""


def opened(request: HttpRequest, pk: int, tab: str) -> tuple[CompetitionDetail, dict[str, Any]]:
    """A competition as the person sees it, and the template context with its head.

    Raises:
        NotFound: there is no such competition for this person.
    """
    shown = competition_detail(acting(request), pk)
    return shown, {"head": head_of(shown.heading, acting(request), tab), "competition": shown}


def headed(request: HttpRequest, pk: int, tab: str) -> tuple[CompetitionHeading, dict[str, Any]]:
    """The same for a page that needs no more of the competition than its heading.

    Raises:
        NotFound: there is no such competition for this person.
    """
    shown = competition_heading(acting(request), pk)
    return shown, {"head": head_of(shown, acting(request), tab)}


def logo_url(shown: CompetitionHeading | CompetitionRow) -> str:
    """The logo's address, which changes with the logo, so that browsers may keep what they have."""
    if shown.logo is None:
        return ""
    return f"{reverse('competition_logo', args=[shown.id])}?v={shown.logo.sha256[:12]}"


def head_of(shown: CompetitionHeading, person: Person | None, tab: str) -> Head:
    """The head of a competition's page; `tab` is the name of the open tab."""
    note, more, kind = _note(shown)
    state = state_line(shown.phase)
    people = wording.counted(shown.participants, "participant")
    reward = format_html(" · {}", shown.reward) if shown.reward else ""
    return Head(
        title=shown.title,
        logo_url=logo_url(shown),
        state=format_html("{} · {}{}", state, people, reward),
        actions=tuple(_actions(shown, person, tab)),
        tabs=tuple(_tabs(shown, tab)),
        note=note,
        note_more=more,
        note_kind=kind,
        feed_url=reverse("changes_feed", args=[shown.id]) if shown.published else "",
    )


def _note(shown: CompetitionHeading) -> tuple[str, str, str]:
    roles = shown.standing.roles
    if not shown.published and shown.standing.may(Action.PUBLISH_COMPETITION):
        return "Not published.", "Only its organizers see this competition.", "warn"
    if Role.PENDING in roles:
        return "Waiting for the organizer.", "You can submit as soon as your participation is approved.", "warn"
    if Role.DENIED in roles:
        return "The organizer has denied your participation.", "Ask the organizer for the reason.", "bad"
    return "", "", ""


def _actions(shown: CompetitionHeading, person: Person | None, tab: str) -> list[Do]:
    may = shown.standing.may
    page = reverse("competition", args=[shown.id])
    actions: list[Do] = []
    if may(Action.PUBLISH_COMPETITION):
        publish = reverse("publish_competition", args=[shown.id])
        actions.append(
            Do("Unpublish", publish, post=True, kind="plain", name="published", value="no")
            if shown.published
            else Do("Publish", publish, post=True, name="published", value="yes")
        )
    if may(Action.EDIT_COMPETITION) and tab != "update":
        actions.append(Do("Update", reverse("update_competition", args=[shown.id]), kind="plain"))
    if may(Action.EXPORT_COMPETITION):
        actions.append(Do("Export", reverse("export_competition", args=[shown.id]), post=True, kind="plain"))
    if person is None:
        join = reverse("join_competition", args=[shown.id])
        return [Do("Sign in to take part", f"{reverse('account_login')}?{urlencode({'next': join or page})}")]
    primary = "" if shown.published else "plain"
    if may(Action.SUBMIT):
        if tab != "submit" and any(phase.is_open for phase in shown.phases):
            actions.append(Do("Submit", reverse("submit", args=[shown.id]), kind=primary))
    elif may(Action.REGISTER) and tab != "join":
        actions.append(Do("Join", reverse("join_competition", args=[shown.id]), kind=primary))
    return actions


def _tabs(shown: CompetitionHeading, tab: str) -> list[Place]:
    may = shown.standing.may
    names = [("overview", "Overview", "competition", ""), ("phases", "Phases", "competition_phases", "")]
    if may(Action.SEE_FILES):
        names.append(("files", "Files", "competition_files", ""))
    if may(Action.SUBMIT):
        names.append(("submit", "Submit / View results", "submit", ""))
        names.append(("submissions", "My submissions", "my_submissions", ""))
    names.append(("results", "Results", "results", ""))
    if may(Action.SEE_PARTICIPANTS):
        names.append(("participants", "Participants", "participants", f"{shown.participants:,}"))
    if may(Action.SEE_ANY_SUBMISSION):
        names.append(("all-submissions", "All submissions", "all_submissions", f"{shown.submissions:,}"))
    if may(Action.SEE_HISTORY):
        names.append(("history", "History", "history", ""))
    elif may(Action.SUBMIT):
        names.append(("timeline", "My timeline", "timeline", ""))
    return [
        Place(label, reverse(url, args=[shown.id]), current=name == tab, count=count)
        for name, label, url, count in names
    ]
