"""One run: a process that lays out the stage, starts bwrap as the slot's user, and outlives everything it started.

It reports to the worker over a socket, in JSON objects of one line each: `ready` (with the descriptor of the output
folder), then `ended`; or `error`, when the isolation could not be set up. Closing the socket kills the run.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from podium.sandbox.keeper import kernel
from podium.sandbox.keeper.arguments import bwrap_arguments
from podium.sandbox.keeper.network import enter_network
from podium.sandbox.keeper.order import Order, in_memory
from podium.sandbox.keeper.stage import Staged, lay_out


def run(order: Order, channel: socket.socket, stdout: int, stderr: int, owners: int | None) -> None:
    """Run the order to its end in the calling process, which exists for this alone. Returns when all is dead."""
    try:
        kernel.become_subreaper()
        kernel.die_with_parent(signal.SIGKILL)
        _enter_namespaces(order)
        if order.network is not None:
            enter_network(order.network, order.cgroup_entrances)
        # Before the stage covers a folder that the filter may lie in.
        seccomp = os.open(order.seccomp, os.O_RDONLY | os.O_CLOEXEC)
        staged = lay_out(order, owners)
        status_read, status_write = os.pipe()
        child = _start(order, staged, (seccomp, status_write), stdout, stderr)
    except (OSError, ValueError) as error:
        say(channel, {"error": kernel.told(error)})
        return
    for descriptor in (seccomp, status_write, stdout, stderr):
        os.close(descriptor)
    say(channel, {"ready": os.getpid()}, [] if staged.output is None else [staged.output])
    if staged.output is not None:
        os.close(staged.output)
    await_end(child, channel)
    bury_children()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = {
        "exit_code": _exit_code(status_read),
        "cpu_s": used.ru_utime + used.ru_stime,
        "largest_process_bytes": used.ru_maxrss * 1024,
    }
    say(channel, {"ended": ended})


def bury_children() -> None:
    """Kill what still lives below this process, and wait until nothing does."""
    while True:
        for child in children():
            os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def children() -> list[int]:
    """The processes whose parent is the calling thread."""
    return [int(pid) for pid in Path("/proc/thread-self/children").read_bytes().split()]


def _enter_namespaces(order: Order) -> None:
    if order.slot_uid is not None:
        kernel.unshare(kernel.CLONE_NEWNS)
        return
    # A user namespace for each run: the kernel then counts its processes apart from those of other runs.
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWUSER)
    kernel.write_own_maps(uid, gid)


def _start(order: Order, staged: Staged, filter_and_status: tuple[int, int], stdout: int, stderr: int) -> int:
    """Fork, and make the child bwrap; returns its process id. The child joins its cgroups before anything else."""
    passed: list[int] = []

    def readable(content: bytes) -> int:
        passed.append(in_memory("podium", content))
        return passed[-1]

    seccomp, status = filter_and_status
    options = bwrap_arguments(order, staged.places, readable)
    options += ["--seccomp", str(seccomp), "--json-status-fd", str(status)]
    content = b"".join(os.fsencode(option) + b"\0" for option in options)
    arguments = [order.bwrap, "--args", str(readable(content)), "--", *order.argv]
    child = os.fork()
    if child == 0:
        _become_bwrap(order, arguments, [*passed, seccomp, status], stdout, stderr)
    for descriptor in passed:
        os.close(descriptor)
    return child


def _become_bwrap(order: Order, arguments: list[str], passed: list[int], stdout: int, stderr: int) -> NoReturn:
    try:
        for entrance in order.cgroup_entrances:
            Path(entrance).write_bytes(b"0")
        for limit, value in order.rlimits:
            hard = resource.getrlimit(limit)[1]
            lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (lowest, lowest))
        if order.processors:
            os.sched_setaffinity(0, order.processors)
        os.umask(0o000 if any(bind.kind == "shared" for bind in order.binds) else 0o022)
        if order.slot_uid is not None:
            os.setgroups([])
            os.setresgid(order.slot_uid, order.slot_uid, order.slot_uid)
            os.setresuid(order.slot_uid, order.slot_uid, order.slot_uid)
        kernel.forbid_new_privileges()
        kernel.die_with_parent(signal.SIGKILL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        for descriptor in _open_descriptors():
            os.set_inheritable(descriptor, descriptor < 3 or descriptor in passed)
        os.execve(order.bwrap, arguments, {})  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(stderr, f"bwrap: cannot be started: {error}\n".encode())
    finally:
        os._exit(127)


def _open_descriptors() -> list[int]:
    """The open descriptors of this process; none but those named to bwrap may reach a program."""
    with os.scandir("/proc/self/fd") as found:
        listed = [int(entry.name) for entry in found]
    return [descriptor for descriptor in listed if _is_open(descriptor)]


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        # The listing's own.
        return False
    return True


def await_end(child: int, channel: socket.socket) -> None:
    """Return when bwrap has ended by itself or the worker wants it dead."""
    watched = os.pidfd_open(child)
    try:
        awaited: list[socket.socket | int] = [watched, channel]
        select.select(awaited, [], [])
    finally:
        os.close(watched)


def _exit_code(status: int) -> int | None:
    """The exit code bwrap reported; None where the program never began or was killed with all the rest."""
    content = b""
    while chunk := os.read(status, 65536):
        content += chunk
    codes = [found["exit-code"] for found in _objects(content) if "exit-code" in found]
    return codes[-1] if codes else None


def _objects(content: bytes) -> Iterator[dict[str, Any]]:
    decoder, text, position = json.JSONDecoder(), content.decode("utf-8", "replace"), 0
    while begin := text.find("{", position) + 1:
        try:
            found, position = decoder.raw_decode(text, begin - 1)
        except ValueError:
            return
        yield found


def say(channel: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    """Send the worker a message, and descriptors with it."""
    line = json.dumps(message).encode() + b"\n"
    try:
        socket.send_fds(channel, [line], descriptors or [])
    except OSError:
        # The worker is gone; the run ends just the same.
        return
