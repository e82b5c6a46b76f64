"""A worker whose clock is ahead of everybody else's: `python tests/chaos/worker_ahead.py SECONDS`."""

import sys
import time

_ahead_s = float(sys.argv.pop())

_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + _ahead_s
time.time_ns = lambda: _time_ns() + int(_ahead_s * 1e9)

if __name__ == "__main__":
    from podium.worker.__main__ import main

    sys.exit(main())
