"""A trial of the system calls that programs which compute never need, and holes in the kernel were reached through."""

from __future__ import annotations

from podium.sandbox.doctor.trials import Trial

# Each call is made in a process of its own, which a filter may kill. Arguments are such that a call that is let through
# changes nothing outside of its process; the one mount that could is on a folder made for it, and is undone.
_CALLS = """
import ctypes, errno, os, tempfile
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": dict(keyctl=250, setns=308, userfaultfd=323, bpf=321, perf_event_open=298, open_by_handle_at=304),
    "aarch64": dict(keyctl=219, setns=268, userfaultfd=282, bpf=280, perf_event_open=241, open_by_handle_at=265),
}.get(os.uname().machine, {})
def by_number(name, *arguments):
    if name in NUMBERS: return libc.syscall(NUMBERS[name], *arguments)
    ctypes.set_errno(errno.ENOSYS)
    return -1
def mount():
    folder = tempfile.mkdtemp().encode()
    done = libc.mount(b"none", folder, b"tmpfs", 0, b"size=4k")
    error = ctypes.get_errno()
    if done == 0: libc.umount2(folder, 2)
    os.rmdir(folder)
    ctypes.set_errno(error)
    return done
CALLS = {
    "user namespaces": lambda: libc.unshare(0x10000000),
    "mount": mount,
    "ptrace": lambda: libc.ptrace(0, 0, 0, 0),
    "keyctl": lambda: by_number("keyctl", 0, -3, 0),
    "io_uring": lambda: libc.syscall(425, 1, 0),
    "bpf": lambda: by_number("bpf", 0xFFFF, 0, 0),
    "perf_event_open": lambda: by_number("perf_event_open", 0, 0, -1, -1, 0),
    "userfaultfd": lambda: by_number("userfaultfd", 1),
    "setns": lambda: by_number("setns", -1, 0),
    "open_by_handle_at": lambda: by_number("open_by_handle_at", -1, 0, 0),
}
REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOSPC}
for name, call in CALLS.items():
    child = os.fork()
    if child == 0:
        ctypes.set_errno(0)
        os._exit(0 if call() == -1 and ctypes.get_errno() in REFUSALS else 3)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3: print("ESCAPED", name)
print("TRIED")
"""

SYSTEM_CALLS = Trial(
    "system calls",
    "isolation",
    _CALLS,
    "use user namespaces, mount, ptrace, keyctl, io_uring, bpf and others that the filter refuses",
)
