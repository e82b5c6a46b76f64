"""Keep four processors busy for a second, on all that can be had."""

import os
import time

try:
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
except OSError:
    pass
for _ in range(4):
    if os.fork() == 0:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            pass
        os._exit(0)
for _ in range(4):
    os.wait()
