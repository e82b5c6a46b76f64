"""The event chain: what happened, append-only."""

from __future__ import annotations

from typing import Any

from django.db import models


class Chain(models.Model):
    """One chain of events: of a competition, or of the site itself. The row is locked while an event is appended,
    so that sequence numbers are given in the order of commits."""

    kind = models.CharField(max_length=20)
    subject = models.BigIntegerField()
    head_seq = models.BigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default="")
    head_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="one_chain_per_subject")]


class SubmissionNamed(models.Func):
    """The submission that a payload names, as the database finds it there; NULL where it names none."""

    arity = 1
    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """With SQLite's functions for JSON."""
        return self.as_sql(compiler, connection, template="json_extract(%(expressions)s, '$.submission')", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """With PostgreSQL's type for JSON."""
        template = "((%(expressions)s)::jsonb ->> 'submission')::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


class Event(models.Model):
    """Something that happened. `payload` is canonical JSON and, like `actor`, holds opaque ids only."""

    # Each index below begins with the chain.
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40, blank=True)
    payload = models.TextField()
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["chain_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="one_event_per_place_in_chain")]
        indexes = [
            models.Index(fields=["chain", "kind", "seq"], name="events_by_kind"),
            models.Index(fields=["chain", "actor", "seq"], name="events_by_actor"),
            models.Index("chain", SubmissionNamed("payload"), "seq", name="events_of_submission"),
        ]


class EventText(models.Model):
    """A title, a name or a reason that events refer to: `reference` is its hash with the salt (hex), which tells
    nothing once this row is deleted. It goes with the person whom it is `about`, by opaque id, if there is one."""

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="texts")
    reference = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=32)
    text = models.TextField()
    about = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["chain", "about"], name="texts_of_chain"),
            models.Index(fields=["about"], name="texts_about_person", condition=~models.Q(about="")),
        ]
