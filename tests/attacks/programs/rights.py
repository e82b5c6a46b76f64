"""Become somebody else: by calls, by programs of the system that have rights, by rights of files."""

import os
import shutil
import subprocess

status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
print(status["NoNewPrivs"], status["CapEff"], status["CapPrm"], status["CapInh"], status["CapAmb"], status["Seccomp"])
for become in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.setresuid(0, 0, 0)):
    try:
        become()
        print("breach: became root")
    except OSError:
        pass
for name in (
    "su",
    "sudo",
    "mount",
    "umount",
    "passwd",
    "newgrp",
    "chsh",
    "fusermount3",
    "fusermount",
    "newuidmap",
    "pkexec",
    "ping",
):
    path = shutil.which(name)
    if path and os.stat(path).st_mode & 0o6000:
        done = subprocess.run(["/bin/sh", "-c", f"exec {path} -h </dev/null >/dev/null 2>&1"], check=False)
        del done
shutil.copyfile(shutil.which("sh") or "/bin/sh", "/tmp/sh")
os.chmod("/tmp/sh", 0o6755)
said = subprocess.run(["/tmp/sh", "-c", "cat /proc/self/status"], capture_output=True, text=True, check=False).stdout
for line in said.splitlines():
    if line.startswith(("Uid:", "Gid:")) and len(set(line.split()[1:])) != 1:
        print("breach: a program with rights", line)
print("done")
