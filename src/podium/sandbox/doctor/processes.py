"""Trials about processes: too many, those of others, and those that would stay."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from podium.sandbox.doctor.trials import GROUPS_ADVICE, TIGHT, Seen, Trial

_MOST_FORKS = 100
_TOO_MANY = 60

_BOMB = f"""
import os, time
made = 0
try:
    for _ in range({_MOST_FORKS}):
        if os.fork() == 0: time.sleep(2); os._exit(0)
        made += 1
except OSError: pass
if made > {_TOO_MANY}: print("ESCAPED", made, "processes where {TIGHT.processes} are allowed")
print("TRIED")
"""

_OTHERS = """
import json, os, signal, sys
mark = json.loads(sys.argv[1])["bystander"][::-1].encode()
for name in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open("/proc/" + name + "/cmdline", "rb") as file: words = file.read()
    except OSError: continue
    if mark in words:
        print("ESCAPED sight of a process outside")
        try: os.kill(int(name), signal.SIGKILL)
        except OSError: continue
        print("ESCAPED a signal to a process outside")
print("TRIED")
"""

# The daemon writes for 3 seconds at most, also where nobody ends it.
_DAEMON = """
import os, time
reading, writing = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(writing, b"x")
        for _ in range(300):
            with open("/app/output/alive", "a") as file: file.write("x")
            time.sleep(0.01)
    os._exit(0)
os.wait()
os.read(reading, 1)
print("TRIED")
"""


def _lives_on(seen: Seen) -> str:
    """Every process of the trial carries the mark on its command line."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if seen.bait.mark.encode() in (process / "cmdline").read_bytes():
                return f"process {process.name} lives on"
    return ""


def _bystander_died(seen: Seen) -> str:
    return "" if seen.bait.bystander.poll() is None else "a signal to a process outside"


PROCESSES = Trial(
    "processes",
    "resource",
    _BOMB,
    f"fork {_MOST_FORKS} times where {TIGHT.processes} processes are allowed",
    advice=GROUPS_ADVICE,
)
OTHER_PROCESSES = Trial(
    "other processes",
    "isolation",
    _OTHERS,
    "see and end a process outside",
    evidence=_bystander_died,
)
LEFT_BEHIND = Trial(
    "processes left behind",
    "isolation",
    _DAEMON,
    "leave a daemon behind that outlives its parent",
    evidence=_lives_on,
)
