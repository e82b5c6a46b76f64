"""A competition with people in every role and submissions in every state, made of rows, for tests of pages and API."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from podium.rules.board.columns import Column, Sorting
from podium.rules.board.submission_rules import Happening, SubmissionRule
from podium.rules.bundle.spec import LeaderboardSpec
from podium.rules.runs import Outcome, RunState, Step, SubmissionStatus
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.competitions.models import Competition, Page, Participant, Phase, PhaseTask, Task
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.services import create_data_set, keep_blob, open_ticket, store
from podium.server.jobs.models import Job, Worker
from podium.server.leaderboards.services import create_boards
from podium.server.submissions.models import Attempt, Run, RunFile, Score, Submission
from podium.server.submissions.services.board import refresh_board
from podium.server.submissions.services.counting import count_submission

PASSWORD = "seeds-and-weeds-42"
PEOPLE = ("user", "pending", "denied", "participant", "collaborator", "organizer", "admin")

OVERVIEW = """\
# Sort the seeds

Tell three kinds of **wheat** apart by the shape of their grains. The data are *210 grains* measured by X-ray.

| Kind | Grains | Share |
|------|-------:|------:|
| Kama | 70 | 33 % |
| Rosa | 70 | 33 % |
| Canadian | 70 | 33 % |

## What to send

A zip with one file `prediction`, one label per line:

```
1
3
2
```

![Grains](https://img.example.org/grains.png)
"""

COLUMNS = (
    Column(key="accuracy", title="Accuracy", index=0, precision=3),
    Column(key="f1", title="F1", index=1, precision=3),
    Column(key="duration", title="Duration, s", index=2, precision=2, sorting=Sorting.ASCENDING),
)


@dataclass
class Scene:
    """What was made, by its rows."""

    people: dict[str, User]
    competition: Competition
    phases: list[Phase]
    task: Task
    kit: DataSet
    submissions: list[Submission] = field(default_factory=list)

    @property
    def phase(self) -> Phase:
        """The phase that is open."""
        return self.phases[1]


def make_scene(*, rule: SubmissionRule = SubmissionRule.ADD_AND_DELETE, published: bool = True) -> Scene:
    """People, a competition with a past, an open and a coming phase, and its leaderboard."""
    people = {name: make_person(name) for name in PEOPLE}
    owner = people["organizer"]
    now = clock.now()
    competition = Competition.objects.create(
        title="Classify Wheat Seeds",
        description="Three kinds of wheat, told apart by the shape of their grains.",
        logo=keep_blob(store().put_stream([picture()], max_bytes=1 << 20)),
        logo_type="image/png",
        terms="# Terms\n\nBe fair. Use *one* account.",
        created_by=owner,
        created_at=now,
        published=published,
        docker_image="podium/science",
        reward="$1,000",
        contact_email="seeds@example.org",
        bundle=a_file(owner, DataSetType.COMPETITION_BUNDLE, "seeds.zip"),
    )
    competition.collaborators.add(people["collaborator"])
    for index, (title, text) in enumerate((("Overview", OVERVIEW), ("Evaluation", "Accuracy, then F1."))):
        Page.objects.create(competition=competition, index=index, title=title, content=text)
    task = Task.objects.create(
        name="Wheat",
        created_by=owner,
        created_at=now,
        scoring_program=a_file(owner, DataSetType.SCORING_PROGRAM, "s.zip"),
    )
    kit = a_file(owner, DataSetType.STARTING_KIT, "starting-kit.zip")
    starts = (now - timedelta(days=40), now - timedelta(days=10), now + timedelta(days=20))
    ends = (starts[1], starts[2], None)
    phases = [
        Phase.objects.create(
            competition=competition,
            index=index,
            name=name,
            description=f"The {name.lower()}.",
            start=start,
            end=end,
            max_submissions=100,
            max_submissions_per_day=5,
            starting_kit=kit,
        )
        for index, (name, start, end) in enumerate(
            zip(("Warm-up phase", "Development phase", "Final phase"), starts, ends, strict=True)
        )
    ]
    for phase in phases:
        PhaseTask.objects.create(phase=phase, task=task, order_index=0)
    create_boards(competition.pk, [LeaderboardSpec(title="Results", key="main", columns=COLUMNS, submission_rule=rule)])
    for name, status in (("pending", "pending"), ("denied", "denied"), ("participant", "approved")):
        join(competition, people[name], status)
    return Scene(people, competition, phases, task, kit)


def make_person(name: str) -> User:
    """Somebody with PASSWORD; called admin, a superuser."""
    admin = name == "admin"
    return User.objects.create_user(name, f"{name}@example.org", PASSWORD, is_superuser=admin, is_staff=admin)


def join(competition: Competition, user: User, status: str = "approved") -> Participant:
    """Make somebody a participant."""
    return Participant.objects.create(competition=competition, user=user, status=status, created_at=clock.now())


def a_file(owner: User, kind: DataSetType, name: str) -> DataSet:
    """A small zip that somebody owns."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("content.txt"), f"{name} of {owner.username}\n")
    blob = keep_blob(store().put_stream([content.getvalue()], max_bytes=1 << 20))
    return create_data_set(owner.pk, kind, name, blob)


def sent(scene: Scene, owner: User, *, status: SubmissionStatus, at: datetime | None = None) -> Submission:
    """A submission to the open phase, with nothing done for it yet."""
    row = Submission.objects.create(
        phase=scene.phase,
        owner=owner,
        task=scene.task,
        data=a_file(owner, DataSetType.SUBMISSION, "seeds-v7.zip"),
        number=1 + Submission.objects.filter(phase=scene.phase, owner=owner).count(),
        status=status.value,
        created_at=at or clock.now(),
    )
    count_submission(scene.phase.pk, 1)
    scene.submissions.append(row)
    return row


def scored(
    scene: Scene, owner: User, values: dict[str, float], *, at: datetime | None = None, on_board: bool = False
) -> Submission:
    """A finished submission with these scores."""
    row = sent(scene, owner, status=SubmissionStatus.FINISHED, at=at)
    row.started_at = row.created_at + timedelta(seconds=6)
    row.ended_at = row.started_at + timedelta(seconds=35.5)
    row.save()
    attempt = ran(row, Step.SCORING, RunState.FINISHED, Outcome.FINISHED, out="Reading prediction\nAccuracy 0.943\n")
    for position, (key, value) in enumerate(values.items()):
        Score.objects.create(
            submission=row, attempt=attempt, column_key=key, position=position, value=value, created_at=clock.now()
        )
    with transaction.atomic():
        refresh_board(row, Happening.ADDED if on_board else Happening.SCORED)
    row.refresh_from_db()
    return row


def failed(scene: Scene, owner: User) -> Submission:
    """A submission whose scoring program failed, at the second attempt: the first worker was lost."""
    row = sent(scene, owner, status=SubmissionStatus.FAILED)
    row.status_details = "The scoring program ended with exit code 1: ValueError: expected 210 predictions, found 209."
    row.reason_code = "exit-code"
    row.reason_hint = "Check that the last line of your file is not missing, then submit again."
    row.started_at = row.created_at + timedelta(seconds=6)
    row.ended_at = row.started_at + timedelta(seconds=4.1)
    row.save()
    error = 'Traceback (most recent call last):\n  File "/app/program/scoring.py", line 17, in <module>\n'
    error += "ValueError: expected 210 predictions, found 209\n"
    attempt = ran(row, Step.SCORING, RunState.FAILED, Outcome.FAILED, out="Reading prediction\n", err=error, number=2)
    Attempt.objects.create(
        run=attempt.run,
        number=1,
        worker_name="lab-1",
        slot=1,
        outcome=Outcome.LOST,
        reason="The worker was not heard of any more.",
        started_at=row.created_at,
        ended_at=row.created_at + timedelta(seconds=5),
    )
    return row


def ran(
    row: Submission,
    step: Step,
    state: RunState,
    outcome: Outcome | None,
    *,
    out: str = "",
    err: str = "",
    number: int = 1,
) -> Attempt:
    """A run of a submission with one attempt, and what it wrote."""
    worker, _ = Worker.objects.get_or_create(
        name="lab-2", defaults={"token_digest": "0" * 64, "created_at": clock.now(), "slots": 2}
    )
    job = Job.objects.create(
        kind=step.value,
        owner=row.owner,
        state=state.value,
        attempts=number,
        worker=worker,
        slot=1,
        created_at=row.created_at,
        started_at=row.created_at,
        ended_at=row.ended_at,
    )
    run = Run.objects.create(submission=row, step=step.value, job=job)
    attempt = Attempt.objects.create(
        run=run,
        number=number,
        worker=worker,
        worker_name=worker.name,
        slot=1,
        outcome=outcome.value if outcome else "",
        reason=row.status_details,
        exit_code=1 if outcome is Outcome.FAILED else None,
        runtime="science",
        started_at=row.created_at,
        ended_at=row.ended_at,
        made_from={"submission": str(row.data.blob_id), "scoring_program": "77d0e1c9" * 8},
    )
    for kind, text in ((f"{step}_stdout", out), (f"{step}_stderr", err)):
        if text:
            ticket = open_ticket(1 << 20)
            ticket.blob = keep_blob(store().put_stream([text.encode()], max_bytes=1 << 20))
            ticket.save()
            RunFile.objects.create(attempt=attempt, kind=kind, ticket=ticket)
    return attempt


def picture() -> bytes:
    """A PNG of 8 by 8 grey pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes([90 + 16 * y] * 8) for y in range(8))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
