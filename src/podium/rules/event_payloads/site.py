"""What events say of accounts, tokens, workers and queues."""

from __future__ import annotations

from podium.rules.event_payloads.fields import Number, Payload, PersonId, Word


class UserOnly(Payload):
    """The person concerned, who is not always the one who acted."""

    user: PersonId


class UserChanged(Payload):
    """Something about an account changed: `what` is one of our words, such as password."""

    user: PersonId
    what: Word


class TokenChanged(Payload):
    """A token that speaks for a person was made, or revoked."""

    user: PersonId
    token: Number


class WorkerRegistered(Payload):
    """A worker was let in, for these queues."""

    worker: Number
    queues: list[Number]


class QueueCreated(Payload):
    """A queue was made."""

    queue: Number
    owner: PersonId
    public: bool


class QueueChanged(Payload):
    """What a queue is now; only what was decided is named. Limits are written as in a bundle."""

    queue: Number
    public: bool | None = None
    defaults: str | None = None
    maxima: str | None = None
    network: bool | None = None
    runs_per_person: int | None = None


class QueueOnly(Payload):
    """The queue."""

    queue: Number
