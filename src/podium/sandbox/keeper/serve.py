"""The keeper: one small process beside the worker that has a mount namespace of its own and forks a runner per run.

A fork of this process takes a millisecond, where starting an interpreter takes ten; and it is single-threaded, so that
its children may ask to die with it. It ends, with all runs and their cgroups, as soon as the worker is gone.

Requests come as one JSON object each over a SOCK_SEQPACKET socket: `run` with four descriptors, `share`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from podium.sandbox.keeper import kernel
from podium.sandbox.keeper.order import Order
from podium.sandbox.keeper.runner import bury_children, children, run

_LARGEST_REQUEST = 65536


class Keeper:
    """What the keeper knows: its runs and the user namespaces that show root's files as a slot's."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._runs: dict[int, tuple[str, ...]] = {}
        self._owners: dict[int, int] = {}
        self._woken, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)

    def serve(self) -> None:
        """Serve requests until the worker is gone."""
        worker = os.pidfd_open(os.getppid())
        while True:
            watched: list[socket.socket | int] = [self._requests, self._woken, worker]
            readable, _, _ = select.select(watched, [], [])
            if self._woken in readable:
                os.read(self._woken, 4096)
                self._reap()
            if worker in readable:
                break
            if self._requests in readable and not self._receive():
                break
        bury_children()
        for entrances in self._runs.values():
            _remove_groups(entrances)

    def _receive(self) -> bool:
        request, descriptors, _, _ = socket.recv_fds(self._requests, _LARGEST_REQUEST, 8, socket.MSG_CMSG_CLOEXEC)
        if not request:
            return False
        content = json.loads(request)
        if "run" in content:
            self._run(content["run"], descriptors)
        else:
            self._share(content["share"])
        return True

    def _run(self, length: int, descriptors: list[int]) -> None:
        written, channel_number, stdout, stderr = descriptors
        order = Order.decode(os.pread(written, length, 0))
        os.close(written)
        try:
            owners = self._owners_of(order.slot_uid)
        except OSError as error:
            _refuse(channel_number, kernel.told(error))
            for descriptor in (stdout, stderr):
                os.close(descriptor)
            return
        pid = os.fork()
        if pid == 0:
            _leave_for(order, channel_number, stdout, stderr, owners, self._requests)
        for descriptor in (channel_number, stdout, stderr):
            os.close(descriptor)
        self._runs[pid] = tuple(order.cgroup_entrances)

    def _share(self, wanted: dict[str, Any]) -> None:
        """Put a sized file system over a folder, seen by all runs; it goes when the host removes the folder."""
        problem = ""
        try:
            if not os.path.ismount(wanted["path"]):
                size_bytes, entries = wanted["size_bytes"], wanted["entries"]
                kernel.mount_tmpfs(wanted["path"], size_bytes=size_bytes, entries=entries, mode=0o777)
        except OSError as error:
            problem = kernel.told(error)
        self._requests.send(json.dumps({"problem": problem}).encode())

    def _owners_of(self, slot_uid: int | None) -> int | None:
        if slot_uid is None:
            return None
        if slot_uid not in self._owners:
            self._owners[slot_uid] = _namespace_of_owners(slot_uid)
        return self._owners[slot_uid]

    def _reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._runs.pop(pid, None)
            for orphan in set(children()) - set(self._runs):
                # Its runner was killed from outside.
                os.kill(orphan, signal.SIGKILL)


def _leave_for(
    order: Order, channel: int, stdout: int, stderr: int, owners: int | None, requests: socket.socket
) -> None:
    """Be a runner from here on; never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        requests.close()
        with socket.socket(fileno=channel) as channel_socket:
            run(order, channel_socket, stdout, stderr, owners)
    except Exception:  # noqa: BLE001 - the edge of a process; the worker hears of it by the closed socket
        traceback.print_exc()
    finally:
        os._exit(0)


def _refuse(channel: int, problem: str) -> None:
    """Tell the worker that the run cannot be isolated, because the system gives no user namespace."""
    with socket.socket(fileno=channel) as answering, suppress(OSError):
        answering.sendall(json.dumps({"error": problem, "of_namespaces": True}).encode() + b"\n")


def _namespace_of_owners(slot_uid: int) -> int:
    """A user namespace that, given to a mount, shows files of root as files of the slot's user.

    Raises:
        OSError: the system gives none.
    """
    ready, told = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        _hold_namespace(told)
    os.close(told)
    try:
        # Nothing is written where the child could not get its namespace; the number of the error is its exit status.
        if not os.read(ready, 1):
            _, status = os.waitpid(pid, 0)
            number = os.waitstatus_to_exitcode(status)
            pid = 0
            raise OSError(number, f"user namespace: {os.strerror(number)}")
        for table in ("uid_map", "gid_map"):
            Path(f"/proc/{pid}/{table}").write_text(f"0 {slot_uid} 1", encoding="ascii")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(ready)


def _hold_namespace(told: int) -> None:
    """Be the process that a user namespace needs to come into being; never returns."""
    try:
        kernel.unshare(kernel.CLONE_NEWUSER)
        os.write(told, b"1")
        signal.pause()
    except OSError as error:
        os._exit(error.errno or 1)
    finally:
        os._exit(0)


def _remove_groups(entrances: tuple[str, ...]) -> None:
    for entrance in entrances:
        with suppress(OSError):
            Path(entrance).parent.rmdir()


def _enter_own_namespaces() -> None:
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        kernel.unshare(kernel.CLONE_NEWNS)
    else:
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWUSER)
        kernel.write_own_maps(uid, gid)
    kernel.receive_mounts_only()


def main() -> None:
    """Serve the worker at the other end of the socket whose number is the last argument."""
    with socket.socket(fileno=int(sys.argv[-1])) as requests:
        try:
            kernel.become_subreaper()
            _enter_own_namespaces()
        except OSError as error:
            requests.send(json.dumps({"problem": kernel.told(error)}).encode())
            return
        os.chdir("/")
        requests.send(json.dumps({"problem": ""}).encode())
        Keeper(requests).serve()
