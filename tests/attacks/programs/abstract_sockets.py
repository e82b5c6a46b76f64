"""Connect to unix sockets of the machine, with a name in the kernel and with one in the file system."""

import json
import os
import socket

for name in json.loads(os.environ["ATTACK_TARGETS"]):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            socket.socket(socket.AF_UNIX, kind).connect(name)
            print("breach: connected to", repr(name))
        except OSError:
            pass
print("done")
