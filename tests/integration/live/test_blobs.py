"""The bytes of files, by signed links."""

from __future__ import annotations

import hashlib
import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.integration.live.conftest import QuietSite
from tests.running_site import eventually

pytestmark = pytest.mark.slow

CONTENT = b"0123456789" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def announce(site: QuietSite, size_bytes: int = len(CONTENT)) -> tuple[str, str]:
    """(key, link to PUT to) of a new data set."""
    answer = httpx.post(
        f"{site.near.url}/api/datasets/",
        json={"type": "submission", "request_sassy_file_name": "mine.zip", "file_size": size_bytes},
        headers={"Authorization": f"Token {site.token}"},
    ).raise_for_status()
    return answer.json()["key"], str(httpx.URL(site.near.url).join(answer.json()["sassy_url"]))


def complete(site: QuietSite, key: str) -> httpx.Response:
    """Say that the upload is complete; refused where nothing has arrived."""
    headers = {"Authorization": f"Token {site.token}"}
    return httpx.put(f"{site.near.url}/api/datasets/completed/{key}/", json={}, headers=headers)


@pytest.fixture(scope="module")
def link(quiet: QuietSite) -> str:
    """A link to read CONTENT."""
    key, upload = announce(quiet)
    httpx.put(upload, content=CONTENT).raise_for_status()
    complete(quiet, key).raise_for_status()
    headers = {"Authorization": f"Token {quiet.token}"}
    answer = httpx.get(f"{quiet.near.url}/datasets/download/{key}/", headers=headers)
    assert answer.is_redirect, answer.text
    return str(httpx.URL(quiet.near.url).join(answer.headers["Location"]))


def test_a_file_comes_whole_under_its_name_and_harmless_to_browsers(link: str) -> None:
    answer = httpx.get(link)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mine.zip"'
    assert answer.headers["ETag"] == f'"{SHA256}"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_head_tells_the_length_without_the_bytes(link: str) -> None:
    answer = httpx.head(link)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "10000", b"")


@pytest.mark.parametrize(
    ("wanted", "content"), [("bytes=5-14", b"5678901234"), ("bytes=9995-", b"56789"), ("bytes=-3", b"789")]
)
def test_a_part_of_a_file_comes_alone(link: str, wanted: str, content: bytes) -> None:
    answer = httpx.get(link, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["Content-Range"].endswith("/10000")


def test_a_part_beyond_the_end_is_refused(link: str) -> None:
    assert httpx.get(link, headers={"Range": "bytes=20000-"}).status_code == 416


def test_what_the_client_has_already_is_not_sent_again(link: str) -> None:
    answer = httpx.get(link, headers={"If-None-Match": f'"{SHA256}"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert httpx.get(link, headers={"If-None-Match": '"other"'}).status_code == 200


def changed(link: str, **query: str) -> str:
    return str(httpx.URL(link).copy_merge_params(query))


@pytest.mark.parametrize(
    "query", [{"signature": "x"}, {"signature": ""}, {"expires": "99999999999"}, {"expires": "soon"}, {"expires": "0"}]
)
def test_a_link_that_was_changed_is_refused(link: str, query: dict[str, str]) -> None:
    answer = httpx.get(changed(link, **query))
    assert (answer.status_code, answer.json()["code"]) == (403, "link-invalid")


def test_a_link_for_another_file_or_name_is_refused(link: str) -> None:
    for old, new in ((SHA256, "0" * 64), ("mine.zip", "yours.html")):
        assert httpx.get(link.replace(old, new)).status_code == 403


def test_a_link_to_read_cannot_be_written_to(link: str) -> None:
    assert httpx.put(link, content=b"x").status_code == 405


def test_a_link_to_write_with_a_wrong_signature_is_refused(quiet: QuietSite) -> None:
    key, upload = announce(quiet)
    assert httpx.put(changed(upload, signature="x"), content=CONTENT).status_code == 403
    assert complete(quiet, key).is_client_error


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_refused(quiet: QuietSite) -> None:
    key, upload = announce(quiet)
    assert httpx.put(upload, content=CONTENT).status_code == 200
    assert httpx.put(upload, content=CONTENT).status_code == 200
    other = httpx.put(upload, content=CONTENT[::-1])
    assert (other.status_code, other.json()["code"]) == (409, "upload-complete")
    assert complete(quiet, key).is_success


def test_a_body_in_chunks_without_a_length_arrives(quiet: QuietSite) -> None:
    key, upload = announce(quiet)
    assert httpx.put(upload, content=iter([CONTENT[:5000], CONTENT[5000:]])).status_code == 200
    assert complete(quiet, key).is_success


def head_of(upload: str, length: int) -> bytes:
    parts = urlsplit(upload)
    return (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {length}\r\n"
        "Expect: 100-continue\r\n\r\n"
    ).encode()


def test_more_than_the_ticket_allows_is_refused_before_it_is_sent(quiet: QuietSite) -> None:
    _, upload = announce(quiet)
    with socket.create_connection(("127.0.0.1", urlsplit(upload).port or 0), timeout=30) as connection:
        connection.sendall(head_of(upload, 1 << 50))
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 413


def test_a_cut_upload_leaves_nothing_and_may_be_sent_again(quiet: QuietSite) -> None:
    key, upload = announce(quiet)
    content = b"cut" + CONTENT
    with socket.create_connection(("127.0.0.1", urlsplit(upload).port or 0), timeout=30) as connection:
        connection.sendall(head_of(upload, len(content)))
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(content[:3000])
    eventually(lambda: not unfinished(quiet), "the received part is thrown away")
    assert complete(quiet, key).is_client_error
    assert not list((blobs_of(quiet)).rglob(hashlib.sha256(content[:3000]).hexdigest()))
    assert httpx.put(upload, content=content).status_code == 200
    assert complete(quiet, key).is_success


def blobs_of(site: QuietSite) -> Path:
    return Path(site.environment["PODIUM_DATA"]) / "blobs"


def unfinished(site: QuietSite) -> list[Path]:
    """Files of the blob store that are no whole blob: those are named by their hash."""
    return [path for path in blobs_of(site).rglob("*") if path.is_file() and len(path.name) != 64]
