"""The worker's side of the keeper: start it once for a folder, hand it orders, let go of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import weakref
from pathlib import Path
from threading import Lock
from typing import Any

import podium
from podium.rules.errors import SandboxUnavailable
from podium.sandbox.keeper.order import Order, in_memory
from podium.sandbox.namespaces import advice_on_namespaces

_START = "import sys; sys.path.insert(0, sys.argv[1]); from podium.sandbox.keeper.serve import main; main()"
_ANSWER_TIMEOUT_S = 30.0

_spawners: weakref.WeakValueDictionary[int, Spawner] = weakref.WeakValueDictionary()
_spawners_lock = Lock()


class Spawner:
    """A running keeper. It ends when this object is forgotten, when the process ends, or when it is killed."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_ANSWER_TIMEOUT_S)
        packages = str(Path(podium.__file__).parents[1])
        command = [sys.executable, "-I", "-S", "-c", _START, packages, str(theirs.fileno())]
        # Its own session: Ctrl-C at a terminal is for the worker, which then ends its runs in order.
        self._process = subprocess.Popen(  # noqa: S603
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True, cwd="/"
        )
        theirs.close()
        self._requests = ours
        self._lock = Lock()
        self._close = weakref.finalize(self, _end, ours, self._process)
        problem = self._answer()
        if problem:
            self._close()
            raise SandboxUnavailable(
                f"The sandbox cannot get namespaces of its own: {problem}.", advice_on_namespaces()
            )

    @property
    def alive(self) -> bool:
        """Whether the keeper still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The keeper's process id."""
        return self._process.pid

    def start(self, order: Order, stdout: int, stderr: int) -> socket.socket:
        """Have the order run, writing to the two descriptors; returns the socket on which the runner reports."""
        content = order.encode()
        written = in_memory("order", content)
        ours, theirs = socket.socketpair()
        try:
            with self._lock, theirs:
                request = json.dumps({"run": len(content)}).encode()
                socket.send_fds(self._requests, [request], [written, theirs.fileno(), stdout, stderr])
        except OSError as error:
            ours.close()
            raise SandboxUnavailable(
                f"The process that starts programs is gone ({error}).", "Start the worker again."
            ) from error
        finally:
            os.close(written)
        return ours

    def share(self, folder: Path, size_bytes: int, entries: int) -> None:
        """Cover a host folder, for all runs of this keeper, by an empty file system of that size.

        A folder that is covered stays as it is. The cover goes when the host removes the folder.
        """
        wanted: dict[str, Any] = {"path": str(folder.resolve()), "size_bytes": size_bytes, "entries": entries}
        with self._lock:
            try:
                self._requests.send(json.dumps({"share": wanted}).encode())
                problem = self._answer()
            except OSError as error:
                problem = str(error)
        if problem:
            raise SandboxUnavailable(f"The shared folder {folder} cannot be made: {problem}.")

    def _answer(self) -> str:
        answer = self._requests.recv(65536)
        return str(json.loads(answer)["problem"]) if answer else "its process ended at once"


def spawner() -> Spawner:
    """The keeper of this process, started if there is none or the last one was killed.

    Raises:
        SandboxUnavailable: namespaces are forbidden here.
    """
    with _spawners_lock:
        found = _spawners.get(os.getpid())
        if found is None or not found.alive:
            found = Spawner()
            _spawners[os.getpid()] = found
        return found


def _end(requests: socket.socket, process: subprocess.Popen[bytes]) -> None:
    requests.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
