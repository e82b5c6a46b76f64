"""Crash with secrets in memory, in a folder that is collected."""

import os
import signal

os.chdir("/app/output")
if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGABRT)
_, status = os.wait()
print("breach" if os.WCOREDUMP(status) else "no core", sorted(os.listdir(".")))
