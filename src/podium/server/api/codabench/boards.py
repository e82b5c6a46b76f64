"""The boards of a competition as files, for those who run it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from podium.server.api.answers import file_answer
from podium.server.api.asking import person_asking, refused_to_visitors_too, visitor_or_person
from podium.server.api.codabench.numbers import Id
from podium.server.exports.boards.files import all_boards_zip
from podium.server.exports.boards.results import results_csv, results_json, results_zip


def all_boards(request: HttpRequest, pk: Id) -> HttpResponseBase:
    """A zip with a CSV for each board. Visitors are refused with 403, as is everybody else who does not run it."""
    with refused_to_visitors_too():
        return file_answer(all_boards_zip(visitor_or_person(request), pk))


def as_json(request: HttpRequest, pk: Id, phase: Id | None = None) -> HttpResponseBase:
    """The first board of a phase, or of all phases."""
    return file_answer(results_json(person_asking(request), pk, phase))


def as_csv(request: HttpRequest, pk: Id, phase: Id | None = None) -> HttpResponseBase:
    """The first board of a single phase as a table."""
    return file_answer(results_csv(person_asking(request), pk, phase))


def as_zip(request: HttpRequest, pk: Id, phase: Id | None = None) -> HttpResponseBase:
    """A table for each phase."""
    return file_answer(results_zip(person_asking(request), pk, phase))
