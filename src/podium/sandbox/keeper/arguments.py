"""The command line of bwrap: an empty world, into which only what the order names is bound."""

from __future__ import annotations

from collections.abc import Callable

from podium.sandbox.keeper.network import NAME_SERVER
from podium.sandbox.keeper.order import Order

USER_INSIDE = 1000

# Inside the sandbox, where nobody else is.
TEMPORARY = "/tmp"  # noqa: S108
SHARED_MEMORY = "/dev/shm"  # noqa: S108

_FILES = {
    "/etc/passwd": "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n"
    f"podium:x:{USER_INSIDE}:{USER_INSIDE}:Podium:/tmp:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "/etc/group": f"root:x:0:\npodium:x:{USER_INSIDE}:\nnogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_FILES_WITH_NETWORK = {
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "/etc/resolv.conf": f"nameserver {NAME_SERVER}\n",
}


def bwrap_arguments(order: Order, places: dict[str, str], readable: Callable[[bytes], int]) -> list[str]:
    """The arguments before the program's own.

    `places` says where the runner put what belongs at a target (and the `/tmp`, `/dev/shm` and output of the run);
    `readable` turns bytes into the number of a descriptor that bwrap inherits.
    """
    arguments = [
        *("--unshare-all", "--unshare-user", "--uid", str(USER_INSIDE), "--gid", str(USER_INSIDE)),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox", "--clearenv"),
        *("--perms", "0755", "--dir", "/etc"),
    ]
    if order.disable_userns:
        arguments.append("--disable-userns")
    for name, value in order.environment.items():
        arguments += ["--setenv", name, value]
    for link, content in order.symlinks:
        arguments += ["--symlink", content, link]
    if order.network is not None:
        # The one that the runner is in, which is its own.
        arguments.append("--share-net")
    for path, text in (_FILES | (_FILES_WITH_NETWORK if order.network is not None else {})).items():
        arguments += ["--perms", "0444", "--file", str(readable(text.encode())), path]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += ["--bind", places[SHARED_MEMORY], SHARED_MEMORY, "--remount-ro", "/dev"]
    arguments += ["--bind", places[TEMPORARY], TEMPORARY]
    outermost_first = sorted(order.binds, key=lambda bind: bind.target.rstrip("/").count("/"))
    for bind in outermost_first:
        arguments += ["--ro-bind" if bind.kind == "read" else "--bind", places[bind.target], bind.target]
    if order.output is not None:
        arguments += ["--bind", places[order.output], order.output]
    # Last: a folder cannot be made below a read-only root.
    arguments += ["--remount-ro", "/", "--chdir", order.working_directory]
    return arguments
