"""Look for processes that are not its own, trace them, read them, kill them all."""

import ctypes
import json
import os
import signal

mine = [name for name in os.listdir("/proc") if name.isdigit()]
if len(mine) > 3:
    print("breach: sees", mine)
libc = ctypes.CDLL(None, use_errno=True)
targets = [1, os.getppid(), *json.loads(os.environ["ATTACK_TARGETS"])]
for pid in targets:
    if pid in (0, os.getpid()):
        continue
    if libc.ptrace(16, pid, 0, 0) == 0:
        print("breach: traces", pid)
    for part in ("mem", "environ", "root/etc/shadow", "cwd/secret", "fd/0"):
        try:
            with open(f"/proc/{pid}/{part}", "rb") as file:
                if part.endswith(("shadow", "secret")) or (part == "environ" and pid != 1 and file.read(1)):
                    print("breach: read", pid, part)
        except OSError:
            pass
    try:
        os.setpriority(os.PRIO_PROCESS, pid, 19)
        if pid not in (1, os.getppid()):
            print("breach: renices", pid)
    except OSError:
        pass
for pid in (*targets, -1):
    if pid in (0, os.getpid()):
        continue
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except OSError:
            pass
print("done")
