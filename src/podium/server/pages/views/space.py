"""What uses space, for those who run competitions and for administrators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from podium.server.pages import wording
from podium.server.pages.people import signed_in
from podium.server.removal.space import space_for

_WORDS = {"submissions": "files that were sent", "outputs": "results of runs", "logs": "logs"}


@never_cache
@require_safe
def space(request: HttpRequest) -> HttpResponse:
    """Bytes by competition and kind of file, the largest first."""
    found = space_for(signed_in(request))
    limited = [f"{_WORDS[kind]} for {wording.counted(days, 'day')}" for kind, days in found.kept_days.items() if days]
    context = {
        "tab": "space",
        "whole": wording.size(found.whole) if found.whole is not None else "",
        "kept": f"This site keeps {', '.join(limited)}; all else for ever."
        if limited
        else "This site keeps all files.",
        "rows": [
            {
                "title": each.title,
                "url": reverse("competition", args=[each.competition_id]),
                **{kind: wording.size(getattr(each, kind)) for kind in (*_WORDS, "materials", "total")},
            }
            for each in found.competitions
        ],
    }
    return render(request, "podium/work/space.html", context)
