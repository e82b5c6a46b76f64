"""The tab with everything of a competition that the person may download."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from podium.rules.access import Action
from podium.server.competitions.queries import CompetitionDetail, NamedFile, OfferedFile, offered_files
from podium.server.files.models import DataSetType
from podium.server.pages import wording
from podium.server.pages.heads import opened


@require_safe
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """The files of each phase and of its tasks; for those who run the competition its bundle too."""
    shown, context = opened(request, pk, "files")
    shown.standing.require(Action.SEE_FILES)
    groups = [
        {"title": phase.name, "rows": [_row(shown, offered) for offered in of_phase]}
        for phase, of_phase in groupby(offered_files(shown), key=lambda offered: offered.phase)
    ]
    if shown.bundle is not None and shown.bundle.file is not None:
        groups.append({"title": "The whole competition", "rows": [_link(shown, shown.bundle) | {"what": "Bundle"}]})
    context["groups"] = groups
    return render(request, "podium/competition/files.html", context)


def _row(shown: CompetitionDetail, offered: OfferedFile) -> dict[str, str]:
    what = DataSetType(offered.named.type).label.capitalize()
    if offered.task is not None and len(offered.phase.tasks) > 1:
        what = f"{what} of {offered.task.name}"
    return _link(shown, offered.named) | {"what": what}


def _link(shown: CompetitionDetail, named: NamedFile) -> dict[str, str]:
    return {
        "url": reverse("competition_file", args=[shown.id, named.key]),
        "name": named.file.file_name if named.file else named.name,
        "size": wording.size(named.file.size_bytes) if named.file else "",
    }
