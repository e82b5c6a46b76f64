"""Whom programs with a network can trust: the certificates that this machine trusts."""

from __future__ import annotations

from pathlib import Path

_FOLDERS = ("/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted", "/etc/ca-certificates")


def certificates() -> tuple[str, ...]:
    """The folders to show, never those with keys."""
    return tuple(folder for folder in _FOLDERS if Path(folder).is_dir())
