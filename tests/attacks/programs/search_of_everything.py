"""Walk all that can be seen, through /proc as well, and look for a word that only the machine's files hold."""

import os
import sys

word = os.environ["ATTACK_WORD"].encode()
# What the runtime is made of is long, and the same for everybody.
skipped = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/alternatives",
    "/proc/sys",
    "/proc/irq",
    "/sys",
    sys.base_prefix,
)
looked = 0
for top in ("/", "/proc/1/root", "/proc/1/cwd", "/proc/self/root/proc/1/root"):
    for folder, folders, names in os.walk(top):
        real = os.path.realpath(folder)
        if real.startswith(skipped) or (real.startswith("/proc/") and (top != "/" or "/task/" in real)):
            folders.clear()
            continue
        for name in names:
            path = os.path.join(folder, name)
            looked += 1
            try:
                found = os.stat(path)
                if not (found.st_mode & 0o170000) == 0o100000:
                    continue
                file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                content = os.read(file, 1 << 16)
                os.close(file)
            except OSError:
                continue
            if word in content and b"ATTACK_WORD" not in content:
                print("breach: found it in", path)
print("done", looked > 100)
