"""Write the filters of system calls that every sandboxed program runs under.

They ship compiled, one per architecture, so that a worker needs no library to use them, and once as the profile that
engines for containers take. Run this after a change of the rules: `python tools/seccomp_filters.py [FOLDER]`; it needs
pyseccomp and libseccomp 2.5.
"""

from __future__ import annotations

import errno
import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyseccomp as seccomp

FOLDER = Path(__file__).parents[1] / "src/podium/sandbox/filters"
PROFILE = "engine.json"
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


Comparison = Literal["EQ", "NE", "GT", "MASKED_EQ"]


@dataclass(frozen=True)
class Rule:
    """Refuse a call with an error number: always, or where one of its arguments compares so to `value` (with
    `MASKED_EQ`: its bits in `mask`)."""

    call: str
    error: int = errno.EPERM
    argument: int | None = None
    comparison: Comparison = "EQ"
    value: int = 0
    mask: int = 0


def rules() -> Iterator[Rule]:
    """All that is refused; whatever is not named is allowed."""
    for call in FORBIDDEN:
        yield Rule(call)
    for flag in NAMESPACES.values():
        yield Rule("clone", argument=0, comparison="MASKED_EQ", value=flag, mask=flag)
    # The flags of clone3 lie in memory, where a filter cannot look; libraries fall back to clone.
    yield Rule("clone3", errno.ENOSYS)
    kinds = stat.S_IFMT(0o170000)
    for kind in (stat.S_IFCHR, stat.S_IFBLK):
        yield Rule("mknod", argument=1, comparison="MASKED_EQ", value=kind, mask=kinds)
        yield Rule("mknodat", argument=2, comparison="MASKED_EQ", value=kind, mask=kinds)
    for request in TERMINAL_INPUT.values():
        yield Rule("ioctl", argument=1, comparison="MASKED_EQ", value=request, mask=0xFFFFFFFF)
    # Left are the families that live in a network namespace; a vsock reaches the hypervisor from any.
    for family in range(AF_NETLINK):
        if family not in {AF_UNIX, AF_INET, AF_INET6}:
            yield Rule("socket", errno.EAFNOSUPPORT, 0, "EQ", family)
    yield Rule("socket", errno.EAFNOSUPPORT, 0, "GT", AF_NETLINK)
    yield Rule("socketpair", errno.EAFNOSUPPORT, 0, "NE", AF_UNIX)


def filter_of(architecture: int) -> Any:
    """The filter for one architecture; calls made for any other one kill the program."""
    made = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    if architecture != seccomp.system_arch():
        made.add_arch(architecture)
        made.remove_arch(seccomp.system_arch())
    for rule in rules():
        made.add_rule(seccomp.ERRNO(rule.error), rule.call, *_compared(rule))
    return made


def _compared(rule: Rule) -> list[Any]:
    if rule.argument is None:
        return []
    values = (rule.mask, rule.value) if rule.comparison == "MASKED_EQ" else (rule.value,)
    return [seccomp.Arg(rule.argument, getattr(seccomp, rule.comparison), *values)]


def profile() -> dict[str, Any]:
    """The same rules for an engine, which keeps other architectures out as well unless it is told to let them in."""
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "archMap": [{"architecture": f"SCMP_ARCH_{name.upper()}", "subArchitectures": []} for name in ARCHITECTURES],
        "syscalls": [_in_profile(rule) for rule in rules()],
    }


def _in_profile(rule: Rule) -> dict[str, Any]:
    entry: dict[str, Any] = {"names": [rule.call], "action": "SCMP_ACT_ERRNO", "errnoRet": rule.error}
    if rule.argument is not None:
        masked = rule.comparison == "MASKED_EQ"
        value, other = (rule.mask, rule.value) if masked else (rule.value, 0)
        operator = f"SCMP_CMP_{rule.comparison}"
        entry["args"] = [{"index": rule.argument, "value": value, "valueTwo": other, "op": operator}]
    return entry


def write(folder: Path) -> None:
    """Write one file per architecture, and the engines' profile, into an existing folder."""
    for name, architecture in ARCHITECTURES.items():
        with (folder / f"{name}.bpf").open("wb") as target:
            filter_of(architecture).export_bpf(target)
    (folder / PROFILE).write_text(json.dumps(profile(), indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
