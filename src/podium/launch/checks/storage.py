"""Where files lie: the store of blobs, the room on the disk, and the key that signs."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from podium.launch.checks.check import Check
from podium.rules.errors import PodiumError, UserError
from podium.server.configuration import Configuration, configuration
from podium.server.files.services import store

_FEW_FILES = 10_000
_SHORTEST_KEY = 32
_GIBIBYTE = 1 << 30


def check_storage() -> Iterator[Check]:
    """Whether files can be kept, found again and forgotten, and for how long still."""
    chosen = configuration()
    yield _blobs()
    yield _room(chosen)
    yield _key(chosen)


def _blobs() -> Check:
    content = secrets.token_bytes(64)
    try:
        kept = store()
        blob = kept.put_stream([content], max_bytes=len(content))
        with kept.open(blob.sha256) as file:
            same = file.read() == content
        removed = kept.delete_old(blob.sha256, time.time() + 60)
    except UserError as error:
        return Check("files", "failed", error.message, error.hint)
    except (OSError, PodiumError) as error:
        return Check(
            "files",
            "failed",
            f"A file could not be stored, read and removed: {error}.",
            "Make the folder `blobs` of the data folder writable for the user the site runs as.",
        )
    if not same or not removed:
        what = "came back changed" if not same else "could not be removed"
        return Check("files", "failed", f"A stored file {what}.", "Check the disk of the data folder.")
    return Check("files", "in order", "A file was stored, read and removed.")


def _room(chosen: Configuration) -> Check:
    try:
        free = shutil.disk_usage(chosen.data_folder).free
        facts = os.statvfs(chosen.data_folder)
    except OSError as error:
        return Check("disk space", "failed", f"It cannot be seen: {error.strerror}.", "Check the data folder.")
    floor = chosen.disk_floor_bytes
    said = f"{free / _GIBIBYTE:.1f} GiB are free"
    if free < floor:
        return Check(
            "disk space",
            "failed",
            f"{said}, less than PODIUM_DISK_FLOOR_BYTES ({floor / _GIBIBYTE:.1f} GiB): uploads are refused.",
            "Free space on the disk of the data folder, or move the folder to a larger one.",
        )
    if facts.f_files and facts.f_favail < _FEW_FILES:
        return Check(
            "disk space",
            "failed",
            f"{said}, but only {facts.f_favail} more files can be made.",
            "Remove files from the disk of the data folder, or move the folder to another one.",
        )
    if free < 2 * floor:
        return Check("disk space", "attention", f"{said}; uploads are refused below {floor / _GIBIBYTE:.1f} GiB.",
                     "Free space soon.")  # fmt: skip
    return Check("disk space", "in order", f"{said}.")


def _key(chosen: Configuration) -> Check:
    part = "signing key"
    if chosen.secret_key:
        if len(chosen.secret_key) < _SHORTEST_KEY:
            return Check(part, "attention", f"PODIUM_SECRET_KEY is shorter than {_SHORTEST_KEY} characters.",
                         "Choose a longer one at random; everybody has to sign in again then.")  # fmt: skip
        return Check(part, "in order", "It comes from PODIUM_SECRET_KEY.")
    kept = chosen.data_folder / "secret.key"
    if not kept.is_file():
        return Check(part, "failed", f"{kept} is missing: nobody stays signed in.", "Start the site with `podium up`.")
    return _private(part, kept)


def _private(part: str, kept: Path) -> Check:
    facts = kept.stat()
    if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check(
            part,
            "failed",
            f"Others on this machine may use {kept} (mode {stat.S_IMODE(facts.st_mode):04o}).",
            f"Type: chmod 600 {kept}",
        )
    if facts.st_uid != kept.parent.stat().st_uid:
        return Check(part, "failed", f"{kept} belongs to somebody else than its folder.", "Give both the same owner.")
    return Check(part, "in order", "Only its owner may read it.")
