"""Imports as jobs of the site: asked for, carried out, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from podium.rules.access import Action, require, roles_towards
from podium.rules.errors import NotAllowed, UserError
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.competitions.services import publish
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.queries import own_data_set
from podium.server.files.services import (
    check_quota,
    check_room,
    check_size,
    create_data_set,
    delete_data_set,
    keep_blob,
    store,
)
from podium.server.imports.queries import IMPORT, import_status
from podium.server.imports.services import ImportedCompetition, import_bundle
from podium.server.jobs.internal import services as jobs
from podium.server.jobs.internal.queries import job_about
from podium.server.jobs.internal.services import Order
from podium.server.jobs.internal.work import JobKind, Work

_CHECKING = "Checking the bundle"
_STORING = "Storing its files"


def send_bundle(by: Person, path: Path, file_name: str, *, publish: bool = False) -> int:
    """Store a bundle that arrived as a file, and have it imported; with `publish` for everybody to see. Returns the
    number of the import.

    Raises:
        NotAllowed: the person may not.
        TooLarge, OutOfSpace: it does not fit.
    """
    _require(by)
    size = path.stat().st_size
    if not size:
        raise UserError("file-empty", "The file is empty.", "Choose a bundle that has content.")
    check_size(DataSetType.COMPETITION_BUNDLE, size)
    # Before it is stored: what is refused afterwards would lie on the disk and count for nobody.
    check_room(by, size)
    stored = store().put_file(path)
    with transaction.atomic():
        check_quota(hold_account(by.id), stored.size_bytes)
        bundle = create_data_set(by.id, DataSetType.COMPETITION_BUNDLE, file_name, keep_blob(stored))
        return _ask(by, bundle, publish=publish)


def start_import(by: Person, key: UUID, *, publish: bool = False) -> int:
    """Have a bundle imported that was uploaded as a data set. Returns the number of the import: asked for again, the
    same one.

    Raises:
        NotFound: the person has no such data set.
        NotAllowed: the person may not.
        UserError: its file has not arrived.
    """
    _require(by)
    with transaction.atomic():
        hold_account(by.id)
        bundle = own_data_set(by, key)
        if bundle.blob_id is None:
            raise UserError(
                "upload-incomplete", "The file has not arrived.", "PUT its bytes to the link of the data set."
            )
        return job_about(IMPORT, _subject(bundle.key)) or _ask(by, bundle, publish=publish)


def cancel_import(by: Person, import_id: int) -> bool:
    """Cancel an import, and forget its bundle. Returns whether that changed anything.

    Raises:
        NotFound: the person asked for no such import.
    """
    import_status(by, import_id)
    with transaction.atomic():
        hold_account(by.id)
        if not jobs.cancel(import_id):
            return False
        _forget_bundle(by.id, import_status(by, import_id).bundle)
    return True


def _require(by: Person) -> None:
    require(Action.IMPORT_COMPETITION, roles_towards(signed_in=True, admin=by.is_admin))


def _subject(key: UUID) -> str:
    return f"bundle {key}"


def _ask(by: Person, bundle: DataSet, *, publish: bool) -> int:
    payload = {"bundle": str(bundle.key), "owner": by.id, "file_name": bundle.file_name, "publish": publish}
    return jobs.ask_for(IMPORT, by, payload, subject=_subject(bundle.key))


def _carry_out(work: Work) -> None:
    payload, by = work.order.payload, work.order.owner
    if by is None:
        message = "The account that sent the bundle may not import competitions any more."
        raise NotAllowed("account-gone", message, "Send it from another account.")
    bundle = own_data_set(by, UUID(payload["bundle"]))
    work.advance(0, bundle.size_bytes, _CHECKING)

    def end(made: ImportedCompetition) -> None:
        if payload["publish"]:
            publish(by, made.id)
        work.finish(_result(made, payload), made.notes)

    import_bundle(by, bundle, end, lambda done, total: work.advance(done, total, _STORING))


def _result(made: ImportedCompetition, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"competition": made.id, "title": made.title, "published": payload["publish"]}


def _tidy(order: Order) -> None:
    _forget_bundle(order.payload["owner"], UUID(order.payload["bundle"]))


def _forget_bundle(owner_id: int, key: UUID) -> None:
    """Of an import that made nothing, nothing is kept but what was wrong. One that something else names stays."""
    delete_data_set(owner_id, key)


IMPORTS = JobKind(IMPORT, _carry_out, _tidy)
"""How imports are carried out."""
