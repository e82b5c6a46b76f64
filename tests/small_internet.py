"""A machine and a neighbour with a network between them, in two network namespaces: nothing of it is this machine's.

    machine   127.0.0.1   203.0.113.1   10.77.0.1
    outside               203.0.113.9   10.77.0.9   169.254.169.254

Both have a service at all their addresses, by TCP and UDP, which says where it is. The machine's only name server is
the neighbour, who calls himself `service.example`. It all ends with whoever made it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PORT = 8077
OUTSIDE, MACHINE = "203.0.113.9", "203.0.113.1"
NEIGHBOUR, MACHINE_NEARBY = "10.77.0.9", "10.77.0.1"
METADATA = "169.254.169.254"
NAME = "service.example"

_MACHINE = ("ip link set lo up", f"ip addr add {MACHINE}/24 dev v0", f"ip addr add {MACHINE_NEARBY}/24 dev v0")
_MACHINE_UP = ("ip link set v0 up", f"ip route add default via {OUTSIDE}")
_OUTSIDE = ("ip link set lo up", f"ip addr add {OUTSIDE}/24 dev v1", f"ip addr add {NEIGHBOUR}/24 dev v1")
_OUTSIDE_UP = (f"ip addr add {METADATA}/32 dev lo", "ip link set v1 up")

# Says where it is to whoever connects or sends a packet, and answers each question for a name with one address.
_SERVICE = f"""
import socket, socketserver, sys, threading
said = sys.argv[1].encode()
class Tcp(socketserver.BaseRequestHandler):
    def handle(self): self.request.sendall(said)
class Udp(socketserver.BaseRequestHandler):
    def handle(self): self.request[1].sendto(said, self.client_address)
class Names(socketserver.BaseRequestHandler):
    def handle(self):
        asked, way = self.request
        end = asked.index(bytes(1), 12) + 5
        is_address = asked[end - 4:end] == bytes([0, 1, 0, 1])
        head = asked[:2] + bytes([0x81, 0x80, 0, 1, 0, is_address, 0, 0, 0, 0]) + asked[12:end]
        record = bytes([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]) + socket.inet_aton({OUTSIDE!r})
        way.sendto(head + record * is_address, self.client_address)
socketserver.TCPServer.allow_reuse_address = True
servers = [socketserver.ThreadingTCPServer(("", {PORT}), Tcp), socketserver.ThreadingUDPServer(("", {PORT}), Udp)]
if said == b"outside": servers.append(socketserver.UDPServer(("", 53), Names))
for server in servers: threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class SmallInternet:
    """`machine` is the process whose network namespace is the machine's, and whose mount namespace has its settings."""

    machine: int

    def there(self, command: Sequence[str]) -> list[str]:
        """The command as it is run on the machine."""
        return ["nsenter", "--net", "--mount", "--target", str(self.machine), "--", *command]

    def on_the_machine(self, line: str) -> None:
        """Have a line of words, without quotes, done on the machine."""
        subprocess.run(self.there(line.split()), check=True, capture_output=True)


@contextmanager
def small_internet() -> Iterator[SmallInternet]:
    """Both of them, until the context ends; only root can make them."""
    with ExitStack() as stack, tempfile.NamedTemporaryFile("w", prefix="podium-names-") as names:
        machine, outside = (stack.enter_context(_namespaces()) for _ in range(2))
        made = SmallInternet(machine)
        far = SmallInternet(outside)
        names.write(f"nameserver {OUTSIDE}\n")
        names.flush()
        made.on_the_machine(f"mount --bind {names.name} {Path('/etc/resolv.conf').resolve()}")
        subprocess.run(
            f"ip link add v0 netns {machine} type veth peer name v1 netns {outside}".split(),
            check=True,
        )
        for each, lines in ((made, (*_MACHINE, *_MACHINE_UP)), (far, (*_OUTSIDE, *_OUTSIDE_UP))):
            for line in lines:
                each.on_the_machine(line)
        made.on_the_machine(f"ip route add {METADATA} via {OUTSIDE}")
        stack.enter_context(_service(made, "machine"))
        stack.enter_context(_service(far, "outside"))
        yield made


@contextmanager
def _namespaces() -> Iterator[int]:
    words = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", "echo ready; read nothing"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield holder.pid
        finally:
            holder.kill()


@contextmanager
def _service(where: SmallInternet, said: str) -> Iterator[None]:
    words = where.there([sys.executable, "-I", "-S", "-c", _SERVICE, said])
    # It ends when this process does: its input is at its end then.
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            process.kill()


def missing() -> str:
    """What to do to have it; empty where all is there."""
    if os.geteuid() != 0:
        return "only root can make networks"
    absent = [path for path in ("/usr/sbin/ip", "/usr/sbin/nft", "/usr/bin/slirp4netns") if not Path(path).exists()]
    return f"{', '.join(absent)} missing: apt install iproute2 nftables slirp4netns" if absent else ""
