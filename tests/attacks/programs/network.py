"""Reach services of the machine, metadata services, names, and the world."""

import json
import os
import socket

tcp, port = socket.SOCK_STREAM, json.loads(os.environ["ATTACK_TARGETS"])
targets = [
    *((socket.AF_INET, tcp, ("127.0.0.1", number)) for number in (*port, 22, 80, 5432, 6379, 8000)),
    *((socket.AF_INET6, tcp, ("::1", number)) for number in port),
    *(
        (socket.AF_INET, tcp, (address, 80))
        for address in ("169.254.169.254", "169.254.170.2", "192.0.2.1", "10.0.0.1", "172.17.0.1")
    ),
    (socket.AF_INET6, tcp, ("fd00:ec2::254", 80)),
    (socket.AF_INET6, tcp, ("2001:db8::1", 80)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("224.0.0.1", 5353)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("255.255.255.255", 67)),
]
for family, kind, address in targets:
    try:
        made = socket.socket(family, kind)
        made.settimeout(1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        made.connect(address)
        print("breach: connected", address)
    except OSError:
        pass
for name in ("example.org", "metadata.google.internal", "host.docker.internal", "gateway.containers.internal"):
    try:
        print("breach: resolved", name, socket.getaddrinfo(name, 80))
    except OSError:
        pass
for family, kind, protocol in ((2, 3, 1), (2, 3, 255), (10, 3, 58), (17, 3, 0x300), (17, 2, 3)):
    try:
        socket.socket(family, kind, protocol)
        print("breach: raw socket", family, protocol)
    except OSError:
        pass
print("interfaces", [name for _, name in socket.if_nameindex() if name != "lo"])
for path in ("/etc/resolv.conf", "/etc/hosts"):
    try:
        for line in open(path):
            words = line.split("#")[0].split()
            if words and words[0] in ("nameserver", "search", "domain"):
                print("breach: knows", *words)
    except OSError:
        pass
print("done")
