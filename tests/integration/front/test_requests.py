"""What a view sees of a request, and what the front does not let through to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.integration.front.serving import Site, StartResponse, answer, read_to_end, serving, wait_until

from podium.server.front.limits import ConnectionLimits


class Witness:
    """A view that keeps the environment of each call."""

    def __init__(self) -> None:
        self.environs: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        self.environs.append(environ)
        return answer(start, b"seen")


@pytest.fixture(scope="module")
def shared_witness() -> Witness:
    return Witness()


@pytest.fixture(scope="module")
def site(shared_witness: Witness, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(shared_witness, tmp_path_factory.mktemp("front")) as running:
        yield running


@pytest.fixture
def witness(shared_witness: Witness) -> Witness:
    shared_witness.environs.clear()
    return shared_witness


def get(target: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([b"GET " + target + b" HTTP/1.1", b"Host: test", *fields, b"Connection: close", b"", b""])


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/plain", b"/plain"),
        (b"/caf%C3%A9", "/café".encode()),
        (b"/not-utf-8/%FF%FE", b"/not-utf-8/\xff\xfe"),
        (b"/a%2Fb", b"/a/b"),
        (b"/%2e%2e/%00", b"/../\x00"),
        (b"/100%25", b"/100%"),
        (b"/bad%zz", b"/bad%zz"),
        (b"//double", b"//double"),
    ],
)
def test_a_path_arrives_as_the_bytes_that_were_named(site: Site, witness: Witness, target: bytes, path: bytes) -> None:
    site.say(get(target))
    assert witness.environs[0]["PATH_INFO"].encode("latin-1") == path


def test_a_query_arrives_as_it_was_sent(site: Site, witness: Witness) -> None:
    site.say(get(b"/search?q=%C3%A9&empty=&q=2"))
    assert witness.environs[0]["QUERY_STRING"] == "q=%C3%A9&empty=&q=2"
    assert witness.environs[0]["PATH_INFO"] == "/search"


def test_bytes_beyond_ascii_in_the_request_line_break_nothing(site: Site, witness: Witness) -> None:
    told = site.say(get("/search?q=é".encode()))
    assert told.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 "))
    assert site.request("GET", "/after")[0].status == 200


def test_duplicate_fields_are_joined_and_cookies_by_semicolons(site: Site, witness: Witness) -> None:
    site.say(get(b"/", b"Accept: a", b"Accept: b", b"Cookie: x=1", b"Cookie: y=2"))
    assert witness.environs[0]["HTTP_ACCEPT"] == "a, b"
    assert witness.environs[0]["HTTP_COOKIE"] == "x=1; y=2"


def test_the_environment_says_what_the_specification_asks_for(site: Site, witness: Witness) -> None:
    site.request("POST", "/p", body=b"hello", headers={"Content-Type": "text/plain", "X-One": "1"})
    environ = witness.environs[0]
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "5",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_PORT": str(site.port),
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_ONE": "1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.run_once": False,
    }
    assert {name: environ[name] for name in expected} == expected
    assert "HTTP_CONTENT_TYPE" not in environ
    assert "HTTP_CONTENT_LENGTH" not in environ


def test_a_field_with_an_underscore_does_not_pass_for_one_with_a_hyphen(site: Site, witness: Witness) -> None:
    site.say(get(b"/", b"X_Role: admin", b"Content_Length: 7", b"X-Role: user"))
    assert witness.environs[0]["HTTP_X_ROLE"] == "user"
    assert witness.environs[0]["CONTENT_LENGTH"] == "0"


def test_the_field_proxy_does_not_become_a_proxy_setting(site: Site, witness: Witness) -> None:
    site.say(get(b"/", b"Proxy: http://evil.example"))
    assert "HTTP_PROXY" not in witness.environs[0]


FORWARDED = (b"X-Forwarded-For: 203.0.113.9", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: evil.example")


def test_forwarded_fields_convince_nobody_where_no_proxy_is_trusted(site: Site, witness: Witness) -> None:
    site.say(get(b"/", *FORWARDED))
    environ = witness.environs[0]
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["wsgi.url_scheme"] == "http"
    assert [name for name in environ if "FORWARDED" in name] == []


def test_a_trusted_proxy_is_believed_about_address_and_scheme(witness: Witness, tmp_path: Path) -> None:
    with serving(witness, tmp_path, trusted_proxies="127.0.0.1") as site:
        site.say(get(b"/", *FORWARDED))
    assert witness.environs[0]["REMOTE_ADDR"] == "203.0.113.9"
    assert witness.environs[0]["wsgi.url_scheme"] == "https"
    assert "HTTP_X_FORWARDED_HOST" not in witness.environs[0]


@pytest.mark.parametrize("field", [b"Host: other", b"Authorization: Token b"])
def test_a_field_that_decides_may_not_stand_twice(site: Site, witness: Witness, field: bytes) -> None:
    told = site.say(get(b"/", b"Authorization: Token a", field))
    assert told.startswith(b"HTTP/1.1 400 ")
    assert witness.environs == []


def test_a_head_of_ordinary_size_is_taken(site: Site, witness: Witness) -> None:
    site.say(get(b"/", b"X-Long: " + b"a" * 30_000, b"X-Longer: " + b"b" * 30_000))
    assert len(witness.environs[0]["HTTP_X_LONGER"]) == 30_000


@pytest.mark.parametrize(
    "head",
    [
        get(b"/", *[b"X-Many-%d: v" % number for number in range(10_000)]),
        get(b"/", b"X-Long: " + b"a" * 70_000),
        get(b"/" + b"p" * 70_000),
        b"GET / HTTP/1.1\r\nHost: test\r\nX-Endless: " + b"a" * 500_000,
        b"GET /" + b"p" * 500_000,
    ],
    ids=["many fields", "a long field", "a long path", "a field without end", "a path without end"],
)
def test_a_huge_head_gets_431_and_the_connection_ends(site: Site, witness: Witness, head: bytes) -> None:
    told = site.say(head)
    assert told.startswith(b"HTTP/1.1 431 ")
    assert witness.environs == []


def test_fields_after_a_body_count_too(site: Site, witness: Witness) -> None:
    head = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    told = site.say(head + b"".join(b"X-Many-%d: v\r\n" % number for number in range(10_000)))
    assert told.startswith(b"HTTP/1.1 431 ")
    assert witness.environs == []


def test_a_head_that_never_comes_ends_the_connection(witness: Witness, tmp_path: Path) -> None:
    with serving(witness, tmp_path, connection=ConnectionLimits(head_s=0.2)) as site, ExitStack() as stack:
        silent = stack.enter_context(site.connect())
        slow = stack.enter_context(site.connect())
        blank = stack.enter_context(site.connect())
        slow.sendall(b"GET / HTTP/1.1\r\nHost: te")
        blank.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        assert blank.recv(1000).startswith(b"HTTP/1.1 200 ")
        blank.sendall(b"\r\n")
        assert read_to_end(silent) == b""
        assert read_to_end(slow) == b""
        wait_until(lambda: read_to_end(blank) == b"", "the connection with blank lines ends")
    assert len(witness.environs) == 1


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00\x01", b"HELLO\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_not_http_gets_400(site: Site, witness: Witness, nonsense: bytes) -> None:
    assert site.say(nonsense).startswith(b"HTTP/1.1 400 ")
    assert witness.environs == []


def test_http_1_0_without_a_host_is_answered_and_closed(site: Site, witness: Witness) -> None:
    told = site.say(b"GET / HTTP/1.0\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 200 ")
    assert told.endswith(b"seen")
