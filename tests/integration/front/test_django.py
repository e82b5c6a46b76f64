"""Django behind the bridge: its file responses are sent by the front, its forms and streams arrive whole."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from tests.integration.front.serving import Site, serving, wait_until

CONTENT = b"0123456789" * 100_000
folder = Path()


def file(request: HttpRequest) -> HttpResponseBase:
    return FileResponse((folder / "content.bin").open("rb"), as_attachment=True, filename="naïve.bin")


def form(request: HttpRequest) -> HttpResponseBase:
    upload = request.FILES["file"]
    return HttpResponse(f"{request.POST['name']} {upload.name} {upload.size}")


def stream(request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse(CONTENT[at : at + 1000] for at in range(0, len(CONTENT), 1000))


def where(request: HttpRequest, name: str) -> HttpResponseBase:
    response = HttpResponse(f"{name} {request.scheme} {request.META['REMOTE_ADDR']}")
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


urlpatterns = [path("file", file), path("form", form), path("stream", stream), path("where/<name>", where)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    global folder
    folder = tmp_path
    (tmp_path / "content.bin").write_bytes(CONTENT)
    settings = override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"])
    with settings, serving(WSGIHandler(), tmp_path) as running:
        yield running


def test_a_file_response_is_handed_over_and_takes_ranges(site: Site) -> None:
    finished: list[object] = []

    def note(**_: object) -> None:
        finished.append(1)

    request_finished.connect(note)
    try:
        whole, body = site.request("GET", "/file")
        part, piece = site.request("GET", "/file", headers={"Range": "bytes=5-14"})
        # The response was closed in its thread: there Django looks after its connections.
        wait_until(lambda: len(finished) == 2, "both requests are finished")
    finally:
        request_finished.disconnect(note)
    assert body == CONTENT
    assert whole.getheader("Content-Disposition") == "attachment; filename*=utf-8''na%C3%AFve.bin"
    assert (part.status, piece) == (206, b"5678901234")
    assert part.getheader("Content-Range") == "bytes 5-14/1000000"


def test_a_form_with_a_file_arrives(site: Site) -> None:
    boundary = "limit"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\nzoë\r\n'.encode(),
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'.encode(),
        CONTENT * 4,
        f"\r\n--{boundary}--\r\n".encode(),
    ]
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    for body in (b"".join(parts), iter(parts)):
        assert site.request("POST", "/form", body=body, headers=kind)[1].decode() == "zoë a.zip 4000000"


def test_a_streamed_response_arrives_whole(site: Site) -> None:
    assert site.request("GET", "/stream")[1] == CONTENT


def test_a_path_beyond_ascii_and_several_cookies_go_both_ways(site: Site) -> None:
    response, body = site.request("GET", "/where/caf%C3%A9")
    assert body.decode() == "café http 127.0.0.1"
    assert [cookie.split(";")[0] for cookie in response.headers.get_all("Set-Cookie") or []] == ["one=1", "two=2"]


def test_head_of_a_file_response_sends_no_byte_of_it(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    for _ in range(2):
        connection.request("HEAD", "/file")
        response = connection.getresponse()
        assert (response.getheader("Content-Length"), response.read()) == ("1000000", b"")
    connection.close()
