"""Sending something to a model board: a dataset, a score that is declared, or predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from podium.metrics.registry import task_type, task_types
from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.rules.modelboards.declared import read_link, read_name
from podium.server.accounts.people import Person
from podium.server.configuration import configuration
from podium.server.modelboards.queries import DatasetRow, dataset_at, dataset_named, has_inputs
from podium.server.modelboards.queries.choosing import dataset_names
from podium.server.modelboards.queries.preview import Preview, preview_of
from podium.server.modelboards.requests import Answered, post_dataset, post_result, result_wishes
from podium.server.modelboards.services import (
    PredictionsWishes,
    SentFile,
    ask_check,
    put_references,
    submit_predictions,
)
from podium.server.pages import wording
from podium.server.pages.errors import moved, wants_fragment
from podium.server.pages.modelboards.commands import to_add_dataset, to_declare, to_submit
from podium.server.pages.modelboards.figures import number
from podium.server.pages.modelboards.sending import KINDS, DatasetForm, DeclaredForm, Kind, PredictionsForm, checked
from podium.server.pages.people import acting

_PAGE = "podium/modelboards/submit.html"
_FORMATS = ("csv", "jsonl", "json")
_SAMPLE = {"model": "Llama3", "score": 0.92, "ci": [0.9, 0.94]}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """The form of one kind, and what became of it when it was sent."""
    wanted = request.POST.get("kind") or request.GET.get("kind")
    kind: Kind = next((each for each in KINDS if each == wanted), "declared")
    dataset = _chosen(request)
    person = acting(request)
    context: dict[str, Any] = {
        "kind": kind,
        "places": [(title, _address(each, dataset), each == kind) for each, title in KINDS.items()],
        "dataset": dataset,
        "why_not": _why_not(person),
        "next": urlencode({"next": request.get_full_path()}),
    }
    if request.method == "POST" and context["why_not"]:
        raise NotAllowed("key-required", "Only people who are signed in can send this.", "Sign in.", sign_in=True)
    return _VIEWS[kind](request, person, dataset, context)


def _dataset(
    request: HttpRequest, person: Person | None, dataset: DatasetRow | None, context: dict[str, Any]
) -> HttpResponse:
    del dataset
    form = DatasetForm(request.POST, request.FILES) if request.method == "POST" else DatasetForm()
    context |= {"form": form, "metrics": sorted({metric.name for each in task_types() for metric in each.metrics})}
    if request.method != "POST":
        sample = {"name": "Moods of the market", "task_type": "text_classification", "evaluation_metric": "accuracy"}
        return render(
            request, _PAGE, context | {"commands": to_add_dataset(_server(request), sample, keyless=_keyless(person))}
        )
    added: DatasetRow | None = None
    try:
        checked(form)
        body = form.body()
        names = [form.cleaned_data[name].name if form.cleaned_data[name] else "" for name in ("references", "inputs")]
        context["commands"] = to_add_dataset(_server(request), body, *names, keyless=_keyless(person))
        answered = post_dataset(person, body)
        added = dataset_named(" ".join(body["name"].split()))
        context |= _sent(answered, added) | {"references_sent": bool(names[0])}
        if names[0]:
            put_references(person, added.name, _file(form, "references"), _file(form, "inputs") if names[1] else None)
    except UserError as error:
        # Of references that are refused, the dataset stays.
        return _refused(request, form, error, context)
    return render(request, _PAGE, context)


def _declared(
    request: HttpRequest, person: Person | None, dataset: DatasetRow | None, context: dict[str, Any]
) -> HttpResponse:
    first = {"dataset_name": dataset.name} if dataset else None
    form = DeclaredForm(request.POST) if request.method == "POST" else DeclaredForm(initial=first)
    context |= {"form": form, "names": dataset_names()}
    if request.method != "POST":
        sample = {"dataset_name": dataset.name if dataset else "Name of the dataset", **_SAMPLE}
        return render(
            request, _PAGE, context | {"commands": to_declare(_server(request), sample, keyless=_keyless(person))}
        )
    try:
        checked(form)
        body = form.body()
        context["commands"] = to_declare(_server(request), body, keyless=_keyless(person))
        wishes = result_wishes(body)
        found = dataset_named(wishes.dataset)
        preview = preview_of(found, wishes.declared)
        context |= {"dataset": found, "preview": _preview(preview, wishes.declared.model)}
        if request.POST.get("then") == "send":
            context |= _sent(post_result(person, body), found)
    except UserError as error:
        return _refused(request, form, error, context)
    return render(request, _PAGE, context)


def _predictions(
    request: HttpRequest, person: Person | None, dataset: DatasetRow | None, context: dict[str, Any]
) -> HttpResponse:
    context |= {"names": dataset_names(with_references=True)}
    if dataset is None or not dataset.item_count:
        return render(request, _PAGE, context)
    if request.method == "POST":
        form = PredictionsForm(request.POST, request.FILES)
    else:
        form = PredictionsForm(initial={"dataset_name": dataset.name})
    task = task_type(dataset.task_type)
    sample = {"dataset_name": dataset.name, "model": "Llama3"}
    context |= {
        "form": form,
        "fields": task.predictions,
        "items": wording.counted(dataset.item_count, task.unit or "item"),
        "templates": [(each.upper(), _template(dataset, each)) for each in _FORMATS],
        "inputs_url": _inputs(dataset) if has_inputs(dataset) else "",
        "may_check": person is not None,
        "max_bytes": configuration().modelboard_file_bytes,
        "commands": to_submit(_server(request), sample, "predictions.csv", keyless=_keyless(person)),
    }
    if request.method != "POST":
        return render(request, _PAGE, context)
    try:
        checked(form)
        return moved(request, _taken(person, dataset, form, only_check=request.POST.get("then") == "check"))
    except UserError as error:
        if wants_fragment(request):
            raise
        return _refused(request, form, error, context)


def _taken(person: Person | None, dataset: DatasetRow, form: PredictionsForm, *, only_check: bool) -> str:
    """Where to look at what becomes of a file."""
    sent = _file(form, "file")
    if only_check and person is not None:
        return reverse("predictions_check", args=[ask_check(person, dataset.name, sent)])
    body = form.body()
    wishes = PredictionsWishes(
        read_name(body.get("model"), "model"),
        submitted_by=body.get("submitted_by", ""),
        source=read_link(body.get("source"), "source"),
    )
    key = submit_predictions(person, dataset.name, sent, wishes).key
    # Of predictions that nobody signed in for, nobody sees more than the row that comes of them.
    return reverse("model_board", args=[dataset.slug]) if person is None else reverse("predictions_page", args=[key])


_VIEWS: Mapping[Kind, Callable[[HttpRequest, Person | None, DatasetRow | None, dict[str, Any]], HttpResponse]] = {
    "dataset": _dataset,
    "declared": _declared,
    "predictions": _predictions,
}


def _chosen(request: HttpRequest) -> DatasetRow | None:
    """The dataset that the address names, by its address or its name; None where there is none."""
    said = (request.POST.get("dataset_name") or request.GET.get("dataset") or "").replace("\0", "").strip()[:200]
    for find in (dataset_at, dataset_named) if said else ():
        try:
            return find(said)
        except NotFound:
            continue
    return None


def _why_not(person: Person | None) -> str:
    """Why somebody may send nothing; empty where they may."""
    if person is not None or configuration().open_modelboards:
        return ""
    return "Only people who are signed in send something here, so that everybody sees who said what."


def _keyless(person: Person | None) -> bool:
    """Whether the reader has no account, and needs none to send something."""
    return person is None and configuration().open_modelboards


def _address(kind: Kind, dataset: DatasetRow | None) -> str:
    asked = {"kind": kind, **({"dataset": dataset.slug} if dataset else {})}
    return f"{reverse('submit_result')}?{urlencode(asked)}"


def _server(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _template(dataset: DatasetRow, form: str) -> str:
    return f"/api/leaderboard/template?{urlencode({'dataset': dataset.name, 'format': form})}"


def _inputs(dataset: DatasetRow) -> str:
    return f"/public/get_source_sentences?{urlencode({'dataset_name': dataset.name})}"


def _file(form: DatasetForm | PredictionsForm, name: str) -> SentFile:
    sent: TemporaryUploadedFile = form.cleaned_data[name]
    return SentFile(sent.name or name, Path(sent.temporary_file_path()))


def _sent(answered: Answered, dataset: DatasetRow) -> dict[str, Any]:
    """What to show of something that was taken: the API's answer as it is, and what the sender should know."""
    shown = orjson.dumps(dict(answered.content), option=orjson.OPT_INDENT_2).decode()
    return {"sent": True, "answer": shown, "warnings": answered.warnings, "dataset": dataset}


def _refused(request: HttpRequest, form: Any, error: UserError, context: dict[str, Any]) -> HttpResponse:
    """The form as it was filled in, with what is wrong; and the API's answer to the same."""
    message = " ".join(part for part in (error.message, error.hint) if part)
    answer = orjson.dumps({"status": "error", "message": message}, option=orjson.OPT_INDENT_2).decode()
    told = {"problem": None if form.errors else error, "answer": answer if "commands" in context else ""}
    return render(request, _PAGE, context | told, status=error.status)


def _preview(preview: Preview, model: str) -> dict[str, Any]:
    rows = [
        {
            "rank": "–" if row.rank is None else f"{row.rank:,}",
            "model": row.model,
            "score": "–" if row.score is None else number(row.score),
            "new": row.new,
        }
        for row in preview.rows
    ]
    place = "without a rank" if preview.rank is None else f"{wording.ordinal(preview.rank)} of {preview.ranked:,}"
    return {"model": model, "place": place, "rows": rows, "replaces": preview.replaces}
