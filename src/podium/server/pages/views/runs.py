"""What waits and runs, and running submissions again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from podium.rules.errors import NotFound, UserError
from podium.server.competitions.models import Phase
from podium.server.pages import wording
from podium.server.pages.people import signed_in
from podium.server.pages.queued import failure_lines, queue_items, run_lines
from podium.server.submissions.queries.queued import internal_failures, own_runs, queue_states
from podium.server.submissions.services.rerun import Rerun, rerun_many, rerun_phase


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The person's own runs, and the queues that the person keeps; for administrators all of them."""
    person = signed_in(request)
    context = {
        "tab": "runs",
        "own": run_lines(own_runs(person)),
        "queues": queue_items(queue_states(person)),
        "is_admin": person.is_admin,
    }
    return render(request, "podium/work/runs.html", context)


@require_safe
def failures(request: HttpRequest) -> HttpResponse:
    """What failed by the site's fault, for administrators."""
    rows = failure_lines(internal_failures(signed_in(request)))
    return render(request, "podium/work/failures.html", {"tab": "runs", "rows": rows})


@require_POST
def rerun(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the chosen submissions of a competition again, or all of a phase."""
    person = signed_in(request)
    phase = request.POST.get("phase", "")
    chosen = [int(each) for each in request.POST.getlist("submission") if each.isascii() and each.isdecimal()]
    if request.POST.get("do") == "phase":
        found = Phase.objects.filter(competition_id=pk, pk=int(phase) if phase.isascii() and phase.isdecimal() else 0)
        if not found.exists():
            raise NotFound("no-such-phase", "The competition has no such phase.", "Choose one of its phases.")
        done = rerun_phase(person, int(phase))
    elif chosen:
        done = rerun_many(person, chosen)
    else:
        raise UserError("nothing-chosen", "No submission was chosen.", "Tick the boxes of those to run again.")
    messages.success(request, _said(done))
    return redirect("all_submissions", pk)


def _said(done: Rerun) -> str:
    said = f"{wording.counted(len(done.made), 'submission')} will be run again."
    if done.left:
        said += f" {wording.counted(len(done.left), 'other')} left alone, not ended yet."
    return said
