"""What a row of the access matrix is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from django.http import HttpResponse
from tests.integration.server.scene import Scene, ran

from podium.rules import runs
from podium.server import clock
from podium.server.accounts.people import person_of
from podium.server.exports.description import board_spec
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.services import ask_for
from podium.server.jobs.models import Job
from podium.server.modelboards.models import Dataset
from podium.server.publishing.models import Publication
from podium.server.queues.models import Queue
from podium.server.rescores.models import Rescore, RescoreItem
from podium.server.rescores.services import RescoreWish, start
from podium.server.submissions.models import Attempt, Run, RunFile, Verification
from podium.server.updates.board_specs import plain

Outcome = Literal["open", "sign in", "refused", "hidden"]
ROLES = ("visitor", "user", "pending", "denied", "participant", "collaborator", "organizer", "admin")
STAFF = ("collaborator", "organizer", "admin")
MEMBERS = ("participant", *STAFF)
SIGNED_IN = ROLES[1:]


@dataclass(frozen=True)
class Row:
    """One way to use one route. `route` is its pattern in the URL conf, `path` an address that it answers.

    The submission, the token and the participation that paths name are those of the participant. `hides` says that
    in an unpublished competition nobody but its staff finds anything there.
    """

    route: str
    method: str
    path: Callable[[Scene], str]
    expected: Mapping[str, Outcome]
    data: Callable[[Scene], Mapping[str, Any] | list[Any]] = lambda scene: {}
    content_type: str | None = None
    hides: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def everybody(outcome: Outcome = "open", **others: Outcome) -> dict[str, Outcome]:
    """The same for all roles but those named."""
    return dict.fromkeys(ROLES, outcome) | others


def only(roles: tuple[str, ...], others: Outcome = "refused", visitor: Outcome = "sign in") -> dict[str, Outcome]:
    """Open to these roles."""
    return everybody(others, visitor=visitor) | dict.fromkeys(roles, "open")


def publication_of(scene: Scene) -> int:
    """The number of a publication of the competition's leaderboard."""
    now = clock.now()
    dataset = Dataset.objects.create(name="A", slug="a", task_type="line_qa", created_at=now, changed_at=now)
    made = Publication.objects.create(
        phase=scene.phase,
        leaderboard=scene.competition.leaderboards.get(),
        column_key="accuracy",
        dataset=dataset,
        publisher=scene.people["organizer"],
        created_at=now,
    )
    return made.pk


def outcome_of(response: HttpResponse) -> Outcome | str:
    """What an answer means. An error in what was sent (400, 409, 413) means that the person may send it."""
    if response.status_code == 401 or response.headers.get("Location", "").startswith("/accounts/login/"):
        return "sign in"
    if response.status_code < 400 or response.status_code in {400, 409, 413}:
        return "open"
    return {403: "refused", 404: "hidden"}.get(response.status_code, f"status {response.status_code}")


def import_of_participant(scene: Scene) -> int:
    """The number of an import that the participant asked for."""
    found = (
        InternalJob.objects.filter(owner=scene.people["participant"], kind="import")
        .values_list("pk", flat=True)
        .first()
    )
    person = person_of(scene.people["participant"])
    payload = {"bundle": str(uuid4()), "owner": scene.people["participant"].pk, "file_name": "a.zip", "publish": False}
    return found or ask_for("import", person, payload)


def board_change_of_participant(scene: Scene) -> int:
    """The number of a change of the leaderboard that the participant asked for."""
    owner = scene.people["participant"]
    found = InternalJob.objects.filter(owner=owner, kind="board-change").values_list("pk", flat=True).first()
    payload = {"leaderboard": scene.competition.leaderboards.get().pk, "competition": scene.competition.pk}
    return found or ask_for("board-change", person_of(owner), payload)


def board_preview_of(scene: Scene, who: str) -> int:
    """The number of a preview of the leaderboard that this person asked for."""
    owner = scene.people[who]
    found = InternalJob.objects.filter(owner=owner, kind="board-preview").values_list("pk", flat=True).first()
    board = scene.competition.leaderboards.get()
    plain_board = plain(board_spec(board))
    payload = {"leaderboard": board.pk, "competition": scene.competition.pk, "old": plain_board, "new": plain_board}
    return found or ask_for("board-preview", person_of(owner), payload)


def open_rescore(scene: Scene) -> int:
    """The number of a rescore of the competition that is neither applied nor cancelled."""
    found = Rescore.objects.filter(competition=scene.competition, state="open").values_list("pk", flat=True).first()
    by = person_of(scene.people["organizer"])
    assert by is not None
    return found or start(by, scene.competition.pk, RescoreWish("A wrong label.", sample=0))


def log_of_rescore(scene: Scene) -> str:
    """The address of a log that was written when the participant's submission was scored once more."""
    rescore, row = open_rescore(scene), scene.submissions[0]
    item = RescoreItem.objects.filter(rescore=rescore, submission=row).first() or RescoreItem(
        rescore_id=rescore, submission=row
    )
    if item.run is None or not RunFile.objects.filter(attempt__run=item.run, kind="scoring_stdout").exists():
        item.run = ran(row, runs.Step.SCORING, runs.RunState.FINISHED, runs.Outcome.FINISHED, out="counted\n").run
        item.save()
    return f"/api/v1/rescores/{rescore}/logs/{row.pk}/1/scoring_stdout/"


def verification_of_submission(scene: Scene) -> int:
    """The number of a verification of the participant's submission."""
    row = scene.submissions[0]
    job = Job.objects.create(kind="scoring", owner=row.owner, state="finished", created_at=row.created_at)
    run = Run.objects.create(submission=row, step="scoring", job=job)
    attempt = Attempt.objects.create(
        run=run, number=1, worker_name="lab-2", slot=0, outcome="finished", started_at=row.created_at
    )
    return Verification.objects.create(attempt=attempt, created_at=row.created_at).pk


def queue_of_participant(path: str) -> Callable[[Scene], str]:
    """The address below `path` of a private queue of the participant's."""

    def address(scene: Scene) -> str:
        owner = scene.people["participant"]
        found, _ = Queue.objects.get_or_create(name="theirs", owner=owner, defaults={"created_at": clock.now()})
        return f"/{path}/{found.pk}/"

    return address
