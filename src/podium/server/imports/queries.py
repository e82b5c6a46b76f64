"""How an import stands."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from podium.rules.errors import Problem, UserError
from podium.rules.runs import RunState
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.jobs.internal.problems import error_of_problems
from podium.server.jobs.internal.queries import job_status

IMPORT = "import"


@dataclass(frozen=True)
class ImportStatus:
    """How an import stands: `done` of `total` bytes are stored, `saying` names what is being done.

    Of one that finished, `notes` are worth knowing, and `competition_id` is None where the competition was deleted
    since; of one that failed or was cancelled, `error` says everything that is wrong.
    """

    id: int
    state: RunState
    bundle: UUID
    file_name: str
    attempts: int
    done: int
    total: int
    saying: str
    reason: str
    competition_id: int | None
    title: str
    published: bool
    notes: tuple[Problem, ...]
    error: UserError | None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)


def import_status(by: Person, import_id: int) -> ImportStatus:
    """How an import stands that a person asked for.

    Raises:
        NotFound: the person asked for none of this number.
    """
    job = job_status(by, IMPORT, import_id)
    finished = job.state is RunState.FINISHED
    made = Competition.objects.filter(pk=job.result.get("competition", 0)).values_list("pk", flat=True).first()
    return ImportStatus(
        id=job.id,
        state=job.state,
        bundle=UUID(job.payload["bundle"]),
        file_name=job.payload["file_name"],
        attempts=job.attempts,
        done=job.done,
        total=job.total,
        saying=job.saying,
        reason=job.reason,
        competition_id=made,
        title=job.result.get("title", ""),
        published=job.result.get("published", False),
        notes=job.problems if finished else (),
        error=error_of_problems(job.problems) if job.ended and not finished else None,
    )
