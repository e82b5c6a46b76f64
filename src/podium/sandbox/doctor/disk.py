"""Trials that fill what they may write to."""

from __future__ import annotations

from podium.sandbox.doctor.trials import TIGHT, Trial
from podium.sandbox.interface import Ending

_WRITTEN_MB = 16
_MADE_FILES = 4 * TIGHT.output_entries

# In many files, since a limit of one file's size is none of the disk. Where nothing is refused it waits for a moment:
# the limit may be held by somebody who looks now and then.
_FILL = """
import json, os, sys, time
mark = json.loads(sys.argv[1])["mark"]
for folder in {folders!r}:
    names = [f"{{folder}}/{{mark}}-{{number}}" for number in range({megabytes})]
    try:
        for name in names:
            with open(name, "wb") as file: file.write(bytes(1 << 20))
        time.sleep(0.5)
        print("ESCAPED {megabytes} MB in", folder, "where 4 MB are allowed", flush=True)
    except OSError: pass
    for name in names:
        if os.path.exists(name): os.unlink(name)
print("TRIED")
"""

_MANY = f"""
import time
try:
    for number in range({_MADE_FILES}):
        with open(f"/app/output/{{number}}", "w"): pass
    time.sleep(0.5)
    print("ESCAPED {_MADE_FILES} files where {TIGHT.output_entries} are allowed")
except OSError: pass
print("TRIED")
"""


def _filling(limit: str, *folders: str) -> Trial:
    return Trial(
        limit,
        "resource",
        _FILL.format(folders=folders, megabytes=_WRITTEN_MB),
        f"write {_WRITTEN_MB} MB to {' and '.join(folders)} where 4 MB are allowed",
        stopped_by=frozenset({Ending.OUTPUT_LIMIT, Ending.MEMORY_LIMIT}),
    )


OUTPUT_SIZE = _filling("output size", "/app/output")
OUTPUT_FILES = Trial(
    "output files",
    "resource",
    _MANY,
    f"write {_MADE_FILES} files where {TIGHT.output_entries} are allowed",
    stopped_by=frozenset({Ending.OUTPUT_LIMIT}),
)
TEMPORARY_FILES = _filling("temporary files", "/tmp", "/app/program")  # noqa: S108 - inside the sandbox
SHARED_MEMORY = _filling("shared memory", "/dev/shm")  # noqa: S108 - inside the sandbox
