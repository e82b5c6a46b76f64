"""Make files of a terabyte that take no room, by each call that can."""

import os

file = os.open("/app/output/huge", os.O_RDWR | os.O_CREAT)
for make in (
    lambda: os.ftruncate(file, 1 << 40),
    lambda: os.pwrite(file, b"x", 1 << 40),
    lambda: os.posix_fallocate(file, 0, 1 << 40),
):
    try:
        make()
        print("breach")
    except OSError as error:
        print(error.errno)
