"""Raise limits and priorities of its own."""

import ctypes
import os
import resource

LIMITS = [name for name in dir(resource) if name.startswith("RLIMIT_")]
for name in ("RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_CORE"):
    limit = getattr(resource, name)
    try:
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("breach: raised", name)
    except (ValueError, OSError):
        pass
try:
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    print("breach: nicer than others")
except OSError:
    pass
for policy in (os.SCHED_FIFO, os.SCHED_RR):
    try:
        os.sched_setscheduler(0, policy, os.sched_param(50))
        print("breach: real-time")
    except OSError:
        pass
try:
    before = int(open("/proc/self/oom_score_adj").read())
    open("/proc/self/oom_score_adj", "w").write("-1000")
    if int(open("/proc/self/oom_score_adj").read()) < before:
        print("breach: spared when memory runs out")
except OSError:
    pass
libc = ctypes.CDLL(None, use_errno=True)
number = 251 if os.uname().machine == "x86_64" else 30  # ioprio_set
if libc.syscall(number, 1, 0, (1 << 13) | 0) == 0:
    print("breach: first at the disk")
for path in ("memory.limit_in_bytes", "memory.max", "pids.max", "cgroup.procs", "tasks"):
    for folder, _, names in os.walk("/sys/fs/cgroup"):
        if path in names:
            try:
                open(os.path.join(folder, path), "w").write("0")
                print("breach: wrote", folder, path)
            except OSError:
                pass
print("done")
