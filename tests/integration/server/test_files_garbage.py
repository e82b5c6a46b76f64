"""Taking away blobs that nothing names, and leaving every other alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from tests.integration.server.competition_material import make_person

from podium.blobs import Blob as StoredBytes
from podium.server import clock
from podium.server.competitions.models import Competition
from podium.server.files import garbage
from podium.server.files.garbage import GRACE, remove_abandoned_uploads, remove_unused_blobs
from podium.server.files.models import Blob, DataSet, DataSetType
from podium.server.files.services import create_data_set, keep_blob, open_ticket, store

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=25)


def stored(content: bytes) -> StoredBytes:
    return store().put_stream([content], max_bytes=1 << 20)


def kept(content: bytes) -> Blob:
    """A blob with a row, both as if they had been made long ago."""
    blob = stored(content)
    row = keep_blob(blob)
    make_old(blob.sha256)
    return row


def make_old(sha256: str, age: timedelta = LONG_AGO) -> None:
    then = clock.now() - age
    Blob.objects.filter(pk=sha256).update(touched_at=then)
    os.utime(store().path(sha256), (then.timestamp(), then.timestamp()))


def test_what_nothing_names_is_removed_after_a_day() -> None:
    row = kept(b"unused")
    young = stored(b"young")
    keep_blob(young)
    assert remove_unused_blobs() == 1
    assert not store().exists(row.sha256)
    assert [each.sha256 for each in Blob.objects.all()] == [young.sha256]
    assert store().exists(young.sha256)


def test_the_grace_is_a_day() -> None:
    assert timedelta(hours=24) == GRACE
    row = kept(b"nearly")
    make_old(row.sha256, GRACE - timedelta(minutes=1))
    assert remove_unused_blobs() == 0
    make_old(row.sha256, GRACE + timedelta(minutes=1))
    assert remove_unused_blobs() == 1


def named_by_a_data_set(row: Blob) -> models.Model:
    return create_data_set(make_person("anna").id, DataSetType.INPUT_DATA, "a.zip", row)


def named_by_a_ticket(row: Blob) -> models.Model:
    ticket = open_ticket(10)
    ticket.blob = row
    ticket.save()
    return ticket


def named_as_a_logo(row: Blob) -> models.Model:
    now = clock.now()
    owner = make_person("anna").id
    return Competition.objects.create(
        title="Sheep", logo=row, logo_type="image/png", terms="", created_by_id=owner, created_at=now, docker_image="x"
    )


NAMED_BY: dict[str, Callable[[Blob], models.Model]] = {
    "files.DataSet.blob": named_by_a_data_set,
    "files.UploadTicket.blob": named_by_a_ticket,
    "competitions.Competition.logo": named_as_a_logo,
}


def test_every_column_of_every_table_that_may_name_a_blob_is_asked() -> None:
    fields = [field for model in apps.get_models() for field in model._meta.get_fields() if field.concrete]
    naming = [field for field in fields if field.related_model is Blob]
    assert {str(field) for field in naming} >= set(NAMED_BY)
    with CaptureQueriesContext(connection) as asked:
        remove_unused_blobs()
    for field in naming:
        assert f'U0."{field.column}" =' in asked[0]["sql"]
        assert f'"{field.model._meta.db_table}" U0' in asked[0]["sql"]


@pytest.mark.parametrize("place", NAMED_BY)
def test_what_any_row_names_stays_however_old(place: str) -> None:
    row = kept(b"used")
    naming = NAMED_BY[place](row)
    assert remove_unused_blobs() == 0
    assert store().path(row.sha256).read_bytes() == b"used"
    naming.delete()
    assert remove_unused_blobs() == 1


def test_bytes_without_a_row_are_removed_when_they_are_old() -> None:
    old, young = stored(b"old"), stored(b"young")
    make_old(old.sha256)
    assert remove_unused_blobs() == 1
    assert not store().exists(old.sha256)
    assert store().exists(young.sha256)


def test_bytes_that_were_stored_again_stay_although_their_row_goes() -> None:
    """As between storing a blob and writing its row: the next `keep_blob` makes the row anew."""
    row = kept(b"again")
    again = stored(b"again")
    assert remove_unused_blobs() == 0
    assert not Blob.objects.exists()
    assert store().exists(row.sha256)
    assert keep_blob(again).sha256 == row.sha256
    assert Blob.objects.get().size_bytes == 5


def test_a_row_that_was_touched_stays_with_its_bytes() -> None:
    row = kept(b"touched")
    keep_blob(stored(b"touched"))
    assert remove_unused_blobs() == 0
    assert Blob.objects.get().pk == row.pk


def test_uploads_whose_process_was_killed_are_removed() -> None:
    # Nobody holds a lock of what nobody has open.
    abandoned = store().folder / "incoming/abandoned"
    abandoned.write_bytes(b"half")
    with store().writer(10) as alive:
        assert remove_abandoned_uploads() == 1
        assert not abandoned.exists()
        assert alive._path.exists()


def test_a_blob_whose_bytes_are_gone_already_is_forgotten_all_the_same() -> None:
    row = kept(b"lost")
    store().path(row.sha256).unlink()
    assert remove_unused_blobs() == 0
    assert not Blob.objects.exists()


def test_many_are_removed_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_PORTION", 3)
    rows = [kept(b"%d" % number) for number in range(10)]
    named_by_a_data_set(rows[4])
    assert remove_unused_blobs() == 9
    assert [row.pk for row in Blob.objects.all()] == [rows[4].pk]


@pytest.mark.django_db(transaction=True)
def test_who_stores_the_same_at_this_moment_has_both_row_and_bytes() -> None:
    """Sixty times one stores what another sweeps away, as a page and the jobs process would."""
    if connection.vendor != "postgresql":
        pytest.skip("The tests' SQLite lies in memory, where a second writer is refused instead of waiting.")
    owner = make_person("anna").id
    for _ in range(60):
        row = kept(b"shared")
        together = threading.Barrier(2)
        failures: list[BaseException] = []

        def sweep(together: threading.Barrier = together, failures: list[BaseException] = failures) -> None:
            try:
                together.wait()
                remove_unused_blobs()
            except BaseException as failure:  # noqa: BLE001 - told by the test
                failures.append(failure)
            finally:
                connection.close()

        sweeping = threading.Thread(target=sweep)
        sweeping.start()
        together.wait()
        with transaction.atomic():
            data_set = create_data_set(owner, DataSetType.INPUT_DATA, "a.zip", keep_blob(stored(b"shared")))
        sweeping.join()
        assert not failures
        assert DataSet.objects.select_related("blob").get(pk=data_set.pk).blob == row
        assert store().path(row.sha256).read_bytes() == b"shared"
        data_set.delete()
