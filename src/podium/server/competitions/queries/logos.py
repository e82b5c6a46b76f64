"""A competition's logo as a file to fetch."""

from __future__ import annotations

from podium.server.competitions.models import Competition
from podium.server.files.queries import StoredFile

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


def logo_of(competition: Competition) -> StoredFile | None:
    """The logo, under a name whose ending fits its content; None where there is none. Needs `logo` selected."""
    if competition.logo is None:
        return None
    return logo_file(competition.logo.sha256, competition.logo.size_bytes, competition.logo_type)


def logo_file(sha256: str, size_bytes: int, logo_type: str) -> StoredFile:
    """A logo of which only this is known."""
    return StoredFile(sha256, size_bytes, f"logo.{_ENDINGS.get(logo_type, 'bin')}")
