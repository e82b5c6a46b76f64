"""Trials that use more memory, processors, time and ink than they may."""

from __future__ import annotations

from dataclasses import replace

from podium.sandbox.doctor.trials import GROUPS_ADVICE, MEBIBYTE, TIGHT, Seen, Trial
from podium.sandbox.interface import Ending

_FLOOD_BYTES = 16 * MEBIBYTE

# The parent ends well whatever becomes of its children: an exit code would tell nothing.
_HOG = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(48 << 20)
        for i in range(0, len(held), 4096): held[i] = 1
        time.sleep(1); os._exit(7)
codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)]
if codes == [7] * 4: print("ESCAPED 192 MB where 96 MB are allowed")
print("TRIED")
"""

# Six, to get more than one processor on a machine that others keep busy, too. A quota of one allows 9 periods of 0.1 s
# in 0.8 s, a ratio of 1.13.
_SPINNERS = """
import os, time
begun = time.monotonic()
for _ in range(6):
    if os.fork() == 0:
        while time.monotonic() - begun < 0.8: pass
        os._exit(0)
for _ in range(6): os.wait()
used = sum(os.times()[:4]) / (time.monotonic() - begun)
if used > 1.4: print(f"ESCAPED {used:.1f} processors where 1 is allowed")
print("TRIED")
"""

_ENDLESS = """
import signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
end = time.monotonic() + 3
while time.monotonic() < end: pass
print("ESCAPED 3 s where 0.3 s are allowed")
"""

_FLOOD = f"""
import os
print("TRIED", flush=True)
for _ in range({_FLOOD_BYTES} >> 16): os.write(1, b"." * (1 << 16))
"""

_MANY_FILES = f"""
kept = []
try:
    for _ in range({4 * TIGHT.open_files}): kept.append(open("/dev/null"))
except OSError: pass
if len(kept) > {2 * TIGHT.open_files}: print("ESCAPED", len(kept), "files where {TIGHT.open_files} are allowed")
print("TRIED")
"""


def _everything_was_kept(seen: Seen) -> str:
    return f"{len(seen.printed) >> 20} MB" if len(seen.printed) >= _FLOOD_BYTES else ""


MEMORY = Trial(
    "memory",
    "resource",
    _HOG,
    "hold 192 MB in four processes where 96 MB are allowed",
    stopped_by=frozenset({Ending.MEMORY_LIMIT}),
    advice=GROUPS_ADVICE,
)
PROCESSORS = Trial(
    "processors",
    "resource",
    _SPINNERS,
    "keep several processors busy where 1 is allowed",
    advice=GROUPS_ADVICE,
)
TIME = Trial(
    "time",
    "resource",
    _ENDLESS,
    "run on after its time, deaf to signals",
    stopped_by=frozenset({Ending.TIME_LIMIT}),
    limits=replace(TIGHT, wall_s=0.3),
)
OPEN_FILES = Trial(
    "open files", "resource", _MANY_FILES, f"open more files than the {TIGHT.open_files} that are allowed"
)
PRINTED_TEXT = Trial(
    "printed text",
    "resource",
    _FLOOD,
    "print 16 MB where 64 kB are kept",
    stopped_by=frozenset({Ending.LOG_LIMIT}),
    evidence=_everything_was_kept,
)
