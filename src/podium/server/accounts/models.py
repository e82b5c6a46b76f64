"""People and the tokens with which their programs speak for them."""

from __future__ import annotations

import uuid
from typing import ClassVar, cast

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models.functions import Lower


class UserManager(DjangoUserManager["User"]):
    """Finds people by name without regard to case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class FoldedName(models.CharField):  # type: ignore[type-arg]
    """The shown name of a person without regard to case, written whenever the person is. Databases fold letters each in
    their own way, and SQLite only those of English."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002 - how Django calls it
        folded = cast("User", model_instance).shown_name.casefold()
        setattr(model_instance, self.attname, folded)
        return folded


class User(AbstractUser):
    """A person. `opaque_id` is what events call them, so that erasing a person breaks no chain. `folded_name` is what
    they are sought and sorted by."""

    username = models.CharField(max_length=50)
    email = models.EmailField()
    display_name = models.CharField(max_length=100, blank=True)
    # Of a letter become up to three.
    folded_name = FoldedName(max_length=300, editable=False)
    opaque_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quota_bytes = models.BigIntegerField(default=15 << 30)
    is_bot = models.BooleanField(default=False)
    is_banned = models.BooleanField(default=False)

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    REQUIRED_FIELDS = ["email"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="one_user_per_name", violation_error_message="This name is taken."
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="one_user_per_email",
                violation_error_message="There is an account with this address.",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """What others read on boards and pages."""
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.shown_name

    def get_short_name(self) -> str:
        return self.shown_name


class ApiToken(models.Model):
    """Lets a program speak for a person. The token itself is not stored: it is derived from `nonce` and the site's
    signing key, and found again by its digest."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField(max_length=100)
    nonce = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "label"], name="one_token_per_label")]
