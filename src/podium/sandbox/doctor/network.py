"""Trials that reach for other machines, this one, and the hypervisor."""

from __future__ import annotations

from podium.sandbox.doctor.trials import Seen, Trial

# Nobody answers at 192.0.2.1 and 2001:db8::1, which exist for documentation: a route to them is what convicts.
_NETWORK = """
import json, socket, sys
bait = json.loads(sys.argv[1])
def send(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as s: s.sendto(b"knock", address)
def call(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(0.3)
        s.connect(address)
def call_far(family, address):
    try: call(family, address)
    except (TimeoutError, ConnectionRefusedError): pass
for name, act, family, address in (
    ("UDP to another network", send, socket.AF_INET, ("192.0.2.1", 9)),
    ("TCP to another network", call_far, socket.AF_INET, ("192.0.2.1", 9)),
    ("UDP over IPv6", send, socket.AF_INET6, ("2001:db8::1", 9)),
    ("the metadata service", call_far, socket.AF_INET, ("169.254.169.254", 80)),
    ("TCP to this machine", call, socket.AF_INET, ("127.0.0.1", bait["tcp"])),
    ("a local socket of this machine", call, socket.AF_UNIX, chr(0) + bait["local"]),
):
    try: act(family, address)
    except OSError: continue
    print("ESCAPED", name)
try: send(socket.AF_INET, ("127.0.0.1", bait["udp"]))
except OSError: pass
print("TRIED")
"""

_SOCKETS = """
import socket
for name, family, kind in (
    ("vsock", 40, socket.SOCK_STREAM), ("kernel cryptography", 38, socket.SOCK_SEQPACKET),
    ("packet", 17, socket.SOCK_RAW), ("raw", socket.AF_INET, socket.SOCK_RAW), ("bluetooth", 31, socket.SOCK_RAW),
    ("tipc", 30, socket.SOCK_STREAM), ("rds", 21, socket.SOCK_SEQPACKET), ("can", 29, socket.SOCK_RAW),
    ("ipsec keys", 15, socket.SOCK_RAW), ("nfc", 39, socket.SOCK_RAW), ("qualcomm router", 42, socket.SOCK_DGRAM),
    ("express data path", 44, socket.SOCK_RAW), ("shared memory communications", 43, socket.SOCK_STREAM),
):
    try: socket.socket(family, kind).close()
    except OSError: continue
    print("ESCAPED", name)
print("TRIED")
"""

# A program with a network: by the gateway, which may be this machine or stand for its loopback, and by its addresses.
_WITH_NETWORK = """
import json, socket, struct, sys
bait = json.loads(sys.argv[1])
gateways = []
with open("/proc/net/route") as table:
    for line in list(table)[1:]:
        words = line.split()
        if words[1] == "00000000": gateways.append(socket.inet_ntoa(struct.pack("<I", int(words[2], 16))))
doors = [("this machine", (address, bait["tcp"])) for address in ["127.0.0.1", *gateways, *bait["own"]]]
for name, address in [*doors, ("the metadata service", ("169.254.169.254", 80))]:
    try: socket.create_connection(address, timeout=1).close()
    except OSError: continue
    print("ESCAPED", name, "at", address[0])
print("TRIED")
"""


def _visit(seen: Seen) -> str:
    return "a packet to this machine" if seen.bait.visited() else ""


NETWORK = Trial(
    "network",
    "isolation",
    _NETWORK,
    "reach other networks, a metadata service and this machine, by TCP, UDP and local sockets",
    evidence=_visit,
)
OTHER_SOCKETS = Trial(
    "other sockets",
    "isolation",
    _SOCKETS,
    "make a vsock and other sockets that no network namespace confines",
)
NETWORK_OF_QUEUES = Trial(
    "network of queues",
    "isolation",
    _WITH_NETWORK,
    "reach this machine by each of its addresses, and a metadata service, with a network",
    evidence=_visit,
    network=True,
    advice="Only runs of queues with a network are concerned. docs/how-to/give-programs-a-network.md says what to do.",
)
