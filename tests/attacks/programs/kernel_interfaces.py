"""Write to the kernel's files, read its memory, use its devices."""

import os

for path in (
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/vm/drop_caches",
    "/proc/sys/kernel/hostname",
    "/proc/sys/fs/binfmt_misc/register",
    "/proc/sys/kernel/ns_last_pid",
    "/sys/kernel/uevent_helper",
    "/sys/power/state",
    "/sys/fs/cgroup/memory/release_agent",
    "/sys/fs/cgroup/cgroup.procs",
    "/proc/self/uid_map",
    "/proc/self/gid_map",
    "/proc/self/setgroups",
    "/proc/acpi/wakeup",
    "/dev/kmsg",
):
    try:
        with open(path, "r+b" if not path.startswith("/proc/s") else "wb", buffering=0) as file:
            file.write(b"0")
            print("breach: wrote", path)
    except (OSError, ValueError):
        pass
for path in (
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/kvm",
    "/dev/fuse",
    "/dev/net/tun",
    "/dev/sda",
    "/dev/vda",
    "/dev/nvme0n1",
    "/dev/loop0",
    "/dev/loop-control",
    "/dev/kmsg",
    "/dev/uinput",
    "/dev/vhost-vsock",
    "/dev/vsock",
    "/proc/kcore",
    "/proc/kmsg",
    "/proc/vmallocinfo",
    "/proc/timer_list",
    "/proc/sched_debug",
):
    try:
        if open(path, "rb", buffering=0).read(16):
            print("breach: read", path)
    except OSError:
        pass
try:
    if any(line.split()[0].strip("0") for line in open("/proc/kallsyms")):
        print("breach: addresses of the kernel")
except OSError:
    pass
print("done")
