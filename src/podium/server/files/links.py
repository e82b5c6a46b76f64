"""Links that carry their own permission: signed, for one blob or one upload ticket, until a moment.

The path of a download never changes for the same content and name, because workers cache by the path alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings

from podium.rules.errors import NotAllowed
from podium.server import clock
from podium.server.configuration import configuration

LIFETIME = timedelta(days=5)


def _signature(method: str, path: str, expires: int) -> str:
    text = f"blob-link:{method}:{path}:{expires}".encode()
    mac = hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:24]).decode("ascii")


def _signed(method: str, path: str, until: datetime) -> str:
    expires = int(until.timestamp())
    query = urlencode({"expires": expires, "signature": _signature(method, path, expires)})
    return f"{path}?{query}"


def download_url(sha256: str, file_name: str, *, absolute: bool = False) -> str:
    """A link to read the blob under `file_name`; `absolute` with the site's address, for workers."""
    path = f"/blobs/{sha256}/{quote(file_name, safe='')}"
    return _origin(absolute) + _signed("GET", path, clock.now() + LIFETIME)


def upload_url(ticket: UUID, *, absolute: bool = False) -> str:
    """A link to PUT the bytes that an upload ticket waits for."""
    path = f"/blobs/upload/{ticket}"
    return _origin(absolute) + _signed("PUT", path, clock.now() + LIFETIME)


def _origin(absolute: bool) -> str:
    return configuration().url if absolute else ""


def check_link(method: str, path: str, expires: str, signature: str) -> None:
    """See that a link was made by us and still holds; `path` as it was sent, percent-encoded.

    Raises:
        NotAllowed: it was not, or does not.
    """
    try:
        moment = int(expires)
    except ValueError:
        moment = 0
    if not hmac.compare_digest(_signature(method, path, moment).encode(), signature.encode()):
        raise NotAllowed("link-invalid", "This link is not valid.", "Ask for a new one where you found it.")
    if clock.now().timestamp() >= moment:
        raise NotAllowed("link-expired", "This link has expired.", "Ask for a new one where you found it.")
