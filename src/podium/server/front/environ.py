"""The WSGI environment of a request (PEP 3333), from its ASGI scope.

a2wsgi's is not used: it fails on query bytes beyond ASCII, rewrites paths that are not UTF-8, and lets `X_Name` and
`Proxy` pass for `X-Name` and the proxy setting of HTTP clients.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from podium.rules.errors import UserError

Environ = dict[str, Any]
Headers = Sequence[tuple[bytes, bytes]]
FileWrapper = Callable[..., Iterable[bytes]]

# What trusted proxies said is already in the scope's client and scheme; what others said must convince nobody.
# `Proxy` would become HTTP_PROXY, which HTTP clients take for their setting.
_DROPPED = frozenset(
    {
        b"proxy",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-forwarded-server",
        b"x-forwarded-ssl",
        b"x-real-ip",
        b"transfer-encoding",
        b"content-length",
        b"expect",
    }
)
_SINGLE = frozenset({b"host", b"content-type", b"authorization"})


def build_environ(scope: Scope, headers: Headers, *, file_wrapper: FileWrapper) -> Environ:
    """The environment of one request without its body: `wsgi.input` and CONTENT_LENGTH are set once it is here.

    UserError where a field that may stand once (Host, Content-Type, Authorization) stands twice.
    """
    path, root = _paths(scope)
    server_name, server_port = scope.get("server") or ("localhost", 80)
    client_name, client_port = scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root,
        "PATH_INFO": path,
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server_name,
        "SERVER_PORT": str(server_port or 0),
        "REMOTE_ADDR": client_name,
        "REMOTE_PORT": str(client_port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": file_wrapper,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    environ.update(_header_variables(headers))
    environ["podium.request_id"] = scope.get("state", {}).get("request_id", "")
    return environ


def _paths(scope: Scope) -> tuple[str, str]:
    # `path` was decoded with replacement characters; only `raw_path` still has the bytes that the client named.
    raw = scope.get("raw_path")
    path = unquote_to_bytes(raw) if raw is not None else scope["path"].encode()
    root = scope.get("root_path", "").encode()
    return path.removeprefix(root).decode("latin-1"), root.decode("latin-1")


def _header_variables(headers: Headers) -> dict[str, str]:
    variables: dict[str, str] = {}
    for name, value in headers:
        if b"_" in name or name in _DROPPED:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if name != b"content-type":
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        if key in variables:
            if name in _SINGLE:
                field = name.decode("latin-1").title()
                raise UserError("header-twice", f"The request has the field {field} twice.", "Send it once.")
            text = f"{variables[key]}{'; ' if name == b'cookie' else ', '}{text}"
        variables[key] = text
    return variables
