"""The workers that may take jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from django.db import transaction

from podium.rules.errors import NotAllowed, UserError
from podium.rules.history import EventKind
from podium.rules.unsandboxed import UNSANDBOXED
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.accounts.services import token_digest
from podium.server.configuration import configuration
from podium.server.history.services import ChainName, append
from podium.server.history.wakeups import notify
from podium.server.jobs.models import Worker

_SEEN_GRAIN = timedelta(seconds=10)

_REPORT_PARTS = ("limit", "kind", "enforcement", "detail", "advice")
_LONGEST_REPORT = 50
_LONGEST_REPORT_TEXT = 500
_LONGEST_REFUSAL = 2000


def register_worker(by: Person | None, name: str, token: str, *, queue_ids: Collection[int] = ()) -> None:
    """Let a worker of that name in by that token, and by no earlier one, for these queues and no others. `by` is None
    for the supervisor, and for whoever keeps the site.

    Raises:
        UserError: the name does not do.
    """
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise UserError("worker-name", "A worker needs a name of 1 to 100 characters.", "Choose one, such as `lab-2`.")
    with transaction.atomic():
        worker, made = Worker.objects.get_or_create(
            name=name, defaults={"token_digest": token_digest(token), "created_at": clock.now()}
        )
        if not made:
            Worker.objects.filter(pk=worker.pk).update(token_digest=token_digest(token))
        worker.queues.set(queue_ids)
        append(
            ChainName.site(),
            EventKind.WORKER_REGISTERED,
            actor=by,
            payload={"worker": worker.pk, "queues": sorted(queue_ids)},
        )


def worker_of_token(token: str) -> Worker:
    """The worker that a token belongs to.

    Raises:
        NotAllowed: none.
    """
    worker = Worker.objects.filter(token_digest=token_digest(token)).first()
    if worker is None:
        raise NotAllowed(
            "worker-unknown",
            "No worker has this token.",
            "Make one on the server with `podium token create --worker NAME`.",
        )
    return worker


def greet_worker(
    worker: Worker,
    *,
    slots: int,
    report: Sequence[Mapping[str, object]],
    sandbox: str = "",
    version: str = "",
    host: str = "",
    refusal: str = "",
    no_network: str = "",
    time_s: float | None = None,
) -> None:
    """Note what a worker says of itself: how many slots it has, how its sandbox enforces each limit, or with `refusal`
    why it takes no runs, with `no_network` none of queues whose programs have a network. `time_s` is what its clock
    showed, in seconds since 1970.

    Of the report the known parts are kept, as texts of a bounded length that every database takes.

    Raises:
        NotAllowed: it would run programs of strangers without a sandbox (`worker-unsandboxed`).
    """
    if slots and not refusal:
        require_sandbox(sandbox)
    lines = [
        {name: _kept(str(line[name]), _LONGEST_REPORT_TEXT) for name in _REPORT_PARTS if name in line}
        for line in report[:_LONGEST_REPORT]
    ]
    now = clock.now()
    Worker.objects.filter(pk=worker.pk).update(
        slots=slots,
        leaving=False,
        report=lines,
        sandbox=_kept(sandbox, 40),
        version=_kept(version, 40),
        host=_kept(host, 100),
        refusal=_kept(refusal, _LONGEST_REFUSAL),
        no_network=_kept(no_network, _LONGEST_REFUSAL),
        clock_skew_s=None if time_s is None else time_s - now.timestamp(),
        last_seen_at=now,
    )


def note_leaving(worker: Worker) -> None:
    """Note that a worker takes no more runs until it greets again, and wake those of its slots that wait for one."""
    with transaction.atomic():
        Worker.objects.filter(pk=worker.pk).update(leaving=True)
        notify()


def is_leaving(worker: Worker) -> bool:
    """Whether the worker has said by now that it takes no more runs."""
    return Worker.objects.filter(pk=worker.pk, leaving=True).exists()


def require_sandbox(sandbox: str) -> None:
    """Return unless this is no sandbox at all and anybody can sign up.

    Raises:
        NotAllowed: `worker-unsandboxed`.
    """
    if sandbox == UNSANDBOXED and configuration().sign_up == "open":
        raise NotAllowed(
            "worker-unsandboxed",
            "A worker without a sandbox gets no runs while anybody can sign up.",
            "Set PODIUM_SIGN_UP=closed on the server, or PODIUM_SANDBOX=bubblewrap on the worker.",
        )


def _kept(text: str, longest: int) -> str:
    return text.replace("\0", "")[:longest]


def note_worker_seen(worker: Worker) -> None:
    """Note that a worker was heard of now, to ten seconds.

    Every commit wakes the workers that wait, and each of them asks again: a note for every question would never end.
    """
    now = clock.now()
    if worker.last_seen_at is None or worker.last_seen_at <= now - _SEEN_GRAIN:
        Worker.objects.filter(pk=worker.pk).update(last_seen_at=now)
        worker.last_seen_at = now
