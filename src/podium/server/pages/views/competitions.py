"""The pages of a competition that everybody who sees it may read, and the button that publishes it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.rules.limits import LIMITS_KEY, in_words, limits_asked
from podium.server.competitions import services
from podium.server.competitions.queries import CompetitionDetail, NamedFile, competition_detail, offered_files
from podium.server.exports.services import export_competition
from podium.server.files.links import download_url
from podium.server.files.services import store
from podium.server.pages import markup, wording
from podium.server.pages.heads import opened
from podium.server.pages.parts import Fact
from podium.server.pages.people import acting, signed_in
from podium.server.pages.phases import described
from podium.server.queues.allowance import allowance
from podium.server.submissions.services.migration import migrate_by_hand

_LOGO_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


@require_safe
def overview(request: HttpRequest, pk: int, index: int | None = None) -> HttpResponse:
    """A page that the organizer wrote, the first one where none is named."""
    shown, context = opened(request, pk, "overview")
    wanted = [page for page in shown.pages if index is None or page.index == index]
    if index is not None and not wanted:
        raise NotFound("no-such-page", "This competition has no such page.", "Choose one of those it has.")
    page = wanted[0] if wanted else None
    context |= {
        "page": page and {"title": page.title, "html": markup.shown(page.content, page.format)},
        "description": markup.shown(shown.description) if index is None else "",
        "pages": [
            {"title": other.title, "url": _page_url(shown, other.index), "current": other is page}
            for other in shown.pages
        ],
        "facts": _facts(shown),
    }
    return render(request, "podium/competition/overview.html", context)


@require_safe
def phases(request: HttpRequest, pk: int) -> HttpResponse:
    """The phases in time, with their limits and files."""
    shown, context = opened(request, pk, "phases")
    may_migrate = shown.standing.may(Action.MIGRATE_PHASE)
    following = [*shown.phases[1:], None]
    context["phases"] = [
        described(phase, into if may_migrate else None) for phase, into in zip(shown.phases, following, strict=True)
    ]
    return render(request, "podium/competition/phases.html", context)


@require_POST
def migrate(request: HttpRequest, pk: int, phase: int) -> HttpResponse:
    """Run the successful submissions of a phase again in the next one."""
    shown, _ = opened(request, pk, "phases")
    shown.standing.require(Action.MIGRATE_PHASE)
    if not any(each.id == phase for each in shown.phases):
        raise NotFound("phase-not-found", "This competition has no such phase.", "Choose one of those it has.")
    taken = migrate_by_hand(signed_in(request), phase)
    told = f"Run again in the next phase: {wording.counted(taken, 'submission')}."
    messages.success(request, told if taken else "Nothing was left to run again.")
    return redirect("competition_phases", pk)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a competition to everybody, or to its organizers only."""
    published = request.POST.get("published") == "yes"
    change = services.publish if published else services.unpublish
    change(signed_in(request), pk)
    said = "Published: everybody sees this competition now." if published else "Only organizers see it now."
    messages.success(request, said)
    return redirect("competition", pk)


@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a bundle of the competition and send it."""
    made = export_competition(signed_in(request), pk)
    return HttpResponseRedirect(download_url(made.sha256, made.file_name))


@require_safe
def logo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The logo; its address changes with it, so that browsers may keep it."""
    file = competition_detail(acting(request), pk).logo
    if file is None:
        raise NotFound("no-logo", "This competition has no logo.")
    kind = _LOGO_TYPES.get(file.file_name.rsplit(".", 1)[-1], "application/octet-stream")
    response = FileResponse(store().open(file.sha256), content_type=kind)
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@require_safe
def file(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """A file of a phase or task, by a link that holds for a while."""
    shown = competition_detail(acting(request), pk)
    found = next((each.file for each in _files(shown) if each.key == key), None)
    if found is None:
        shown.standing.require(Action.SEE_FILES)
        raise NotFound("no-such-file", "This competition has no such file.", "Look at its files for those it has.")
    return HttpResponseRedirect(download_url(found.sha256, found.file_name))


def _files(shown: CompetitionDetail) -> list[NamedFile]:
    bundle = [shown.bundle] if shown.bundle else []
    return [*bundle, *(offered.named for offered in offered_files(shown))]


def _page_url(shown: CompetitionDetail, index: int) -> str:
    return reverse("competition_page", args=[shown.id, index])


def _facts(shown: CompetitionDetail) -> list[Fact]:
    facts = [Fact("Organizer", shown.organizer)]
    if shown.collaborators:
        facts.append(Fact("With", ", ".join(each.name for each in shown.collaborators)))
    if shown.contact_email:
        facts.append(Fact("Contact", format_html('<a href="mailto:{0}">{0}</a>', shown.contact_email)))
    if shown.reward:
        facts.append(Fact("Reward", shown.reward))
    if shown.phases:
        facts.append(Fact("Begins", wording.at(shown.phases[0].window.start)))
        end = shown.phases[-1].window.end
        facts.append(Fact("Ends", wording.at(end) if end else "not foreseen"))
    facts.append(Fact("Joining", "open to everybody" if shown.registration_auto_approve else "by approval"))
    facts.append(Fact("Runs in", format_html("<code>{}</code>", shown.docker_image)))
    given = allowance(shown.queue, limits_asked(shown.extensions.get(LIMITS_KEY)), time_limit_s=1)
    facts.append(Fact("A run may use", in_words(given.limits, ("memory", "cpus"))))
    facts.append(Fact("Network", "programs reach other machines" if given.network else "programs reach none"))
    facts += [Fact("Not given in full", remark) for remark in given.remarks]
    return facts
