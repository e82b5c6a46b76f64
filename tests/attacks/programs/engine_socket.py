"""Look for sockets of services in all folders and in the kernel's table, and talk to each."""

import os
import socket
import stat

paths = []
for top in ("/run", "/var", "/tmp", "/dev", "/app", "/home", "/root", "/etc", "/proc/1/root/run", "/proc/1/root/var"):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            try:
                if stat.S_ISSOCK(os.lstat(path).st_mode):
                    paths.append(path)
            except OSError:
                pass
paths += [
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/dbus/system_bus_socket",
    "/run/systemd/private",
]
try:
    listed = [line.split()[-1] for line in open("/proc/net/unix").read().splitlines()[1:]]
    paths += ["\0" + name[1:] if name.startswith("@") else name for name in listed if name.startswith(("@", "/"))]
except OSError:
    pass
for path in paths:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("breach: connected to", repr(path))
    except OSError:
        pass
print("done")
