"""Trials that read and write what lies outside of the sandbox."""

from __future__ import annotations

from podium.sandbox.doctor.trials import Seen, Trial

# What it manages to make it removes at once: outside of a sandbox these are the folders of the machine.
_WRITING = """
import json, os, sys
bait = json.loads(sys.argv[1])
own = (os.path.dirname(os.__file__), os.path.dirname(bait["secret_file"]))
for folder in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/app", "/app/input_data", *own):
    made = os.path.join(folder, bait["mark"])
    try:
        with open(made, "xb"): pass
    except OSError: continue
    print("ESCAPED", folder)
    os.unlink(made)
for name in (os.path.realpath(sys.executable), "/app/input_data/file", bait["secret_file"]):
    try:
        with open(name, "r+b"): print("ESCAPED", name)
    except OSError: pass
try: os.chmod("/app/input_data/file", 0o777); print("ESCAPED the rights of an input")
except OSError: pass
try:
    with open("/app/program/file", "w") as file: file.write("changed")
except OSError: pass
print("TRIED")
"""

_READING = """
import json, os, sys
bait = json.loads(sys.argv[1])
secret = bait["secret"][::-1]
for way in ("", "/proc/1/root", "/proc/self/root/../.."):
    try:
        with open(way + bait["secret_file"]) as file:
            if secret in file.read(): print("ESCAPED", "a file" if not way else "a file by " + way)
    except OSError: pass
for door in ("/var/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock"):
    if os.path.exists(door): print("ESCAPED", door)
for name in os.environ:
    if name.startswith("PODIUM_") or any(word in name for word in ("TOKEN", "SECRET", "PASSWORD")):
        print("ESCAPED the variable", name)
for number in os.listdir("/proc/self/fd"):
    if int(number) > 2:
        try: print("ESCAPED the open descriptor of", os.readlink("/proc/self/fd/" + number))
        except OSError: pass
try: os.symlink(bait["secret_file"], "/app/output/link")
except OSError: pass
print("TRIED")
"""


def _changed_original(seen: Seen) -> str:
    original = (seen.bait.program / "file").read_text(encoding="ascii", errors="replace")
    return "" if original == "as it was" else "the original of a copied folder"


def _followed_link(seen: Seen) -> str:
    for found in seen.collected.rglob("*"):
        if found.is_file() and seen.bait.secret in found.read_text(encoding="utf-8", errors="replace"):
            return "a file behind a link in the output"
    return ""


WRITING_OUTSIDE = Trial(
    "writing outside",
    "isolation",
    _WRITING,
    "write to system folders, devices, inputs, the interpreter and the original of the program",
    evidence=_changed_original,
)
FILES_OF_THE_MACHINE = Trial(
    "files of this machine",
    "isolation",
    _READING,
    "read a file outside, directly and by links, the worker's variables, descriptors and sockets",
    evidence=_followed_link,
)
