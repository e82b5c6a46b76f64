"""Where a phase stands, in words."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from podium.rules.phases import Migrated, PhaseStatus
from podium.server.competitions.queries import NamedFile, PhaseDetail, PhaseWindow
from podium.server.pages import markup, wording
from podium.server.pages.parts import Fact, Kind

_PLACES: dict[PhaseStatus, tuple[str, Kind, str]] = {
    PhaseStatus.CURRENT: ("Open", "good", "current"),
    PhaseStatus.NEXT: ("To come", "idle", "next"),
    PhaseStatus.PREVIOUS: ("Over", "idle", "past"),
}


def state_line(phase: PhaseWindow | None) -> SafeString:
    """`<b>Development phase</b>, closes 24 Nov 2026, 12:00 UTC`."""
    return format_html("<b>{}</b>, {}", phase.name, state_of(phase)) if phase else format_html("{}", "No phases")


def state_of(phase: PhaseWindow) -> SafeString:
    """`closes 24 Nov 2026, 12:00 UTC`."""
    if phase.status is PhaseStatus.NEXT:
        return format_html("opens {}", wording.ago(phase.start))
    if phase.end is None:
        return format_html("{}", "open without an end")
    return format_html("{} {}", "closes" if phase.is_open else "closed", wording.ago(phase.end))


def described(phase: PhaseDetail, following: PhaseDetail | None = None) -> dict[str, object]:
    """A phase for the list of phases. Who may run its submissions again in the next one gives that as `following`."""
    state, kind, place = _PLACES[phase.window.status]
    return {
        "name": phase.name,
        "state": state,
        "state_kind": kind,
        "place": place,
        "window": wording.window(phase.window.start, phase.window.end),
        "description": markup.shown(phase.description) if phase.description else "",
        "facts": _facts(phase),
        "migrate": following and _migration(phase, following),
    }


def _facts(phase: PhaseDetail) -> list[Fact]:
    facts = [
        Fact("Submissions", _limits(phase)),
        Fact("Time limit", f"{wording.duration(phase.execution_time_limit_s)} for each step"),
    ]
    if len(phase.tasks) > 1:
        facts.append(Fact("Tasks", ", ".join(task.name for task in phase.tasks)))
    if phase.auto_migrate_to_this_phase:
        facts.append(Fact("Taken over", _taken_over(phase)))
    if phase.hide_output or (phase.hide_prediction_output and phase.hide_score_output):
        facts.append(Fact("Output", "logs and files are for organizers only"))
    named: list[tuple[str, NamedFile | None]] = [
        ("Starting kit", phase.starting_kit),
        ("Public data", phase.public_data),
    ]
    facts.extend(Fact(title, _link(phase.competition_id, file)) for title, file in named if file and file.file)
    return facts


def _migration(phase: PhaseDetail, following: PhaseDetail) -> dict[str, str]:
    what = "board entries" if following.migrate == Migrated.BOARD else "successful submissions"
    return {
        "url": reverse("migrate_phase", args=[phase.competition_id, phase.id]),
        "label": f"Run its {what} again in {following.name}",
    }


def _taken_over(phase: PhaseDetail) -> SafeString:
    what = "board entries" if phase.migrate == Migrated.BOARD else "successful submissions"
    when = wording.ago(phase.migrated_at) if phase.migrated_at else "when it opens"
    return format_html("{} of the phase before, {}", what, when)


def _limits(phase: PhaseDetail) -> str:
    daily, total = phase.max_submissions_per_day, phase.max_submissions
    if daily and total:
        return f"{daily} a day, {total} in all"
    if daily:
        return f"{daily} a day"
    return f"{total} in all" if total else "as many as you like"


def _link(competition_id: int, file: NamedFile) -> SafeString:
    url = reverse("competition_file", args=[competition_id, file.key])
    size = wording.size(file.file.size_bytes) if file.file else ""
    name = file.file.file_name if file.file else file.name
    return format_html('<a href="{}" download>{}</a>, {}', url, name, size)
