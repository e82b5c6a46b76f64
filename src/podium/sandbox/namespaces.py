"""Why a machine gives no namespaces, and the line to type, as root, that changes it."""

from __future__ import annotations

from pathlib import Path

_PRIVILEGED_STEPS = ("namespace", "uid map", "gid map", "loopback: ", "mount proc", "slave")
_SWITCHES = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
)


def advice_on(complaint: str) -> str:
    """What to type about bwrap's last words; empty where they are not about what the machine forbids.

    Where the machine restricts namespaces, bwrap may get one and be allowed nothing in it: it then fails at its first
    privileged step, and names that.
    """
    forbidden = any(step in complaint for step in _PRIVILEGED_STEPS)
    return advice_on_namespaces() if forbidden else ""


def advice_on_namespaces() -> str:
    """The line to type, as root, that allows what was refused."""
    for switch, forbidding, line in _SWITCHES:
        try:
            value = Path(switch).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if value == forbidding:
            return f"Type as root: {line}"
    return (
        "In a container, start it with `--security-opt seccomp=unconfined --security-opt systempaths=unconfined "
        "--cap-add SYS_ADMIN`; elsewhere type as root: sysctl -w user.max_user_namespaces=15000"
    )
