"""A worker whose clock is an hour ahead of everybody else's: `python tests/chaos/worker_ahead.py`."""

import sys
import time

AHEAD_S = 3600.0

_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + AHEAD_S
time.time_ns = lambda: _time_ns() + int(AHEAD_S * 1e9)

if __name__ == "__main__":
    from podium.worker.__main__ import main

    sys.exit(main())
