"""The form that takes a submission in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from podium.rules.access import Action
from podium.rules.bundle.spec import FactSheetQuestion
from podium.rules.errors import UserError
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.queries import PhaseDetail
from podium.server.configuration import configuration
from podium.server.files.services import check_room, store
from podium.server.pages.errors import moved, wants_fragment
from podium.server.pages.forms import SubmitForm
from podium.server.pages.heads import opened
from podium.server.pages.parts import Fact
from podium.server.pages.people import signed_in
from podium.server.pages.phases import state_line
from podium.server.pages.views.submissions import submissions_below
from podium.server.submissions.queries.possibility import why_not_submit
from podium.server.submissions.queries.quota import used_quota
from podium.server.submissions.services.submit import StoredUpload, SubmissionRequest, submit_upload


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, what is left of the quota, and the submission made of both."""
    person = signed_in(request)
    shown, context = opened(request, pk, "submit")
    shown.standing.require(Action.SUBMIT)
    phases = [phase for phase in shown.phases if phase.window.is_open]
    if not phases:
        context |= {
            "closed": "No phase is open.",
            "closed_more": state_line(shown.phase.window if shown.phase else None),
        }
        return render(request, "podium/competition/submit.html", context | submissions_below(person, shown))
    form = SubmitForm(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        phases=[(phase.id, phase.name) for phase in phases],
        questions=[FactSheetQuestion.model_validate(question) for question in shown.fact_sheet],
    )
    problem: UserError | None = None
    if request.method == "POST":
        problem = _wrong(form)
        if problem is None:
            try:
                made = _taken(person, form)
                return moved(request, reverse("submission", args=[made]))
            except UserError as error:
                problem = error
        if wants_fragment(request):
            raise problem
    context |= {
        "form": form,
        "problem": problem if not form.errors else None,
        "max_bytes": configuration().max_submission_bytes,
        "quota": [{"phase": phase.name, "facts": _quota(person, phase)} for phase in phases],
    }
    context |= submissions_below(person, shown)
    return render(request, "podium/competition/submit.html", context, status=problem.status if problem else 200)


def _wrong(form: SubmitForm) -> UserError | None:
    """What the form itself finds wrong, as one error."""
    if form.is_valid():
        return None
    said = [f"{form.fields[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
    return UserError("form-incomplete", "Something is missing.", " ".join(said))


def _taken(person: Person, form: SubmitForm) -> int:
    sent = form.cleaned_data["file"]
    obstacle = why_not_submit(person, form.cleaned_data["phase"])
    if obstacle is not None:
        raise obstacle
    # Before it is stored: what is refused afterwards would lie on the disk and count for nobody.
    check_room(person, sent.size)
    kept = store().put_stream(sent.chunks(), max_bytes=configuration().max_submission_bytes)
    wanted = SubmissionRequest(
        phase_id=form.cleaned_data["phase"],
        description=form.cleaned_data["description"],
        fact_sheet_answers=form.answers(),
    )
    return submit_upload(person, wanted, StoredUpload(kept.sha256, kept.size_bytes, sent.name or "submission.zip"))


def _quota(person: Person, phase: PhaseDetail) -> list[Fact]:
    used = used_quota(person.id, phase.id, clock.now())
    pairs = (
        ("Today", phase.max_submissions_per_day, used["used_today"]),
        ("In the whole phase", phase.max_submissions, used["used_total"]),
    )
    facts = [Fact(name, f"{max(limit - count, 0)} of {limit}") for name, limit, count in pairs if limit]
    return facts or [Fact("Submissions", "as many as you like")]
