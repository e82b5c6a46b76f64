"""Change the network by netlink, and listen to what the kernel tells of the machine."""

import socket
import struct

for protocol in (0, 6, 9, 12, 15, 16, 20):
    try:
        made = socket.socket(16, socket.SOCK_RAW, protocol)
    except OSError:
        continue
    try:
        made.bind((0, 0xFFFFFFFF if protocol != 0 else 0))
        if protocol == 9:
            print("breach: hears the audit of the machine")
    except OSError:
        pass
route = socket.socket(16, socket.SOCK_RAW, 0)
route.bind((0, 0))
route.settimeout(1)
# RTM_NEWLINK of a veth, with an acknowledgement
attributes = struct.pack("HH", 8, 3) + b"atk\0" + struct.pack("HH", 16, 18) + struct.pack("HH", 9, 1) + b"veth\0\0\0\0"
body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + attributes
route.send(struct.pack("IHHII", 16 + len(body), 16, 0x605, 1, 0) + body)
answer = route.recv(4096)
kind, code = struct.unpack("H", answer[4:6])[0], struct.unpack("i", answer[16:20])[0]
if kind != 2 or code == 0:
    print("breach: made an interface")
print("done")
