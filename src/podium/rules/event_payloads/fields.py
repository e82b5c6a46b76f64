"""What the fields of events hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Field(gt=0)]
"""The number of a row."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""The sha256 of bytes, in lower-case hex."""
TextRef = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""The salted hash of a text that can be erased."""
PersonId = Annotated[str, Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A person's opaque id."""
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$")]
"""A time in UTC, with six decimals of a second."""
Key = Annotated[str, Field(max_length=512)]
"""The key of a column, or the name of one of its parts: an identifier, no text."""
Word = Annotated[str, Field(pattern="^[a-z0-9_-]{0,40}$")]
"""One of our own words."""


class Payload(BaseModel):
    """What an event of one kind says. Nothing more may stand in it, and nothing of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
