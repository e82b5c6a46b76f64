"""Competitions and phases as the contract's clients read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from podium.rules.bundle.spec import SWITCHES
from podium.server.api.answers import link_to
from podium.server.competitions.queries import (
    CompetitionDetail,
    CompetitionRow,
    NamedFile,
    PhaseDetail,
    SolutionRow,
    TaskDetail,
)
from podium.server.submissions.queries.quota import UsedQuota

Used = Mapping[int, UsedQuota]


def listed_json(request: HttpRequest, row: CompetitionRow) -> dict[str, Any]:
    """A competition in a list."""
    logo = link_to(request, row.logo)
    return {
        "id": row.id,
        "title": row.title,
        "created_by": row.organizer_username,
        "owner_display_name": row.organizer,
        "created_when": row.created_at,
        "published": row.published,
        "participants_count": row.participants,
        "submissions_count": row.submissions,
        "logo": logo,
        "logo_icon": logo,
        "description": row.description,
        "competition_type": row.competition_type,
        "reward": row.reward or None,
        "contact_email": row.contact_email or None,
        "report": None,
        "is_featured": False,
    }


def competition_json(
    request: HttpRequest, detail: CompetitionDetail, submissions: int, boards: Sequence[Mapping[str, Any]], used: Used
) -> dict[str, Any]:
    """A competition in full, with how many `submissions` it has. What only its staff may know is left out for everybody
    else, as its query did."""
    logo = link_to(request, detail.logo)
    shown: dict[str, Any] = {
        "id": detail.id,
        "title": detail.title,
        "created_by": detail.organizer_username,
        "owner_display_name": detail.organizer,
        "created_when": detail.created_at,
        "published": detail.published,
        "participants_count": detail.participants,
        "submissions_count": submissions,
        "logo": logo,
        "logo_icon": logo,
        "description": detail.description,
        "competition_type": detail.competition_type,
        "reward": detail.reward or None,
        "contact_email": detail.contact_email or None,
        "report": None,
        "is_featured": False,
        "terms": detail.terms,
        "pages": [
            {"id": page.id, "title": page.title, "content": page.content, "index": page.index} for page in detail.pages
        ],
        "phases": [phase_json(request, phase, used.get(phase.id)) for phase in detail.phases],
        "leaderboards": list(boards),
        "collaborators": [
            {"id": each.id, "name": each.name, "username": each.username} for each in detail.collaborators
        ],
        "participant_status": detail.participation,
        "queue": _queue(detail),
        "docker_image": detail.docker_image,
        "fact_sheet": _fact_sheet(detail),
        "forum": None,
        **{name: getattr(detail, name) for name in SWITCHES},
    }
    if detail.secret_key is not None:
        shown |= {"secret_key": detail.secret_key, "whitelist_emails": list(detail.whitelist)}
    return shown


def phase_json(request: HttpRequest, phase: PhaseDetail, used: UsedQuota | None) -> dict[str, Any]:
    """A phase with its tasks. `used` is what the person who asks has used of its limits; None for a visitor."""
    return {
        "id": phase.id,
        "competition": phase.competition_id,
        "index": phase.index,
        "start": phase.window.start,
        "end": phase.window.end,
        "name": phase.name,
        "description": phase.description,
        "status": phase.window.status,
        "execution_time_limit": phase.execution_time_limit_s,
        "tasks": [_task(request, phase.id, task) for task in phase.tasks],
        "has_max_submissions": bool(phase.max_submissions or phase.max_submissions_per_day),
        "max_submissions_per_day": phase.max_submissions_per_day,
        "max_submissions_per_person": phase.max_submissions,
        "auto_migrate_to_this_phase": phase.auto_migrate_to_this_phase,
        "hide_output": phase.hide_output,
        "hide_prediction_output": phase.hide_prediction_output,
        "hide_score_output": phase.hide_score_output,
        "public_data": _file(request, phase.public_data),
        "starting_kit": _file(request, phase.starting_kit),
        "is_final_phase": phase.is_final,
        "used_submissions_per_day": used["used_today"] if used else 0,
        "used_submissions_per_person": used["used_total"] if used else 0,
    }


def _task(request: HttpRequest, phase_id: int, task: TaskDetail) -> dict[str, Any]:
    return {
        "id": task.id,
        "task": task.key,
        "key": task.key,
        "value": task.key,
        "phase": phase_id,
        "order_index": task.order_index,
        "name": task.name,
        "description": task.description,
        "created_when": task.created_at,
        "ingestion_only_during_scoring": task.ingestion_only_during_scoring,
        "solutions": [_solution(request, each) for each in task.solutions],
        "public_datasets": [_file(request, each) for each in task.files],
    }


def _solution(request: HttpRequest, solution: SolutionRow) -> dict[str, Any]:
    return {
        "key": solution.key,
        "name": solution.name,
        "description": solution.description,
        "size": solution.file.size_bytes if solution.file else None,
        "data": link_to(request, solution.file),
    }


def _file(request: HttpRequest, named: NamedFile | None) -> dict[str, Any] | None:
    if named is None:
        return None
    return {
        "key": named.key,
        "value": named.key,
        "type": named.type,
        "name": named.name,
        "file_size": named.file.size_bytes if named.file else None,
        "url": request.build_absolute_uri(f"/datasets/download/{named.key}/"),
    }


def _queue(detail: CompetitionDetail) -> dict[str, Any] | None:
    """Without the address of a broker, which is a password to whoever reads it."""
    if detail.queue is None:
        return None
    return {
        "id": detail.queue.id,
        "name": detail.queue.name,
        "vhost": detail.queue.vhost,
        "is_public": detail.queue.is_public,
        "owner": detail.queue.owner,
        "organizers": list(detail.queue.organizers),
        "created_when": detail.queue.created_at,
    }


def _fact_sheet(detail: CompetitionDetail) -> dict[str, Any] | None:
    return {each["key"]: dict(each) for each in detail.fact_sheet} or None
