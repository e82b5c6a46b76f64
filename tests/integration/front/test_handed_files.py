"""Files that views open: the front sends them, in whole or in ranges (RFC 9110, 13 and 14)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pytest
from tests.integration.front.serving import Site, StartResponse, serving, wait_until

CONTENT = bytes(range(256)) * 4096
"""One MiB in which every byte tells its place within 256."""


def handing(open_file: Callable[[], BinaryIO], *headers: tuple[str, str], status: str = "200 OK") -> Any:
    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/zip"), *headers])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](open_file(), 4096)
        return wrapped

    return view


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Hands over one file under the tag "abc"; stateless, and therefore shared."""
    folder = tmp_path_factory.mktemp("front")
    path = _write(folder / "content.zip")
    view = handing(lambda: path.open("rb"), ("ETag", '"abc"'), ("Content-Disposition", 'attachment; filename="a.zip"'))
    with serving(view, folder) as running:
        yield running


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _write(tmp_path / "content.zip")


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def _write(path: Path) -> Path:
    path.write_bytes(CONTENT)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_the_whole_file_comes_with_the_views_headers(site: Site) -> None:
    response, body = site.request("GET", "/f")
    assert response.status == 200
    assert body == CONTENT
    assert response.getheader("Content-Length") == "1048576"
    assert response.getheader("Content-Type") == "application/zip"
    assert response.getheader("Content-Disposition") == 'attachment; filename="a.zip"'
    assert response.getheader("Accept-Ranges") == "bytes"
    assert response.getheader("ETag") == '"abc"'
    assert response.getheader("Last-Modified") == formatdate(1_700_000_000, usegmt=True)


def test_head_of_a_file_has_its_length_and_no_body(site: Site) -> None:
    told = site.say(b"HEAD /f HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
    head, _, body = told.partition(b"\r\n\r\n")
    assert b"content-length: 1048576" in head
    assert body == b""


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-99", 10, 99),
        ("bytes=1048000-", 1_048_000, 1_048_575),
        ("bytes=1048000-9999999", 1_048_000, 1_048_575),
        ("bytes=-500", 1_048_076, 1_048_575),
        ("bytes=-9999999", 0, 1_048_575),
        ("Bytes=5-9", 5, 9),
    ],
)
def test_a_range_gets_206_with_just_those_bytes(site: Site, asked: str, first: int, last: int) -> None:
    response, body = site.request("GET", "/f", headers={"Range": asked})
    assert response.status == 206
    assert response.getheader("Content-Range") == f"bytes {first}-{last}/1048576"
    assert response.getheader("Content-Length") == str(last - first + 1)
    assert body == CONTENT[first : last + 1]


def test_several_ranges_come_as_parts(site: Site) -> None:
    response, body = site.request("GET", "/f", headers={"Range": "bytes=0-3,256-259"})
    assert response.status == 206
    assert str(response.getheader("Content-Type")).startswith("multipart/byteranges; boundary=")
    assert body.count(b"\x00\x01\x02\x03") == 2
    assert b"Content-Range: bytes 256-259/1048576" in body


@pytest.mark.parametrize("asked", ["bytes=1048576-", "bytes=9999999-99999999", "bytes=-0"])
def test_a_range_outside_the_file_gets_416_with_its_length(site: Site, asked: str) -> None:
    response, body = site.request("GET", "/f", headers={"Range": asked})
    assert response.status == 416
    assert response.getheader("Content-Range") == "bytes */1048576"
    assert len(body) < 1000


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=x-y", "bytes=9-5", "bytes", "bytes=", "bytes=--5", "bytes=+1-2"])
def test_a_range_that_is_none_is_ignored(site: Site, asked: str) -> None:
    response, body = site.request("GET", "/f", headers={"Range": asked})
    assert response.status == 200
    assert body == CONTENT


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('"abc"', 206),
        ('"other"', 200),
        ('W/"abc"', 200),
        (formatdate(1_700_000_000, usegmt=True), 206),
        (formatdate(1_600_000_000, usegmt=True), 200),
    ],
)
def test_a_conditional_range_is_given_of_the_same_file_only(site: Site, condition: str, status: int) -> None:
    response, body = site.request("GET", "/f", headers={"Range": "bytes=1-2", "If-Range": condition})
    assert response.status == status
    assert body == (CONTENT[1:3] if status == 206 else CONTENT)


@pytest.mark.parametrize(
    "condition",
    [
        {"If-None-Match": '"abc"'},
        {"If-None-Match": 'W/"abc"'},
        {"If-None-Match": '"x", "abc"'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": formatdate(1_700_000_000, usegmt=True)},
        {"If-None-Match": '"abc"', "Range": "bytes=0-1"},
    ],
)
def test_a_file_the_client_has_is_not_sent_again(site: Site, condition: dict[str, str]) -> None:
    response, body = site.request("GET", "/f", headers=condition)
    assert response.status == 304
    assert response.getheader("ETag") == '"abc"'
    assert body == b""


@pytest.mark.parametrize(
    "condition",
    [
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": formatdate(1_600_000_000, usegmt=True)},
        {"If-Modified-Since": "yesterday"},
        # RFC 9110, 13.1.3: the date does not count beside a tag.
        {"If-None-Match": '"other"', "If-Modified-Since": formatdate(1_700_000_000, usegmt=True)},
    ],
)
def test_a_file_the_client_does_not_have_is_sent(site: Site, condition: dict[str, str]) -> None:
    response, body = site.request("GET", "/f", headers=condition)
    assert response.status == 200
    assert body == CONTENT


def test_a_file_without_a_tag_of_the_view_gets_one_that_a_range_can_name(file: Path, spool: Path) -> None:
    with serving(handing(lambda: file.open("rb")), spool) as site:
        tag = str(site.request("GET", "/f")[0].getheader("ETag"))
        response, body = site.request("GET", "/f", headers={"Range": "bytes=0-1", "If-Range": tag})
    assert tag.startswith('"')
    assert (response.status, body) == (206, CONTENT[:2])


def test_a_file_without_a_name_is_sent(spool: Path) -> None:
    def unnamed() -> BinaryIO:
        file = TemporaryFile(dir=spool)  # noqa: SIM115
        file.write(CONTENT)
        file.seek(0)
        return file

    with serving(handing(unnamed), spool) as site:
        assert site.request("GET", "/f")[1] == CONTENT
        assert site.request("GET", "/f", headers={"Range": "bytes=-5"})[1] == CONTENT[-5:]


def test_a_file_that_is_deleted_after_the_view_opened_it_is_sent_all_the_same(file: Path, spool: Path) -> None:
    def open_and_delete() -> BinaryIO:
        opened = file.open("rb")
        file.unlink()
        return opened

    with serving(handing(open_and_delete), spool) as site:
        assert site.request("GET", "/f")[1] == CONTENT


def test_a_file_that_was_read_from_is_sent_from_where_it_stands(file: Path, spool: Path) -> None:
    def at_the_end() -> BinaryIO:
        opened = file.open("rb")
        opened.seek(len(CONTENT) - 7)
        return opened

    with serving(handing(at_the_end), spool) as site:
        assert site.request("GET", "/f")[1] == CONTENT[-7:]


def test_a_status_of_the_view_is_kept_and_no_range_taken_from_it(file: Path, spool: Path) -> None:
    with serving(handing(lambda: file.open("rb"), status="404 Not Found"), spool) as site:
        response, body = site.request("GET", "/f", headers={"Range": "bytes=0-1"})
    assert (response.status, body) == (404, CONTENT)


def test_a_client_cannot_make_the_front_send_a_file(spool: Path) -> None:
    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("X-Podium-File", "/etc/passwd"), ("X-Accel-Redirect", "/etc/passwd"), ("X-Sendfile", "/etc")])
        return [b"mine"]

    asked = {"X-Podium-File": "/etc/passwd", "X-Sendfile-Type": "X-Accel-Redirect"}
    with serving(view, spool) as site:
        assert site.request("GET", "/f", headers=asked)[1] == b"mine"


def test_every_descriptor_is_closed_after_the_file_was_sent_or_its_reader_left(file: Path, spool: Path) -> None:
    def held() -> int:
        links = (link.resolve() for link in Path("/proc/self/fd").iterdir())
        return sum(link == file for link in links)

    with serving(handing(lambda: file.open("rb"), ("ETag", '"abc"')), spool) as site:
        site.request("GET", "/f")
        site.request("GET", "/f", headers={"Range": "bytes=9999999-"})
        site.request("GET", "/f", headers={"If-None-Match": '"abc"'})
        with site.connect() as connection:
            connection.sendall(b"GET /f HTTP/1.1\r\nHost: test\r\n\r\n")
            connection.recv(100)
        wait_until(lambda: held() == 0, "no descriptor of the file is open")
