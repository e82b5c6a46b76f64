"""Change what was given to be read, by every call that changes files; later runs read the same files."""

import ctypes
import fcntl
import mmap
import os

INPUT = "/app/input"
TRUTH = INPUT + "/truth"


def mapped():
    file = os.open(TRUTH, os.O_RDONLY)
    memory = mmap.mmap(file, 4, flags=mmap.MAP_SHARED, prot=mmap.PROT_WRITE)
    memory[:4] = b"lies"


def through_descriptor():
    file = os.open(TRUTH, os.O_RDONLY)
    os.write(os.open(f"/proc/self/fd/{file}", os.O_WRONLY), b"lies")


def unnamed():
    file = os.open(INPUT, os.O_TMPFILE | os.O_WRONLY)
    os.link(f"/proc/self/fd/{file}", INPUT + "/new")


def flagged():
    fcntl.ioctl(os.open(TRUTH, os.O_RDONLY), 0x40086602, (0x10).to_bytes(8, "little"))


def handled():
    if ctypes.CDLL(None, use_errno=True).name_to_handle_at(-100, TRUTH.encode(), bytes(128), bytes(8), 0):
        raise OSError


def remounted():
    if ctypes.CDLL(None, use_errno=True).mount(b"none", INPUT.encode(), None, 32 | 4096, None):
        raise OSError


calls = {
    "write": lambda: open(TRUTH, "w"),
    "append": lambda: open(TRUTH, "a"),
    "truncate": lambda: os.truncate(TRUTH, 0),
    "unlink": lambda: os.unlink(TRUTH),
    "rename": lambda: os.rename(TRUTH, INPUT + "/lie"),
    "rename over": lambda: os.rename("/tmp/lie", TRUTH),
    "rename the folder": lambda: os.rename(INPUT, "/app/old"),
    "remove the folder": lambda: os.rmdir(INPUT + "/folder"),
    "chmod": lambda: os.chmod(TRUTH, 0o777),
    "chmod of the folder": lambda: os.chmod(INPUT, 0o777),
    "chown": lambda: os.chown(TRUTH, os.getuid(), os.getgid()),
    "times": lambda: os.utime(TRUTH, (0, 0)),
    "attribute": lambda: os.setxattr(TRUTH, "user.lie", b"1"),
    "link": lambda: os.link(TRUTH, INPUT + "/again"),
    "link from elsewhere": lambda: os.link("/tmp/lie", INPUT + "/lie"),
    "link into the output": lambda: os.link(TRUTH, "/app/output/truth"),
    "link through a descriptor": lambda: os.link(f"/proc/self/fd/{os.open(TRUTH, os.O_RDONLY)}", "/app/output/truth"),
    "symbolic link": lambda: os.symlink("/tmp/lie", INPUT + "/new"),
    "folder": lambda: os.mkdir(INPUT + "/new"),
    "pipe": lambda: os.mkfifo(INPUT + "/pipe"),
    "cache of modules": lambda: os.mkdir(INPUT + "/__pycache__"),
    "shared memory": mapped,
    "descriptor": through_descriptor,
    "unnamed file": unnamed,
    "flags": flagged,
    "handle": handled,
    "mount": remounted,
}
open("/tmp/lie", "w").write("lies")
for name, call in calls.items():
    try:
        call()
        print("breach:", name)
    except OSError:
        pass
print("done", open(TRUTH).read())
