"""Data sets, upload tickets, quotas, and the links that carry their own permission."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import NOON

from podium.blobs import Blob as StoredBytes
from podium.rules.errors import Conflict, NotAllowed, NotFound, OutOfSpace, TooLarge, UserError
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.configuration import configuration
from podium.server.files.links import LIFETIME, check_link, download_url, upload_url
from podium.server.files.models import Blob, DataSet
from podium.server.files.queries import DataSetFilter, count_own_data_sets, own_data_set, own_data_sets
from podium.server.files.services import (
    TICKET_LIFETIME,
    complete_upload,
    keep_blob,
    open_ticket,
    open_upload,
    safe_file_name,
    store,
    ticket_limit,
)

pytestmark = pytest.mark.django_db
SHA = "ab" * 32


def stored(content: bytes = b"content") -> StoredBytes:
    return store().put_stream([content], max_bytes=1 << 20)


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


def test_a_file_is_announced_then_uploaded(anna: Person) -> None:
    data_set, ticket = open_upload(anna, "submission", "mine.zip", 7)
    assert data_set.blob is None
    assert ticket_limit(ticket.pk) == configuration().max_submission_bytes
    complete_upload(ticket.pk, stored())
    row = DataSet.objects.get()
    assert (row.blob_id, row.size_bytes, row.name) == (stored().sha256, 7, "mine.zip")


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_refused(anna: Person) -> None:
    data_set, ticket = open_upload(anna, "submission", "mine.zip", 7)
    first = complete_upload(ticket.pk, stored())
    assert complete_upload(ticket.pk, stored()).completed_at == first.completed_at
    with pytest.raises(Conflict):
        complete_upload(ticket.pk, stored(b"other"))
    assert DataSet.objects.get(pk=data_set.pk).blob_id == stored().sha256


@pytest.mark.parametrize(
    ("type_", "size", "error"),
    [("picture", 5, UserError), ("submission", 0, UserError), ("submission", 1 << 60, TooLarge)],
)
def test_what_does_not_do_is_refused_before_it_is_sent(
    anna: Person, type_: str, size: int, error: type[UserError]
) -> None:
    with pytest.raises(error):
        open_upload(anna, type_, "a.zip", size)
    assert not DataSet.objects.exists()


def test_a_quota_is_asked_at_the_announcement_and_at_the_end(anna: Person) -> None:
    User.objects.filter(pk=anna.id).update(quota_bytes=10)
    with pytest.raises(OutOfSpace):
        open_upload(anna, "submission", "a.zip", 11)
    _, ticket = open_upload(anna, "submission", "a.zip", 5)
    with pytest.raises(OutOfSpace):
        complete_upload(ticket.pk, stored(b"more than ten bytes"))
    assert DataSet.objects.get().blob is None
    complete_upload(ticket.pk, stored())


def test_what_a_run_writes_counts_for_nobody(anna: Person) -> None:
    ticket = open_ticket(100)
    assert complete_upload(ticket.pk, stored()).blob_id == stored().sha256


def test_a_ticket_holds_for_a_while(anna: Person) -> None:
    with clock.clock_at(NOON):
        ticket = open_ticket(100)
    with clock.clock_at(NOON + TICKET_LIFETIME - timedelta(seconds=1)):
        assert ticket_limit(ticket.pk) == 100
    with clock.clock_at(NOON + TICKET_LIFETIME), pytest.raises(NotAllowed):
        ticket_limit(ticket.pk)
    with pytest.raises(NotFound):
        ticket_limit(uuid4())


def test_a_blob_that_comes_again_is_touched() -> None:
    with clock.clock_at(NOON):
        keep_blob(stored())
    with clock.clock_at(NOON + timedelta(days=1)):
        keep_blob(stored())
    assert [(row.sha256, row.touched_at) for row in Blob.objects.all()] == [(stored().sha256, NOON + timedelta(days=1))]


@given(st.text(max_size=400))
def test_a_file_name_is_one_name_that_can_be_stored_and_shown(name: str) -> None:
    made = safe_file_name(name)
    assert 0 < len(made) <= 255
    assert "/" not in made
    assert "\\" not in made
    assert made.isprintable()
    assert made not in {".", ".."}


@pytest.mark.parametrize(
    ("name", "made"),
    [("../../etc/passwd", "passwd"), ("C:\\Users\\me\\a.zip", "a.zip"), ("\0", "file"), ("a\nb.zip", "ab.zip")],
)
def test_of_a_path_only_the_last_part_stays(name: str, made: str) -> None:
    assert safe_file_name(name) == made


def test_a_link_holds_for_what_it_was_made_and_nothing_else() -> None:
    with clock.clock_at(NOON):
        parts = urlsplit(download_url(SHA, "a b/c.zip"))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        check_link("GET", parts.path, query["expires"], query["signature"])
        for method, path in (
            ("PUT", parts.path),
            ("GET", parts.path + "x"),
            ("GET", parts.path.replace("ab", "cd", 1)),
        ):
            with pytest.raises(NotAllowed):
                check_link(method, path, query["expires"], query["signature"])
        for expires, signature in (
            (str(int(query["expires"]) + 1), query["signature"]),
            (query["expires"], "x" + query["signature"][1:]),
            (query["expires"], "\u00e9"),
            ("never", query["signature"]),
            ("", ""),
        ):
            with pytest.raises(NotAllowed):
                check_link("GET", parts.path, expires, signature)
    with clock.clock_at(NOON + LIFETIME), pytest.raises(NotAllowed, match="expired"):
        check_link("GET", parts.path, query["expires"], query["signature"])


def test_the_path_of_a_download_is_the_same_at_any_time() -> None:
    with clock.clock_at(NOON):
        first = urlsplit(download_url(SHA, "a.zip"))
    with clock.clock_at(NOON + timedelta(hours=1)):
        second = urlsplit(download_url(SHA, "a.zip"))
    assert first.path == second.path
    assert first.query != second.query


def test_links_for_workers_have_the_address_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration(), "url", "https://podium.example.org")
    ticket = uuid4()
    assert upload_url(ticket, absolute=True).startswith(f"https://podium.example.org/blobs/upload/{ticket}?")
    assert upload_url(ticket).startswith(f"/blobs/upload/{ticket}?")


def test_one_lists_ones_own_data_sets_only(anna: Person) -> None:
    open_upload(anna, "submission", "old.zip", 7)
    newer, _ = open_upload(anna, "input_data", "new.zip", 7, name="Barn", description="sheep inside")
    other, _ = open_upload(make_person("bert"), "submission", "his.zip", 7)
    assert [row.file_name for row in own_data_sets(anna, DataSetFilter(), limit=10)] == ["new.zip", "old.zip"]
    assert [row.file_name for row in own_data_sets(anna, DataSetFilter(), limit=1, offset=1)] == ["old.zip"]
    assert count_own_data_sets(anna, DataSetFilter(search="SHEEP")) == 1
    assert count_own_data_sets(anna, DataSetFilter(types=frozenset({"input_data"}))) == 1
    assert count_own_data_sets(anna, DataSetFilter(key=newer.key, is_public=False)) == 1
    assert count_own_data_sets(anna, DataSetFilter(was_created_by_competition=True)) == 0
    with pytest.raises(NotFound):
        own_data_set(anna, other.key)
