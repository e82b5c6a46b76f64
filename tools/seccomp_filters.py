"""Write the filters of system calls that every sandboxed program runs under.

They ship compiled, one per architecture, so that a worker needs no library to use them. Run this after a change of the
rules: `python tools/seccomp_filters.py [FOLDER]`; it needs pyseccomp and libseccomp 2.5.
"""

from __future__ import annotations

import errno
import stat
import sys
from pathlib import Path
from typing import Any

import pyseccomp as seccomp

FOLDER = Path(__file__).parents[1] / "src/podium/sandbox/filters"
ARCHITECTURES = {"x86_64": seccomp.Arch.X86_64, "aarch64": seccomp.Arch.AARCH64}

# What a program that computes never needs, and what the kernel's known holes were reached through.
FORBIDDEN = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"),
    *("bpf", "perf_event_open", "userfaultfd", "fanotify_init", "lookup_dcookie"),
    *("keyctl", "add_key", "request_key"),
    *("mount", "umount", "umount2", "pivot_root", "chroot", "mount_setattr"),
    *("move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick"),
    *("unshare", "setns"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("open_by_handle_at", "name_to_handle_at"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
    *("reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "vhangup"),
    *("settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname"),
    *("personality", "modify_ldt", "iopl", "ioperm", "uselib"),
)

# CLONE_NEWTIME shares its bit with the exit signal of clone, and can be asked for by clone3 or unshare alone.
NAMESPACES = {
    "CLONE_NEWNS": 0x00020000,
    "CLONE_NEWCGROUP": 0x02000000,
    "CLONE_NEWUTS": 0x04000000,
    "CLONE_NEWIPC": 0x08000000,
    "CLONE_NEWUSER": 0x10000000,
    "CLONE_NEWPID": 0x20000000,
    "CLONE_NEWNET": 0x40000000,
}

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
TERMINAL_INPUT = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C}


def filter_of(architecture: int) -> Any:
    """The filter for one architecture; calls made for any other one kill the program."""
    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    if architecture != seccomp.system_arch():
        rules.add_arch(architecture)
        rules.remove_arch(seccomp.system_arch())
    refuse = seccomp.ERRNO(errno.EPERM)
    for call in FORBIDDEN:
        rules.add_rule(refuse, call)
    for flag in NAMESPACES.values():
        rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    # The flags of clone3 lie in memory, where a filter cannot look; libraries fall back to clone.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        rules.add_rule(refuse, "mknod", seccomp.Arg(1, seccomp.MASKED_EQ, stat.S_IFMT(0o170000), kind))
        rules.add_rule(refuse, "mknodat", seccomp.Arg(2, seccomp.MASKED_EQ, stat.S_IFMT(0o170000), kind))
    for request in TERMINAL_INPUT.values():
        rules.add_rule(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    _allow_few_sockets(rules)
    return rules


def _allow_few_sockets(rules: Any) -> None:
    """Leave the families that live in a network namespace; a vsock reaches the hypervisor from any."""
    refuse = seccomp.ERRNO(errno.EAFNOSUPPORT)
    for family in range(AF_NETLINK):
        if family not in {AF_UNIX, AF_INET, AF_INET6}:
            rules.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.EQ, family))
    rules.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.GT, AF_NETLINK))
    rules.add_rule(refuse, "socketpair", seccomp.Arg(0, seccomp.NE, AF_UNIX))


def write(folder: Path) -> None:
    """Write one file per architecture into an existing folder."""
    for name, architecture in ARCHITECTURES.items():
        with (folder / f"{name}.bpf").open("wb") as target:
            filter_of(architecture).export_bpf(target)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
