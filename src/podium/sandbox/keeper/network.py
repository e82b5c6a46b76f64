"""A network of its own for a run: it leads outside, and never to this machine, its neighbours or what serves them.

The program's packets go by a device to slirp4netns, a process in the worker's network that opens connections like any
program of the worker's. What may not be reached is refused before that, by rules in the run's own network namespace,
which belongs to root: no program in the sandbox can change them.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Sequence
from ipaddress import IPv4Address
from pathlib import Path
from typing import NoReturn

from podium.sandbox.keeper import kernel
from podium.sandbox.keeper.order import Network

# A network that exists for documentation, so that it hides nobody's machines.
_OWN = "192.0.2.0/24"
NAME_SERVER = "192.0.2.3"
"""Where slirp4netns passes questions on to the name server of the machine."""
_DEVICE = "tap0"
_READY_WITHIN_S = 20.0

NEVER = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", _OWN)
"""What nobody can allow: this machine, what serves it alone (metadata), and what is no single machine."""
NEARBY = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15")
"""Networks that are not the Internet's. They can be allowed, in whole or in part."""


def enter_network(network: Network, entrances: Sequence[str]) -> None:
    """Move the calling process to a new network namespace that is connected; its helper becomes a child of it.

    `entrances` are the files by which the helper joins the control groups of the run: its work is done for that run.

    Raises:
        OSError: it cannot be set up.
    """
    rules = rules_of(own_addresses(Path("/proc/net/fib_trie").read_text(encoding="ascii")), network.allowed)
    begin_read, begin_write = os.pipe2(os.O_CLOEXEC)
    ready_read, ready_write = os.pipe2(os.O_CLOEXEC)
    runner = os.getpid()
    if os.fork() == 0:
        _become_helper(network.slirp4netns, runner, entrances, begin_read, ready_write)
    for descriptor in (begin_read, ready_write):
        os.close(descriptor)
    try:
        kernel.unshare(kernel.CLONE_NEWNET)
        _apply(network.nft, rules)
        os.write(begin_write, b"1")
        if not select.select([ready_read], [], [], _READY_WITHIN_S)[0] or not os.read(ready_read, 1):
            raise OSError(0, "slirp4netns does not connect the network of the run")
    finally:
        os.close(begin_write)
        os.close(ready_read)


def rules_of(own: Sequence[str], allowed: Sequence[str]) -> str:
    """What nft is told. `own` are addresses of this machine; `allowed` networks that an administrator lists."""
    refuse = "reject with icmpx admin-prohibited"
    lines = [
        "type filter hook output priority 0; policy drop;",
        'oifname "lo" accept',
        f"ip daddr {NAME_SERVER} meta l4proto {{ tcp, udp }} th dport 53 accept",
        f"ip daddr {{ {', '.join((*NEVER, *own))} }} {refuse}",
        *([f"ip daddr {{ {', '.join(allowed)} }} accept"] if allowed else []),
        f"ip daddr {{ {', '.join(NEARBY)} }} {refuse}",
        "meta nfproto ipv4 accept",
        refuse,
    ]
    return "table inet podium {\nchain output {\n" + "\n".join(lines) + "\n}\n}\n"


def own_addresses(table: str) -> tuple[str, ...]:
    """The addresses of this machine, by the text of /proc/net/fib_trie, without those of its loopback."""
    found: set[IPv4Address] = set()
    address = ""
    for line in table.splitlines():
        if line.lstrip().startswith("|--"):
            address = line.split()[-1]
        elif line.split()[:3] == ["/32", "host", "LOCAL"]:
            found.add(IPv4Address(address))
    return tuple(str(each) for each in sorted(found) if not each.is_loopback)


def _apply(nft: str, rules: str) -> None:
    done = subprocess.run([nft, "-f", "-"], input=rules, capture_output=True, text=True, check=False, env={})  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it gave no reason"])[0]
        raise OSError(0, f"nft cannot protect the network of the run: {said}")


def _become_helper(program: str, runner: int, entrances: Sequence[str], begin: int, ready: int) -> NoReturn:
    """Be slirp4netns as soon as the runner has its network namespace. It gives up root's rights and most calls."""
    try:
        for entrance in entrances:
            Path(entrance).write_bytes(b"0")
        kernel.die_with_parent(signal.SIGKILL)
        if os.read(begin, 1):
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nothing, number)
            os.set_inheritable(ready, True)
            words = [
                program,
                *("--configure", "--disable-host-loopback", "--enable-sandbox", "--enable-seccomp"),
                *("--cidr", _OWN, "--ready-fd", str(ready), "--netns-type", "path", f"/proc/{runner}/ns/net", _DEVICE),
            ]
            os.execve(program, words, {})  # noqa: S606 - no shell is wanted
    except OSError:
        pass
    finally:
        os._exit(127)
