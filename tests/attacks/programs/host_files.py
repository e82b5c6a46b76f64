"""Look for files of the machine: those that every machine has, and those that it is told of (ATTACK_TARGETS)."""

import json
import os
import sys

known = (
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/ssh",
    "/root",
    "/home",
    "/var/lib",
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/podman",
    "/run/systemd",
    "/boot",
    "/srv",
    "/mnt",
    "/media",
    "/lost+found",
    "/root/.ssh",
    "/root/.gitconfig",
    "/root/.netrc",
    "/etc/machine-id",
    "/.dockerenv.secret",
    "/sys/kernel",
    "/sys/class",
    "/sys/fs/cgroup",
)
for path in (*known, *json.loads(os.environ.get("ATTACK_TARGETS", "[]"))):
    try:
        if os.path.isdir(path):
            # The interpreter that runs this may be shown below a folder of root.
            if [name for name in os.listdir(path) if not sys.base_prefix.startswith(f"{path}/{name}")]:
                print("breach: entered", path)
        else:
            open(path, "rb").read(1)
            print("breach: read", path)
    except OSError:
        pass
print("done")
