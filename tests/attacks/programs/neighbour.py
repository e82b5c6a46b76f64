"""Wait until another run in the next slot has its data, then look for it: files, memory, processes, sockets, queues."""

import ctypes
import os
import socket
import sys

word = b"of the neighbour"
for folder, folders, names in os.walk("/"):
    if folder.startswith(("/usr", "/lib", "/sys", "/opt", "/proc", sys.base_prefix)):
        folders.clear()
        continue
    for name in names:
        path = os.path.join(folder, name)
        try:
            if os.path.isfile(path) and word in open(path, "rb").read(1 << 20):
                print("breach: read", path)
        except OSError:
            pass
libc = ctypes.CDLL(None, use_errno=True)
if libc.shmget(0x504F4449, 4096, 0o600) >= 0:
    print("breach: its shared memory")
if libc.msgget(0x504F4449, 0o600) >= 0:
    print("breach: its messages")
for name in ("\0of-the-neighbour", "/tmp/of-the-neighbour"):
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print("breach: its socket", repr(name))
    except OSError:
        pass
try:
    socket.create_connection(("127.0.0.1", 40123), timeout=1)
    print("breach: its port")
except OSError:
    pass
for name in os.listdir("/proc"):
    if name.isdigit():
        try:
            if b"the-victim" in open(f"/proc/{name}/environ", "rb").read():
                print("breach: its process")
        except OSError:
            pass
print("done")
