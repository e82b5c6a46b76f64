"""Two to ten models compared on all datasets that they share, and the form to choose them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from podium.rules.errors import UserError
from podium.rules.modelboards.names import clean_name
from podium.server.exports.tables import table_file
from podium.server.modelboards.queries.models import MOST_FOUND, models_like
from podium.server.modelboards.queries.side_by_side import FEWEST, MOST, SideBySide, side_by_side
from podium.server.modelboards.services import ask_comparison
from podium.server.pages import wording
from podium.server.pages.errors import wants_fragment
from podium.server.pages.modelboards.compare import blocks, compared_as_table, comparison_count, notes, tally
from podium.server.pages.modelboards.files import as_files, sent


@dataclass(frozen=True)
class _Asked:
    """What the address says."""

    models: tuple[str, ...]
    metric: str
    base: str
    words: str

    @classmethod
    def of(cls, request: HttpRequest) -> _Asked:
        names = (clean_name(each.replace("\0", "")[:1000])[:200] for each in request.GET.getlist("model"))
        models = tuple(dict.fromkeys(name for name in names if name))
        base = _text(request, "base")
        return cls(models, _text(request, "metric"), base if base in models else "", _text(request, "find"))

    @property
    def query(self) -> str:
        """The address of the same, with nothing in it that goes without saying."""
        told = [*(("model", name) for name in self.models), ("metric", self.metric), ("base", self.base)]
        return urlencode([(name, value) for name, value in [*told, ("find", self.words)] if value])


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The comparison that the address asks for, above it the form."""
    asked = _Asked.of(request)
    if "" in request.GET.values():
        return redirect(f"{request.path}?{asked.query}" if asked.query else request.path)
    problem = _too_many(asked)
    found = side_by_side(asked.models, asked.metric, asked.base) if FEWEST <= len(asked.models) <= MOST else None
    if found is not None:
        problem = _have_computed(found)
        if wants_fragment(request) and found.waits and problem is None:
            return HttpResponse(status=204)
    context = {
        "asked": asked,
        "there": found is not None and bool(found.shared),
        "problem": problem,
        "address": f"{request.path}?{asked.query}",
        "waits": found is not None and found.waits and not problem,
        **_choices(asked, found),
        **({} if found is None else _told(found, asked)),
    }
    template = "podium/modelboards/compare_part.html" if wants_fragment(request) else "podium/modelboards/compare.html"
    response = render(request, template, context, status=400 if len(asked.models) > MOST else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def compare_table(request: HttpRequest, ending: str) -> FileResponse:
    """Every difference as a file.

    Raises:
        UserError: there are too few or too many models.
    """
    asked = _Asked.of(request)
    if not FEWEST <= len(asked.models) <= MOST:
        raise _wrong_number(len(asked.models))
    found = side_by_side(asked.models, asked.metric, asked.base)
    _have_computed(found)
    return sent(table_file(compared_as_table(found), ending))


def _have_computed(found: SideBySide) -> UserError | None:
    """Ask for what is not there yet; what keeps it from being computed."""
    for each in found.shared:
        if each.waits:
            try:
                ask_comparison(each.dataset, each.waits, each.key)
            except UserError as error:
                return error
    return None


def _told(found: SideBySide, asked: _Asked) -> dict[str, object]:
    datasets = wording.counted(len(found.shared), "shared dataset")
    return {
        "counts": f"{wording.counted(len(found.models), 'model')}, {datasets}",
        "blocks": blocks(found),
        "tally": tally(found),
        "tests": comparison_count(found),
        "notes": notes(found),
        "unknown": ", ".join(found.unknown),
        "files": as_files("compare_models_table", query=asked.query),
    }


def _choices(asked: _Asked, found: SideBySide | None) -> dict[str, object]:
    offered = [each for each in models_like(asked.words) if each.name not in asked.models]
    metrics = () if found is None else found.metrics
    return {
        "offered": offered,
        "full": len(offered) >= MOST_FOUND - len(asked.models),
        "metrics": [(each, each == asked.metric) for each in metrics],
        "bases": [(each, each == asked.base) for each in asked.models] if len(asked.models) > FEWEST else [],
        "fewest": FEWEST,
        "most": MOST,
    }


def _too_many(asked: _Asked) -> UserError | None:
    return _wrong_number(len(asked.models)) if len(asked.models) > MOST else None


def _wrong_number(count: int) -> UserError:
    return UserError(
        "models-number",
        f"{wording.counted(count, 'model is', 'models are')} chosen.",
        f"Choose {FEWEST} to {MOST} different models.",
    )


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:200]
